//! `hourbook key new|show`.

use chacha20::ChaCha20Rng;
use ed25519_dalek::SigningKey;
use getrandom::SysRng;
use hourbook_ledger::domain::ids::{KeyId, PublicKey};
use hourbook_ledger::keys::public_key_to_line;
use rand_core::{Rng as _, SeedableRng as _};
use serde_json::json;

use super::args::{KeyArgs, KeyCommand};
use super::failure::{Exit, Failure};
use super::files::{passphrase, read_key, write_key};

pub(super) fn run(args: &KeyArgs) -> Result<Exit, Failure> {
    match &args.command {
        KeyCommand::New { file, passphrase: wanted, from } => {
            let wrapped = *wanted || from.passphrase_file.is_some();
            let passphrase = wrapped.then(|| passphrase(from, true)).transpose()?;
            let key = fresh_key();
            write_key(file, &key, passphrase)?;
            println!("{}", shown(&key).0);
            println!("{}", shown(&key).1);
        }
        KeyCommand::Show { file, from, json } => {
            let (id, line) = shown(&read_key(file, from)?);
            match json {
                true => println!("{}", json!({ "key_id": id, "public_key": line })),
                false => println!("{id}\n{line}"),
            }
        }
    }
    Ok(Exit::Done)
}

/// The key's id, and its public half as one line.
pub(super) fn shown(key: &SigningKey) -> (String, String) {
    let public = key.verifying_key();
    (KeyId::of(&PublicKey(public.to_bytes())).to_string(), public_key_to_line(&public))
}

/// Random numbers from the system, expanded.
pub(super) fn system_rng() -> ChaCha20Rng {
    ChaCha20Rng::try_from_rng(&mut SysRng).expect("the system has random numbers")
}

pub(super) fn fresh_key() -> SigningKey {
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    system_rng().fill_bytes(&mut *seed);
    SigningKey::from_bytes(&seed)
}

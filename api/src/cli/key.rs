//! `hourbook key`.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use hourbook_ledger::domain::ids::{KeyId, PersonId, PublicKey};
use hourbook_ledger::keys::public_key_to_line;
use hourbook_ledger::possession;
use rand_core::Rng as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::args::{EnrolArgs, KeyArgs, KeyCommand};
use super::carry_out::{Wanted, carry_out, say_recorded};
use super::common_args::CallerArgs;
use super::failure::{Exit, Failure};
use super::files::{passphrase, read_key, write_key};
use super::remote::{Remote, garbled};
use crate::state::system_rng;

pub(super) fn run(args: &KeyArgs) -> Result<Exit, Failure> {
    match &args.command {
        KeyCommand::New { file, passphrase: wanted, from } => {
            let wrapped = *wanted || from.passphrase_file.is_some();
            let passphrase = wrapped.then(|| passphrase(from, true)).transpose()?;
            let key = fresh_key();
            write_key(file, &key, passphrase)?;
            let (id, line) = shown(&key);
            say!("{id}\n{line}");
        }
        KeyCommand::Show { file, from, json } => {
            let (id, line) = shown(&read_key(file, from)?);
            match json {
                true => say!("{}", json!({ "key_id": id, "public_key": line })),
                false => say!("{id}\n{line}"),
            }
        }
        KeyCommand::Answer { file, digits, at, from } => {
            let (id, _) = shown(&read_key(file, from)?);
            let answer = answer(&Remote::at(at)?.origin()?, &id, digits);
            say!("{} {}", &answer[..3], &answer[3..]);
        }
        KeyCommand::Enrol(args) => return enrol(args),
        KeyCommand::End { key_id, person, reason, caller } => {
            let told = [("person", person), ("key", key_id), ("reason", reason)];
            let told = told.map(|(name, value)| (name.to_owned(), value.clone()));
            let wanted = Wanted::new("end-key", &told);
            let recorded = carry_out(&mut Remote::at(&caller.at)?, caller.own_key()?, &wanted)?;
            return Ok(say_recorded(&recorded, caller.json));
        }
        KeyCommand::Rotate { file, caller } => return rotate(file, caller),
    }
    Ok(Exit::Done)
}

/// What a key answers to six digits of whoever compares it, as `compare.mjs` does in the page: whoever drew them after the key
/// was on the log is answered so by another key once in a million times.
fn answer(ledger: &str, key: &str, asked: &str) -> String {
    let digest = Sha256::digest(format!("hourbook/compare/v1\n{ledger}\n{key}\n{asked}\n"));
    let first = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    format!("{:06}", first % 1_000_000)
}

/// Has the new key show itself, and the old one say that it is replaced.
fn rotate(file: &Path, caller: &CallerArgs) -> Result<Exit, Failure> {
    let (old, new) = (caller.own_key()?, read_key(file, &caller.passphrase)?);
    let mut remote = Remote::at(&caller.at)?;
    let person = remote.sign_in_as(&old)?;
    let proof = possession::prove(&new, &remote.origin()?, person);
    let told = [
        ("old-key", shown(&old).0),
        ("key", STANDARD.encode(new.verifying_key().to_bytes())),
        ("proof", STANDARD.encode(proof.0)),
    ];
    let told = told.map(|(name, value)| (name.to_owned(), value));
    let recorded = carry_out(&mut remote, old, &Wanted::new("rotate-key", &told))?;
    Ok(say_recorded(&recorded, caller.json))
}

/// Brings a key into the ledger in a session of its holder, with the signature that shows who has it.
fn enrol(args: &EnrolArgs) -> Result<Exit, Failure> {
    let key = read_key(&args.file, &args.from)?;
    let (person, position) = enrol_at(args, &key, &mut Remote::at(&args.at)?)?;
    let (id, _) = shown(&key);
    match args.json {
        true => say!("{}", json!({ "key_id": id, "member": person.to_string(), "position": position })),
        false => say!(
            "人员 {person} 的密钥 {id} 已登记，位置 {position}。授予角色时请核对这两个编号。\n\
             Key {id} of {person} is enrolled at position {position}. Whoever grants a role compares both ids."
        ),
    }
    Ok(Exit::Done)
}

fn enrol_at(args: &EnrolArgs, key: &SigningKey, remote: &mut Remote) -> Result<(PersonId, u64), Failure> {
    let origin = remote.origin()?;
    let person = remote.sign_in_by_code(&args.code)?;
    let proof = possession::prove(key, &origin, person);
    let asked = json!({
        "kind": "enrol-key",
        "key": STANDARD.encode(key.verifying_key().to_bytes()),
        "proof": STANDARD.encode(proof.0),
    });
    let receipt = remote.post("/v1/me/events", &asked)?.good()?;
    let position = receipt["position"].as_u64().ok_or_else(|| garbled(&"/v1/me/events"))?;
    Ok((person, position))
}

/// The key's id, and its public half as one line.
pub(super) fn shown(key: &SigningKey) -> (String, String) {
    let public = key.verifying_key();
    (KeyId::of(&PublicKey(public.to_bytes())).to_string(), public_key_to_line(&public))
}

pub(super) fn fresh_key() -> SigningKey {
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    system_rng().fill_bytes(&mut *seed);
    SigningKey::from_bytes(&seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same figures stand in `tests/browser/keys.mjs`.
    #[test]
    fn a_key_answers_as_it_does_in_the_page() {
        assert_eq!(answer("hours.test/town", "0f3c9a7d1e5b2846a0c4d8e2f6b19375", "381204"), "012517");
    }
}

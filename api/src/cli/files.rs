//! Key files: PKCS#8 PEM, plain or encrypted with a passphrase.

use std::io::Write as _;
use std::path::Path;

use ed25519_dalek::SigningKey;
use hourbook_ledger::keys::{
    Fresh, KeyTextError, is_encrypted, public_key_from_line, signing_key_from_encrypted_pem,
    signing_key_from_pem, signing_key_to_encrypted_pem, signing_key_to_pem,
};
use rand_core::Rng as _;
use zeroize::Zeroizing;

use super::common_args::{CallerArgs, PassphraseArgs};
use super::failure::{Both, Failure};
use crate::state::system_rng;

/// Reads a key file, asking for the passphrase if there is one.
pub(super) fn read_key(path: &Path, from: &PassphraseArgs) -> Result<SigningKey, Failure> {
    let bytes = std::fs::read(path).map(Zeroizing::new).map_err(|error| Failure::file(path, &error))?;
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let key = match is_encrypted(text) {
        true => signing_key_from_encrypted_pem(text, passphrase(from, false)?.as_bytes()),
        false => signing_key_from_pem(text),
    };
    key.map_err(|error| unreadable(path, error))
}

/// Reads the key file that `--as` names; what to say if it names none.
pub(super) fn read_own_key(
    path: Option<&Path>,
    from: &PassphraseArgs,
    without: Both,
) -> Result<SigningKey, Failure> {
    read_key(path.ok_or_else(|| Failure::usage(without))?, from)
}

impl CallerArgs {
    /// The caller's key.
    pub(super) fn own_key(&self) -> Result<SigningKey, Failure> {
        let without = both!("请用 --as 给出本人的密钥。", "Give your own key with --as.");
        read_own_key(self.key.as_deref(), &self.passphrase, without)
    }
}

fn unreadable(path: &Path, error: KeyTextError) -> Failure {
    let (zh, en) = match error {
        KeyTextError::Passphrase => {
            ("口令不正确，或文件已损坏。", "the passphrase is wrong, or the file is damaged.")
        }
        KeyTextError::Encryption => (
            "不支持这种加密方式。请用 openssl pkcs8 -topk8 -v2 aes-256-cbc -scrypt 重新加密。",
            "it is encrypted in a way that is not supported. Encrypt it anew with `openssl pkcs8 -topk8 -v2 aes-256-cbc -scrypt`.",
        ),
        _ => (
            "不是 Ed25519 私钥文件。请用 hourbook key new 生成。",
            "not an Ed25519 private key. Make one with `hourbook key new`.",
        ),
    };
    let path = path.display();
    Failure::storage(both!("{path}：{zh}", "{path}: {en}"))
}

/// Writes a key file that is readable by its owner alone; an existing one is not replaced.
pub(super) fn write_key(
    path: &Path,
    key: &SigningKey,
    passphrase: Option<Zeroizing<String>>,
) -> Result<(), Failure> {
    let pem = match passphrase {
        None => signing_key_to_pem(key),
        Some(passphrase) => {
            let mut fresh = Fresh { salt: [0; 16], iv: [0; 16] };
            let mut rng = system_rng();
            rng.fill_bytes(&mut fresh.salt);
            rng.fill_bytes(&mut fresh.iv);
            signing_key_to_encrypted_pem(key, passphrase.as_bytes(), fresh)
        }
    };
    write_new(path, pem.as_bytes(), 0o600)
}

/// Writes a new file.
pub(super) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let write = || {
        let mut file = create_new(path, mode)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error: std::io::Error| match (error.kind(), path.display()) {
        (std::io::ErrorKind::AlreadyExists, path) => Failure::storage(both!(
            "{path} 已存在，不会覆盖：请换一个文件名。",
            "{path} exists and is not replaced: choose another name."
        )),
        _ => Failure::file(path, &error),
    })
}

/// Writes a file for its owner alone in the place of one that may be there; whoever reads finds the old one or the new.
pub(super) fn write_over(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let beside = path.with_extension("new");
    let write = || {
        let _ = std::fs::remove_file(&beside);
        let mut file = create_new(&beside, 0o600)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().map_err(|error: std::io::Error| Failure::file(path, &error))
}

fn create_new(path: &Path, mode: u32) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

/// Reads a public key from a file with its `ed25519:…` line.
pub(super) fn read_public_key(path: &Path) -> Result<ed25519_dalek::VerifyingKey, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    public_key_from_line(text.trim()).map_err(|error| {
        let path = path.display();
        Failure::storage(both!(
            "{path}：不是公钥。应为 ed25519: 开头的一行，可用 hourbook key show 得到。",
            "{path}: {error}. `hourbook key show` prints it."
        ))
    })
}

/// The passphrase, from the file or asked for; twice when it is a new one.
pub(super) fn passphrase(from: &PassphraseArgs, is_new: bool) -> Result<Zeroizing<String>, Failure> {
    let text = match &from.passphrase_file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map(Zeroizing::new);
            let text = text.map_err(|error| Failure::file(path, &error))?;
            Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
        }
        None => ask("口令 passphrase: ")?,
    };
    let repeated = is_new && from.passphrase_file.is_none();
    if repeated && *ask("再输一次 again: ")? != *text {
        return Err(Failure::usage(both!("两次口令不同。", "The two passphrases differ.")));
    }
    if text.is_empty() {
        return Err(Failure::usage(both!("口令不能为空。", "The passphrase must not be empty.")));
    }
    Ok(text)
}

/// Asks on the terminal, without showing what is typed.
fn ask(question: &str) -> Result<Zeroizing<String>, Failure> {
    use std::io::{BufRead as _, IsTerminal as _};
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(both!(
            "需要口令，但没有终端可以询问：请用 --passphrase-file。",
            "A passphrase is needed and there is no terminal to ask on: use --passphrase-file."
        )));
    }
    eprint!("{question}");
    let echo = |on: &str| std::process::Command::new("stty").arg(on).status();
    let hidden = echo("-echo").is_ok();
    let mut line = Zeroizing::new(String::new());
    let read = std::io::stdin().lock().read_line(&mut line);
    if hidden {
        let _ = echo("echo");
        eprintln!();
    }
    read.map_err(|error| Failure::file(Path::new("stdin"), &error))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

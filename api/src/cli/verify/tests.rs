use std::path::Path;

use clap::Parser as _;
use ed25519_dalek::SigningKey;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::audit::Group;
use hourbook_ledger::domain::event::{Body, Role, Scope};
use hourbook_ledger::domain::ids::{KeyId, PersonId, PublicKey};
use serde_json::{Value, json};

use super::super::args::{Cli, Command};
use super::super::files::write_key;
use super::super::remote::Remote;
use super::super::tests::Served;
use super::*;
use crate::imports::tests::town::Town;
use crate::server::Serving;

/// Runs a command line to its exit code.
fn verify(args: &[&str]) -> Exit {
    let line = ["hourbook", "verify"].iter().chain(args);
    let Command::Verify(args) = Cli::try_parse_from(line).expect("the command line is right").command else {
        panic!("another command");
    };
    run(&args).unwrap_or_else(|failure| failure.exit)
}

fn grant_auditor(server: &Remote, seed: u8, key: KeyId) {
    let founder = Actor::new(PersonId([1; 16]), "town.example/test", SigningKey::from_bytes(&[1; 32]));
    let (person, role, scope) = (PersonId([seed; 16]), Role::Auditor, Scope::Ledger);
    let body = Body::appointed(person, role, scope, vec![key]);
    let signed = founder.assert(SystemClock.now(), &mut *system_rng(), body);
    let envelope: Value = serde_json::from_str(&signed.to_json()).unwrap();
    server.post("/v1/events", &json!({ "submissions": [{ "envelope": envelope }] })).unwrap().good().unwrap();
}

#[test]
fn a_ledger_is_audited_in_its_directory_and_over_http_while_it_grows() {
    let (dir, key) = Town::new().leave();
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let (pem, note, vkey) = (path("auditor.pem"), path("kept.note"), path("log.vkey"));
    write_key(pem.as_ref(), &key, None).unwrap();
    let data = dir.path().to_str().unwrap();
    assert_eq!(verify(&[data]), Exit::Done);
    assert_eq!(verify(&["--data", data]), Exit::Done, "as every command names a ledger");
    assert!(Cli::try_parse_from(["hourbook", "verify", data, "--data", data]).is_err(), "but once");
    assert_eq!(verify(&[data, "--quick", "--vault", "--json", "--threads", "3"]), Exit::Done);
    assert_eq!(verify(&[&path("nothing")]), Exit::Storage);

    let served = Served::new(dir.path(), Serving::default());
    let url = served.url();
    let server = Remote::server(&url).unwrap();
    std::fs::write(&note, server.get_bytes("/checkpoint").unwrap().1).unwrap();
    std::fs::write(&vkey, server.get_bytes("/log.vkey").unwrap().1).unwrap();
    assert_eq!(verify(&[data]), Exit::Storage, "the server has it open");
    assert_eq!(verify(&[&url]), Exit::Storage, "nobody is signed in");
    assert_eq!(verify(&[&url, "--as", &pem]), Exit::Storage, "not an auditor");
    grant_auditor(&server, 10, KeyId::of(&PublicKey(key.verifying_key().to_bytes())));
    assert_eq!(verify(&[&url, "--as", &pem, "--vkey", &vkey, "--checkpoint", &note]), Exit::Done);
    assert_eq!(verify(&["--server", &url, "--as", &pem]), Exit::Done);
    assert_eq!(verify(&[&url, "--vault"]), Exit::Usage);
    assert_eq!(
        verify(&[&format!("{url}/elsewhere"), "--as", &pem]),
        Exit::Storage,
        "no verdict, and no refusal"
    );
    // The log as of the checkpoint that the auditor kept is still served and still in order.
    let app_of_then = RemoteSource(signed_in(&url, &key));
    let then = Then { source: app_of_then, checkpoint: std::fs::read(&note).unwrap() };
    let report = audit::audit(&then, &audit::Options::default()).unwrap();
    assert_eq!(report.findings.total(), 0, "{:?}", report.findings.sorted());
    drop((server, then));
    served.end();
    assert_eq!(verify(&[&url, "--as", &pem]), Exit::Unreachable);
    assert_eq!(verify(&[data, "--checkpoint", &note]), Exit::Done);
    assert_eq!(verify(&[data, "--from", &pem]), Exit::Storage, "no snapshot");
    std::fs::write(&note, "town.example/test\n1\nAAAA\n\n— a AAAAAAAA\n").unwrap();
    assert_eq!(verify(&[data, "--checkpoint", &note]), Exit::Found(Group::History));
    flip_last_journal_file(dir.path());
    assert_eq!(verify(&[data]), Exit::Found(Group::Damage));
    assert_eq!(verify(&[data, "--json"]), Exit::Found(Group::Damage));
}

#[test]
fn a_directory_that_must_not_be_written_to_is_not_called_damaged() {
    let denied = |kind: std::io::ErrorKind| {
        refused(&EngineError::Fatal(Fatal::Io {
            doing: "lock",
            path: "log/lock".into(),
            source: kind.into(),
        }))
    };
    for kind in [ErrorKind::ReadOnlyFilesystem, ErrorKind::PermissionDenied, ErrorKind::StorageFull] {
        let failure = denied(kind).err().expect("no verdict");
        assert!(failure.exit == Exit::Storage && failure.en.contains("log/lock"), "{failure}");
    }
    assert!(matches!(denied(ErrorKind::Other), Ok(Err(_))), "a disk that cannot be read is damage");
}

fn signed_in(url: &str, key: &SigningKey) -> Remote {
    let mut remote = Remote::server(url).unwrap();
    remote.sign_in(key).unwrap();
    remote
}

/// A server as somebody sees it who has an older checkpoint.
struct Then {
    source: RemoteSource,
    checkpoint: Vec<u8>,
}

impl Source for Then {
    fn checkpoint(&self) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(Some(self.checkpoint.clone()))
    }

    fn vkey(&self) -> Result<Option<String>, SourceError> {
        self.source.vkey()
    }

    fn tile(&self, tile: &hourbook_ledger::tiles::Tile) -> Result<Option<Vec<u8>>, SourceError> {
        self.source.tile(tile)
    }
}

fn flip_last_journal_file(data: &Path) {
    let journal = std::fs::read_dir(data.join("log/journal")).unwrap();
    let last = journal.map(|item| item.unwrap().path()).max().unwrap();
    let mut bytes = std::fs::read(&last).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(last, bytes).unwrap();
}

//! A disk that fills up while a server records, and has room again: a file system of its own in memory.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use hourbook_ledger::domain::event::Body;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use hourbook_ledger::audit::{EngineSource, Options, audit};
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::envelope::Submission;
use hourbook_tests::need;
use hourbook_tests::server::{Answer, Server};
use hourbook_tests::town::*;

/// A small file system, gone with this.
struct Small {
    at: tempfile::TempDir,
}

impl Small {
    fn mounted(mebibytes: u32) -> Option<Self> {
        let at = tempfile::tempdir().unwrap();
        let size = format!("size={mebibytes}m,mode=0700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at.path()).output();
        mounted.is_ok_and(|out| out.status.success()).then_some(Self { at })
    }

    fn path(&self) -> &Path {
        self.at.path()
    }

    /// Takes all the room that there is; what is given back when the file goes.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("somebody-else");
        let file = File::create(&path).unwrap();
        let mut end = 0;
        for piece in [1 << 20, 1 << 12] {
            while file.write_all_at(&vec![1; piece], end).is_ok() {
                end += piece as u64;
            }
        }
        path
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.at.path()).output();
    }
}

fn batch(town: &Town, from: u32) -> Vec<Submission> {
    let one = |n: u32| {
        let (mut id, mut salt) = ([77; 16], [77; 32]);
        id[..4].copy_from_slice(&n.to_be_bytes());
        salt[..4].copy_from_slice(&n.to_be_bytes());
        let name = Opening::new(id, Field::Name, salt, "张三").unwrap();
        let body = Body::registered(PersonId(id), COMMUNITY, name.commitment(), None);
        Submission { openings: vec![name], ..town.by(WORKER, body) }
    };
    (from..from + 100).map(one).collect()
}

/// Registers people until there is no room for more; what was acknowledged, and the batch that was not.
fn record_until_full(town: &Town, from: u32) -> (Vec<(Vec<Submission>, Answer)>, Vec<Submission>) {
    let mut done = Vec::new();
    for round in 0..2_000 {
        let batch = batch(town, from + round * 100);
        let answer = town.server.append(&batch);
        if answer.status == 201 {
            done.push((batch, answer));
            continue;
        }
        assert_eq!((answer.status, answer.code().as_str()), (503, "disk-full"), "{}", answer.text());
        assert!(answer.header("retry-after").is_some());
        assert!(answer.text().contains("磁盘已满") && answer.text().contains("no restart is needed"));
        return (done, batch);
    }
    panic!("the disk is never full");
}

#[test]
fn a_disk_that_fills_up_while_a_server_records_stops_nothing_that_room_does_not_mend() {
    let needs = [(need::root() && need::program("mount"), "root, to mount a file system in memory")];
    if !need::all("full disk", &needs) {
        return;
    }
    let Some(small) = Small::mounted(96) else {
        let _ = need::all("full disk", &[(false, "a system that lets root mount a file system in memory")]);
        return;
    };
    let town = Town::on(Server::start_below(small.path()));
    let mut from = 0;
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let other = small.fill();
        let (done, refused) = record_until_full(&town, from);
        from += 100 * (done.len() as u32 + 1);
        println!("round {round}: {} batches of 100 on a full disk before one was refused", done.len());
        acknowledged.extend(done);
        assert_eq!(town.server.append(&refused).code(), "disk-full", "as long as it is full");
        assert_eq!(town.server.get("/healthz").status, 200);
        if let Some((batch, answer)) = acknowledged.last() {
            let again = town.server.append(batch);
            assert_eq!(
                again.json()["receipts"],
                answer.json()["receipts"],
                "what was recorded is said again"
            );
        }
        std::fs::remove_file(&other).unwrap();
        let answer = town.server.append(&refused);
        assert_eq!(answer.status, 201, "without a restart: {}", answer.text());
        acknowledged.push((refused, answer));
        assert_eq!(town.server.get("/readyz").status, 200);
    }
    let town = Town { server: town.server.restart() };
    for (batch, answer) in &acknowledged {
        let again = town.server.append(batch);
        assert_eq!(
            again.json()["receipts"],
            answer.json()["receipts"],
            "nothing that was acknowledged is lost"
        );
    }
    let app = &town.server.app;
    let source = EngineSource(app.reader.clone());
    let report = audit(&source, &Options { vault: Some(&app.vault), ..Options::default() }).unwrap();
    assert_eq!(report.findings.total(), 0, "{:?}", report.findings.sorted());
}

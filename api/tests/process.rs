//! The program as a process: how it ends, what it logs, what it says about wrong settings.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "all of it is a test, and measures time")]

#[path = "process/acts.rs"]
mod acts;
#[path = "process/clock.rs"]
mod clock;
#[path = "process/demo_town.rs"]
mod demo_town;
#[path = "process/descriptors.rs"]
mod descriptors;
#[path = "process/founding.rs"]
mod founding;
#[path = "process/imports.rs"]
mod imports;
#[path = "process/names.rs"]
mod names;
#[path = "process/readme.rs"]
mod readme;
#[path = "process/says.rs"]
mod says;
#[path = "process/standing.rs"]
mod standing;
#[path = "process/town.rs"]
mod town;
#[path = "process/vault.rs"]
mod vault;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn hourbook() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hourbook"));
    command.env_clear();
    command
}

fn ledger(root: &Path) -> std::path::PathBuf {
    let data = root.join("ledger");
    let keys = root.join("keys");
    let made = hourbook()
        .args(["init", data.to_str().unwrap(), "--origin", "process.test/town", "--keys-out"])
        .arg(&keys)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    data
}

/// A running server and its address.
fn serve(data: &Path, settings: &[(&str, &str)]) -> (Child, String) {
    serve_by(hourbook().arg("serve"), data, settings)
}

/// The same, by a command of one's own.
fn serve_by(command: &mut Command, data: &Path, settings: &[(&str, &str)]) -> (Child, String) {
    let mut server = command
        .env("HOURBOOK_DATA", data)
        .env("HOURBOOK_LISTEN", "127.0.0.1:0")
        .envs(settings.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let open = lines.map(Result::unwrap).find(|line| line.contains("open  http://")).expect("it opens");
    let address = open.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    (server, address)
}

fn signal(server: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &server.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn ended(server: &mut Child, within: Duration) -> std::process::ExitStatus {
    let begin = Instant::now();
    loop {
        if let Some(status) = server.try_wait().unwrap() {
            return status;
        }
        if begin.elapsed() > within {
            server.kill().unwrap();
            panic!("it did not end within {within:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn one_signal_ends_it_in_good_order_and_the_log_is_json() {
    let root = tempfile::tempdir().unwrap();
    let data = ledger(root.path());
    let settings = [("HOURBOOK_LOG_FORMAT", "json"), ("RUST_LOG", "warn,hourbook=debug")];
    let (mut server, address) = serve(&data, &settings);
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(get(&address, "/v1/members/0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a").contains("sign-in-required"));
    signal(&server, "-HUP");
    signal(&server, "-TERM");
    assert!(ended(&mut server, Duration::from_secs(20)).success());
    let mut log = String::new();
    server.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let said =
        |text: &str| lines.iter().any(|line| line["message"].as_str().is_some_and(|m| m.contains(text)));
    assert!(said("told to end") && said("the ledger is closed") && said("SIGHUP"), "{log}");
    assert!(lines.iter().any(|line| line["route"] == "/v1/members/{id}"), "{log}");
    assert!(!log.contains("0a0a0a0a"), "no path of a request: {log}");
}

/// What a service collects, or a file, is no terminal.
#[test]
fn a_log_that_goes_to_no_terminal_has_no_colours() {
    let root = tempfile::tempdir().unwrap();
    let (mut server, _) = serve(&ledger(root.path()), &[("RUST_LOG", "info")]);
    signal(&server, "-TERM");
    assert!(ended(&mut server, Duration::from_secs(20)).success());
    let mut log = String::new();
    server.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("told to end") && !log.contains('\u{1b}'), "{log}");
}

#[test]
fn a_second_signal_ends_it_at_once_and_nothing_is_lost() {
    let root = tempfile::tempdir().unwrap();
    let data = ledger(root.path());
    let (mut server, address) = serve(&data, &[("HOURBOOK_DRAIN_SECONDS", "600")]);
    let before = get(&address, "/checkpoint");
    let mut open = TcpStream::connect(&address).unwrap();
    open.write_all(b"POST /v1/events HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{")
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    signal(&server, "-TERM");
    std::thread::sleep(Duration::from_millis(500));
    assert!(server.try_wait().unwrap().is_none(), "it waits for what is under way");
    signal(&server, "-TERM");
    assert_eq!(ended(&mut server, Duration::from_secs(5)).code(), Some(3));
    let (mut again, address) = serve(&data, &[]);
    let body = |answer: &str| answer.split("\r\n\r\n").nth(1).unwrap().to_owned();
    assert_eq!(body(&get(&address, "/checkpoint")), body(&before));
    signal(&again, "-INT");
    assert!(ended(&mut again, Duration::from_secs(20)).success());
}

/// Everything below a directory, itself included, with its mode.
fn modes(dir: &Path) -> Vec<(std::path::PathBuf, u32)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777;
    let mut found = vec![(dir.to_owned(), mode(dir))];
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(modes(&path)),
            false => found.push((path.clone(), mode(&path))),
        }
    }
    found
}

#[test]
fn whatever_is_written_is_for_its_owner_alone() {
    let root = tempfile::tempdir().unwrap();
    let data = ledger(root.path());
    let guard = root.path().join("guard");
    let (server, address) = serve(&data, &[("HOURBOOK_GUARD", guard.to_str().unwrap())]);
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200"));
    let (backup, keys) = (root.path().join("backup"), root.path().join("backup-keys"));
    for (to, which) in [(&backup, None), (&keys, Some("--keys"))] {
        let made = hourbook().args(["backup", "--data"]).arg(&data).arg("--to").arg(to).args(which).output();
        assert!(made.unwrap().status.success());
    }
    let restored = root.path().join("restored");
    let made =
        hourbook().arg("restore").arg(&backup).arg("--keys").arg(&keys).arg("--data").arg(&restored).output();
    assert!(made.unwrap().status.success());
    let made = hourbook().args(["key", "new"]).arg(root.path().join("keys/new.pem")).output();
    assert!(made.unwrap().status.success());
    let all = [&data, &backup, &keys, &restored, &root.path().join("keys")].map(|dir| modes(dir)).concat();
    assert!(all.iter().any(|(path, _)| path.ends_with("control.sock")));
    assert!(all.iter().any(|(path, _)| path.ends_with("new.pem")));
    assert!(all.len() > 30, "{all:?}");
    for (path, mode) in all {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, expected, "{:o} {}", mode, path.display());
    }
    let (mut server, within) = (server, Duration::from_secs(20));
    signal(&server, "-TERM");
    assert!(ended(&mut server, within).success());
}

#[test]
fn wrong_settings_are_named() {
    let root = tempfile::tempdir().unwrap();
    let try_out = |args: &[&str]| -> Output { hourbook().arg("serve").args(args).output().unwrap() };
    let data = root.path().to_str().unwrap();
    for (args, code, named) in [
        (&["--data", data, "--tls-cert", "c.pem"][..], 2, "--tls-key"),
        (&["--data", data, "--tls-cert", "no-such.pem", "--tls-key", "k.pem"][..], 3, "no-such.pem"),
        (&["--data", data, "--trusted-proxy", "proxy.example"][..], 2, "proxy.example"),
        (&["--data", data, "--connections", "0"][..], 2, "--connections"),
        (&["--data", data, "--code-attempts", "0"][..], 2, "--code-attempts"),
        (&["--data", data, "--log-format", "xml"][..], 2, "--log-format"),
        (&["--data", data, "--listen", "127.0.0.1:0"][..], 3, "hourbook init"),
        (&[][..], 2, "--data"),
    ] {
        let out = try_out(args);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(named), "{args:?}: {said}");
    }
}

/// `hourbook init … | head -1` closes the pipe in the middle.
#[test]
fn whoever_stops_reading_stops_nothing_that_was_begun() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("ledger");
    let mut child = hourbook()
        .args(["init", data.to_str().unwrap(), "--origin", "process.test/town", "--keys-out"])
        .arg(root.path().join("keys"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && !said.contains("panicked"), "{said}");
    let shown = hourbook().args(["show", "ledger", "--json", "--data"]).arg(&data).output().unwrap();
    let ledger: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(ledger["size"].as_u64().is_some_and(|size| size > 5), "founding and policies: {ledger}");
}

//! `hourbook init` as a process: it founds a ledger for a place, and names the first stewards when they have keys.

use std::io::Lines;
use std::process::{ChildStdin, ChildStdout};

use super::*;

const PLACE: [&str; 6] = ["--place", "东湖街道", "--steward", "王芳", "--since", "2025-01-01"];

fn init(root: &Path) -> Command {
    let mut command = hourbook();
    command.args([
        "init",
        root.join("data").to_str().unwrap(),
        "--origin",
        "process.test/east",
        "--keys-out",
    ]);
    command.arg(root.join("keys"));
    command
}

/// A ledger that waits for its stewards.
struct Founding {
    server: Child,
    lines: Lines<BufReader<ChildStdout>>,
    answers: Option<ChildStdin>,
}

impl Founding {
    fn begin(root: &Path, args: &[&str]) -> Self {
        let mut command = init(root);
        command.args(args).args(["--listen", "127.0.0.1:0"]);
        let mut server =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let answers = server.stdin.take();
        Self { server, lines, answers }
    }

    /// What stands behind some words in the next line that has them.
    fn after(&mut self, words: &str) -> String {
        let line = self.lines.by_ref().map(Result::unwrap).find(|line| line.contains(words)).expect(words);
        line.split(words).nth(1).unwrap().to_owned()
    }

    /// The digits of the key that is to be compared.
    fn digits(&mut self) -> String {
        self.after("made a key:");
        let line = self.lines.by_ref().map(Result::unwrap).find(|line| !line.is_empty()).unwrap();
        line.replace(' ', "")
    }

    fn answer(&mut self, line: &str) {
        writeln!(self.answers.as_mut().unwrap(), "{line}").unwrap();
    }
}

/// Makes a key and brings it by a code, as the page does; the key's id.
fn enrol(root: &Path, name: &str, code: &str, url: &str) -> String {
    let file = root.join(name);
    assert!(hourbook().args(["key", "new"]).arg(&file).output().unwrap().status.success());
    let out = hourbook()
        .args(["key", "enrol"])
        .arg(&file)
        .args(["--code", code, "--server", url, "--json"])
        .output()
        .unwrap();
    let told: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    told["key_id"].as_str().expect("a key").to_owned()
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&[&out.stdout[..], &out.stderr].concat()).into_owned()
}

#[test]
fn a_steward_is_named_when_the_founder_says_that_the_digits_are_the_same() {
    let root = tempfile::tempdir().unwrap();
    let mut founding = Founding::begin(root.path(), &PLACE);
    let code = founding.after("type the code ")[..8].to_owned();
    let url = format!("http://{}", founding.after("open  http://").split('/').next().unwrap());
    let strangers = enrol(root.path(), "stranger.pem", &code, &url);
    assert_eq!(founding.digits(), strangers);
    founding.answer("y");
    founding.after("type the last 4 digits");
    founding.answer("n");
    founding.after(&format!("the key {strangers} has ended"));
    let code = founding.after("with the new code ")[..8].to_owned();
    let own = enrol(root.path(), "steward.pem", &code, &url);
    assert_eq!(founding.digits(), own, "the key that was refused is not asked about again");
    founding.answer(&own[28..]);
    founding.after("is a steward now");
    founding.after("can go into the safe");

    let register = |file: &str| {
        let orgs = hourbook().args(["show", "orgs", "--json", "--server", &url]).output().unwrap();
        let orgs: serde_json::Value = serde_json::from_slice(&orgs.stdout).unwrap();
        let parent = format!("parent={}", orgs["orgs"][0]["id"].as_str().unwrap());
        let what = ["act", "do", "register-organisation", "org-kind=community", "name=东湖社区", &parent];
        hourbook().args(what).args(["--server", &url, "--as"]).arg(root.path().join(file)).output().unwrap()
    };
    let refused = register("stranger.pem");
    assert_eq!(refused.status.code(), Some(1), "its key has ended: {}", said(&refused));
    let done = register("steward.pem");
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    clock::end(founding.server);
}

#[test]
fn who_does_not_wait_is_told_how_a_founder_names_the_key_later() {
    let root = tempfile::tempdir().unwrap();
    let out = init(root.path()).args(PLACE).args(["--steward", "李强", "--no-serve"]).output().unwrap();
    let text = said(&out);
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert_eq!(text.matches("hourbook act do grant-role person=").count(), 2, "{text}");
    assert!(
        text.contains("first policies, from 2025-01-01") && text.contains("Working days: 2025"),
        "{text}"
    );

    // Nobody sits there to compare: the server goes on, and says how it is done later.
    let other = tempfile::tempdir().unwrap();
    let mut founding = Founding::begin(other.path(), &PLACE);
    founding.answers = None;
    let code = founding.after("type the code ")[..8].to_owned();
    let url = format!("http://{}", founding.after("open  http://").split('/').next().unwrap());
    enrol(other.path(), "steward.pem", &code, &url);
    founding.after("hourbook act do grant-role person=");
    clock::end(founding.server);
}

#[test]
fn what_is_missing_or_does_not_fit_is_said_and_nothing_is_founded() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    let with = |args: &[&str]| init(root.path()).args(args).args(["--no-serve"]).output().unwrap();
    let unclear = with(&["--place", "东湖", "--steward", "王芳"]);
    assert!(
        unclear.status.code() == Some(2) && said(&unclear).contains("--place-kind"),
        "{}",
        said(&unclear)
    );
    let alone = with(&["--place", "东湖街道"]);
    assert!(alone.status.code() == Some(2) && said(&alone).contains("--steward"), "{}", said(&alone));
    let twice = with(&["--place", "东湖街道", "--steward", "王\u{202e}芳"]);
    assert!(twice.status.code() == Some(2) && said(&twice).contains("is no name"), "{}", said(&twice));
    let nameless = hourbook().arg("init").arg(&data).output().unwrap();
    assert!(nameless.status.code() == Some(2) && said(&nameless).contains("--origin"), "{}", said(&nameless));
    let long = "长".repeat(41) + "市";
    let long = with(&["--place", &long, "--steward", "王芳"]);
    assert!(long.status.code() == Some(2) && said(&long).contains("at most 120 bytes"), "{}", said(&long));
    let ahead = with(&["--place", "东湖街道", "--steward", "王芳", "--since", "2999-01-01"]);
    assert!(ahead.status.code() == Some(2) && said(&ahead).contains("--since"), "{}", said(&ahead));
    assert!(!data.join("log").exists(), "nothing is half done");
}

/// "If the only steward lost the key, a founder gives a code and names the new key."
#[test]
fn the_only_stewards_lost_key_is_replaced_by_a_founder() {
    let root = tempfile::tempdir().unwrap();
    let mut founding = Founding::begin(root.path(), &PLACE);
    let code = founding.after("type the code ")[..8].to_owned();
    let person = founding.after("编号 id  ");
    let url = format!("http://{}", founding.after("open  http://").split('/').next().unwrap());
    let lost = enrol(root.path(), "lost.pem", &code, &url);
    assert_eq!(founding.digits(), lost);
    founding.answer(&lost[28..]);
    founding.after("is a steward now");

    let by = |file: &str, args: &[&str]| {
        let key = root.path().join(file);
        let out = hourbook().args(args).args(["--server", &url, "--as"]).arg(key).output().unwrap();
        (out.status.code(), said(&out))
    };
    let (exit, told) = by("keys/founder-1.pem", &["code", "give", &person, "--json"]);
    assert_eq!(exit, Some(0), "{told}");
    let code = told.split("\"code\":\"").nth(1).expect("a code")[..8].to_owned();
    let new = enrol(root.path(), "new.pem", &code, &url);
    let register =
        |name: &str| ["org", "add", name, "--kind", "community", "--parent", "东湖街道"].map(str::to_owned);
    let register = |file: &str, name: &str| {
        let args = register(name);
        by(file, &args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(register("new.pem", "东湖社区").0, Some(1), "a key that no grant names");
    let (exit, told) = by(
        "keys/founder-1.pem",
        &["role", "grant", &person, "steward", "--org", "东湖街道", "--key-id", &new],
    );
    assert_eq!(exit, Some(0), "{told}");
    let (exit, told) = register("new.pem", "东湖社区");
    assert_eq!(exit, Some(0), "{told}");

    // The lost one is ended by both founders.
    let of_key = format!("key={lost}");
    let of_person = format!("person={person}");
    let (exit, told) =
        by("keys/founder-1.pem", &["act", "do", "end-lost-key", &of_person, &of_key, "--json"]);
    assert_eq!(exit, Some(0), "{told}");
    // Who asked for it sees its id; a founder sees nothing else of people.
    let (_, waiting) = by("keys/founder-1.pem", &["act", "list", "--json"]);
    let act = waiting.split("\"act\":\"").nth(1).expect(&waiting)[..36].to_owned();
    assert_eq!(register("lost.pem", "西湖社区").0, Some(0), "until then it holds");
    let (exit, told) = by("keys/founder-2.pem", &["act", "approve", &act]);
    assert_eq!(exit, Some(0), "{told}");
    assert_eq!(register("lost.pem", "南湖社区").0, Some(1), "the key has ended");
    clock::end(founding.server);
}

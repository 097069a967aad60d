//! What the command line says and how it ends.

use std::path::Path;

use clap::{CommandFactory as _, Parser as _};
use ed25519_dalek::SigningKey;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::args::{Cli, Command};
use super::failure::Exit;
use crate::boot::AppOptions;
use crate::imports::tests::town::Town;
use crate::server::{self, Serving, Tls};
use crate::sheet::write::write_csv;
use crate::state::App;

/// The whole help, at one width wherever the test runs.
fn help(path: &[&str]) -> String {
    let mut command = super::tree::command().term_width(100);
    command.build();
    let mut at = &mut command;
    for name in path {
        at = at.find_subcommand_mut(name).expect("the command exists");
    }
    at.render_long_help().to_string()
}

#[test]
fn six_digits_are_taken_as_they_are_said_and_nothing_else_is() {
    let asked = |digits: &str| {
        let typed = ["hourbook", "key", "answer", "me.pem", digits, "--server", "http://127.0.0.1:1"];
        Cli::try_parse_from(typed).map(drop).map_err(|refused| refused.to_string())
    };
    assert!(asked("381204").is_ok() && asked("381 204").is_ok());
    for wrong in ["38120", "3812045", "38l204", "381-204"] {
        assert!(
            asked(wrong).is_err_and(|told| told.contains("六位数字") && told.contains("six digits")),
            "{wrong}"
        );
    }
}

#[test]
fn help_is_complete_in_two_languages() {
    let paths: [&[&str]; 60] = [
        &[],
        &["demo"],
        &["init"],
        &["key"],
        &["key", "new"],
        &["key", "show"],
        &["key", "enrol"],
        &["key", "end"],
        &["key", "answer"],
        &["code"],
        &["code", "give"],
        &["act"],
        &["org"],
        &["org", "add"],
        &["org", "list"],
        &["org", "link"],
        &["person"],
        &["person", "add"],
        &["person", "find"],
        &["role"],
        &["role", "grant"],
        &["key", "rotate"],
        &["activity"],
        &["activity", "plan"],
        &["activity", "open"],
        &["activity", "sign-up"],
        &["activity", "roll"],
        &["activity", "list"],
        &["hours"],
        &["hours", "record"],
        &["hours", "confirm"],
        &["hours", "correct"],
        &["hours", "list"],
        &["wish"],
        &["wish", "post"],
        &["wish", "claim-together"],
        &["report-in"],
        &["report-in", "answer"],
        &["list"],
        &["list", "draft"],
        &["policy"],
        &["policy", "adopt", "wishes"],
        &["policy", "show"],
        &["credit"],
        &["notice"],
        &["person", "affiliate"],
        &["import"],
        &["export"],
        &["export", "org"],
        &["serve"],
        &["backup"],
        &["restore"],
        &["checkpoint"],
        &["clock"],
        &["certificate"],
        &["certificate", "show"],
        &["certificate", "make"],
        &["certificate", "renew"],
        &["show"],
        &["verify"],
    ];
    let all: Vec<String> =
        paths.iter().map(|path| format!("== {}\n{}", path.join(" "), help(path))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn wrong_command_lines_are_refused() {
    let wrong: [&[&str]; 18] = [
        &["hourbook"],
        &["hourbook", "demo", "--people", "0"],
        &["hourbook", "import", "a.csv", "--as", "k.pem", "--data", "d", "--server", "http://s"],
        &["hourbook", "import", "a.csv", "--data", "d"],
        &["hourbook", "init", "d", "--place", "东湖街道"],
        &["hourbook", "key", "show"],
        &["hourbook", "init", "d", "--origin", "a.example", "--keys-out", "k", "--utc-offset", "841"],
        &["hourbook", "init", "d", "--name", "hours.internal"],
        &["hourbook", "init", "d", "--at", "office", "--name", "hours.internal:8443"],
        &["hourbook", "init", "d", "--at", "domain", "--tls-cert", "c.pem"],
        &["hourbook", "certificate", "renew", "--data", "d"],
        &["hourbook", "serve", "--data", "d", "--header-seconds", "0"],
        &["hourbook", "serve", "--data", "d", "--request-seconds", "0"],
        &["hourbook", "serve", "--data", "d", "--request-seconds", "18446744073709551615"],
        &["hourbook", "serve", "--data", "d", "--drain-seconds", "18446744073709551615"],
        &["hourbook", "serve", "--data", "d", "--subscriber-seconds", "0"],
        &["hourbook", "serve", "--data", "d", "--subscriptions", "1000001"],
        &["hourbook", "serve", "--data", "d", "--body-bytes", "0"],
    ];
    for args in wrong {
        assert!(Cli::try_parse_from(args).is_err(), "{args:?}");
    }
}

/// Runs a command line to its exit code.
fn run(args: &[&str]) -> Exit {
    let done = match Cli::try_parse_from(args).expect("the command line is right").command {
        Command::Import(args) => super::import::run(&args),
        Command::Show(args) => super::show::run(&args),
        Command::Init(args) => super::init::run(&args),
        Command::Backup(args) => super::backup::run(&args),
        Command::Restore(args) => super::backup::restore(&args),
        Command::Checkpoint(args) => super::backup::export(&args),
        Command::Rules(args) => super::rules::run(&args),
        other => panic!("not in this test: {other:?}"),
    };
    done.unwrap_or_else(|failure| failure.exit)
}

/// A server on a ledger's directory.
pub(super) struct Served {
    pub(super) port: u16,
    runtime: Runtime,
    end: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Served {
    pub(super) fn new(dir: &Path, serving: Serving) -> Self {
        let runtime = super::runtime::runtime().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = {
            let _inside = runtime.enter();
            App::open(dir, AppOptions::system()).unwrap()
        };
        let (end, ended) = oneshot::channel();
        let serving = runtime.spawn(server::serve(app, listener, serving, async { drop(ended.await) }));
        Self { port, runtime, end, serving }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn end(self) {
        self.end.send(()).unwrap();
        self.runtime.block_on(self.serving).unwrap().unwrap();
    }
}

/// The log's size, asked through the public route.
fn size(remote: &super::remote::Remote) -> u64 {
    remote.get("/v1/ledger").unwrap().good().unwrap()["size"].as_u64().unwrap()
}

#[test]
fn a_sheet_goes_through_a_server_and_through_a_directory() {
    let town = Town::new();
    let rows = town.rows();
    let (dir, key) = town.leave();
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let (half, whole, bad, pem) = (path("half.csv"), path("whole.csv"), path("bad.csv"), path("worker.pem"));
    super::files::write_key(pem.as_ref(), &key, None).unwrap();
    std::fs::write(&half, write_csv(&rows[..3])).unwrap();
    std::fs::write(&whole, write_csv(&rows)).unwrap();
    let mut stranger = rows.clone();
    stranger[2].phone = Some("19900000099".into());
    std::fs::write(&bad, write_csv(&stranger)).unwrap();

    let served = Served::new(dir.path(), Serving::default());
    let url = served.url();
    let server = super::remote::Remote::server(&url).unwrap();
    let import = |file: &str| run(&["hourbook", "import", file, "--as", &pem, "--server", &url]);
    let before = size(&server);
    assert_eq!(run(&["hourbook", "import", &half, "--as", &pem, "--server", &url, "--dry-run"]), Exit::Done);
    assert_eq!(size(&server), before + 1, "whoever is meant by the sheet is told who asked");
    assert_eq!(import(&bad), Exit::Refused);
    let before = size(&server);
    assert_eq!(import(&half), Exit::Done);
    let after = size(&server);
    assert_eq!(after, before + 2);
    assert_eq!(import(&half), Exit::Done);
    assert_eq!(size(&server), after);
    assert_eq!(run(&["hourbook", "show", "orgs", "--server", &url, "--as", &pem]), Exit::Done);
    served.end();
    assert_eq!(import(&half), Exit::Unreachable);

    let data = dir.path().to_str().unwrap();
    let import =
        |file: &str| run(&["hourbook", "import", file, "--as", &pem, "--data", data, "--org", "听蝉社区"]);
    assert_eq!(import(&bad), Exit::Refused);
    assert_eq!(import(&whole), Exit::Done);
    assert_eq!(import(&whole), Exit::Done);
    let here = super::remote::Remote::directory(dir.path()).unwrap();
    assert_eq!(size(&here), after + 2 + 3, "and a look for each time without a server");
    drop(here);
    assert_eq!(
        run(&["hourbook", "import", &whole, "--as", &pem, "--data", files.path().to_str().unwrap()]),
        Exit::Storage
    );
}

#[test]
fn the_template_that_a_message_offers_is_written_once() {
    let files = tempfile::tempdir().unwrap();
    let path = files.path().join("空白表.xlsx");
    let path = path.to_str().unwrap();
    assert_eq!(run(&["hourbook", "import", "--template", path]), Exit::Done);
    let limits = crate::sheet::Limits::new(20_000);
    let said = crate::sheet::read(&std::fs::read(path).unwrap(), path, &limits).unwrap_err();
    assert_eq!(said.code, "no-rows", "its header is understood, and it is blank");
    assert_eq!(run(&["hourbook", "import", "--template", path, "--english"]), Exit::Storage, "it is there");
    assert!(Cli::try_parse_from(["hourbook", "import", "a.csv", "--template", path]).is_err());
}

#[test]
fn a_server_is_reached_over_tls_if_its_certificate_is_trusted() {
    use super::remote::Remote;
    let (dir, _) = Town::new().leave();
    let file = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tests/tls").join(name);
    let tls = Tls::load(&file("first.pem"), &file("first.key")).unwrap();
    let served = Served::new(dir.path(), Serving { tls: Some(tls), ..Serving::default() });
    let url = format!("https://localhost:{}", served.port);
    let asked = |roots: &str| {
        Remote::trusting(&url, Some(&file(roots))).and_then(|remote| remote.get("/v1/ledger")?.good())
    };
    assert_eq!(
        asked("ca.pem").unwrap()["size"].as_u64(),
        Some(size(&Remote::trusting(&url, Some(&file("ca.pem"))).unwrap()))
    );
    let stranger = Remote::trusting(&url, None).unwrap().get("/v1/ledger").err().unwrap();
    assert_eq!(stranger.exit, Exit::Unreachable, "no well-known authority has signed it");
    let none = asked("first.key").unwrap_err();
    assert!(none.exit == Exit::Storage && none.en.contains("no certificate"), "{none}");
    assert_eq!(asked("nothing.pem").unwrap_err().exit, Exit::Storage);
    assert_eq!(none.json()["failure"]["exit"], 3);
    served.end();
}

#[test]
fn a_file_that_names_no_witness_is_refused_also_without_a_checkpoint() {
    let (dir, _) = Town::new().leave();
    let files = tempfile::tempdir().unwrap();
    let witness = files.path().join("witness");
    std::fs::write(&witness, "hello\n").unwrap();
    let (data, to) = (dir.path().to_str().unwrap(), files.path().join("backup"));
    let backup = ["hourbook", "backup", "--data", data, "--to", to.to_str().unwrap()];
    assert_eq!(run(&[&backup[..], &["--witness", witness.to_str().unwrap()]].concat()), Exit::Storage);
    assert_eq!(run(&backup), Exit::Done);
}

#[test]
fn a_founder_adopts_later_rules_and_nobody_else() {
    let (dir, worker) = Town::new().leave();
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let (founder_pem, worker_pem) = (path("founder.pem"), path("worker.pem"));
    super::files::write_key(founder_pem.as_ref(), &SigningKey::from_bytes(&[1; 32]), None).unwrap();
    super::files::write_key(worker_pem.as_ref(), &worker, None).unwrap();
    let data = dir.path().to_str().unwrap();
    let version = || {
        let here = super::remote::Remote::directory(dir.path()).unwrap();
        let rules = here.get("/v1/rules").unwrap().good().unwrap();
        drop(here);
        rules["version"].as_u64().unwrap()
    };
    let adopt = |pem: &str, n: &str| run(&["hourbook", "rules", "--data", data, "--adopt", n, "--as", pem]);
    assert_eq!((run(&["hourbook", "rules", "--data", data]), version()), (Exit::Done, 1));
    assert_eq!(
        (adopt(&worker_pem, "2"), adopt(&founder_pem, "99"), version()),
        (Exit::Refused, Exit::Refused, 1)
    );
    // There is a second version only where one is planted.
    let planted = hourbook_ledger::domain::rules::NEWEST > 1;
    let expected = if planted { (Exit::Done, 2) } else { (Exit::Refused, 1) };
    assert_eq!((adopt(&founder_pem, "2"), version()), expected);
    assert_eq!((adopt(&founder_pem, "2"), run(&["hourbook", "rules"])), (Exit::Refused, Exit::Usage));
    assert!(Cli::try_parse_from(["hourbook", "rules", "--data", data, "--adopt", "2"]).is_err(), "no key");
}

#[test]
fn key_files_open_with_their_passphrase_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (file, words, wrong) = (dir.path().join("k.pem"), dir.path().join("words"), dir.path().join("wrong"));
    std::fs::write(&words, "correct horse\n").unwrap();
    std::fs::write(&wrong, "battery staple\n").unwrap();
    let from = |file: &Path| super::common_args::PassphraseArgs { passphrase_file: Some(file.to_owned()) };
    let key = super::key::fresh_key();
    let passphrase = super::files::passphrase(&from(&words), true).unwrap();
    super::files::write_key(&file, &key, Some(passphrase)).unwrap();
    assert_eq!(super::files::read_key(&file, &from(&words)).unwrap().to_bytes(), key.to_bytes());
    assert_eq!(super::files::read_key(&file, &from(&wrong)).unwrap_err().exit, Exit::Storage);
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(super::files::write_key(&file, &key, None).is_err());
}

/// What `hourbook serve` says to a command line before it would listen: nothing if the ledger opens.
fn refusal(args: &[&str]) -> Option<super::failure::Failure> {
    let Command::Serve(args) = Cli::try_parse_from(args).unwrap().command else { panic!("not serve") };
    let opened = || {
        let guard = super::serve::Guarding::new(&args)?;
        let runtime = super::runtime::runtime()?;
        let _inside = runtime.enter();
        let mut options = AppOptions::system();
        options.node.engine.known = guard.known.clone();
        let app = App::open(&args.data, options)?;
        let stood = guard.stand(&app);
        app.close();
        stood
    };
    opened().err()
}

#[test]
fn a_running_ledger_is_backed_up_restored_and_guarded_against_its_own_past() {
    let town = Town::new();
    let rows = town.rows();
    let (dir, key) = town.leave();
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name).to_str().unwrap().to_owned();
    let data = dir.path().to_str().unwrap().to_owned();
    let (to, keys, restored) = (path("ledger"), path("keys"), path("restored"));
    let (early, late, guard) = (path("early"), path("late"), path("guard"));
    let (sheet, pem) = (path("rows.csv"), path("worker.pem"));
    super::files::write_key(pem.as_ref(), &key, None).unwrap();
    std::fs::write(&sheet, write_csv(&rows)).unwrap();

    // Nobody has it open: the commands open it themselves.
    assert_eq!(run(&["hourbook", "backup", "--data", &data, "--to", &to]), Exit::Done);
    assert_eq!(run(&["hourbook", "checkpoint", "--data", &data, "--out", &early]), Exit::Done);
    let copy = path("copy");
    copy_dir(dir.path(), copy.as_ref());
    let served = Served::new(dir.path(), Serving::default());
    let url = served.url();
    use std::os::unix::fs::PermissionsExt as _;
    let socket = std::fs::metadata(dir.path().join("control.sock")).unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    assert_eq!(run(&["hourbook", "import", &sheet, "--as", &pem, "--server", &url]), Exit::Done);

    // The server has it open: they go through the server.
    assert_eq!(run(&["hourbook", "checkpoint", "--server", &url, "--out", &late]), Exit::Done);
    assert_eq!(run(&["hourbook", "checkpoint", "--data", &data, "--out", &guard]), Exit::Done);
    assert_eq!(std::fs::read(&late).unwrap(), std::fs::read(&guard).unwrap());
    let stale = run(&["hourbook", "restore", &to, "--keys", &keys, "--data", &restored]);
    assert_eq!(stale, Exit::Storage, "there is no backup of keys yet");
    assert_eq!(run(&["hourbook", "backup", "--data", &data, "--to", &keys, "--keys"]), Exit::Done);
    assert_eq!(run(&["hourbook", "backup", "--data", &data, "--to", &to, "--keys"]), Exit::Storage);
    let behind =
        run(&["hourbook", "restore", &to, "--keys", &keys, "--data", &restored, "--not-before", &late]);
    assert_eq!(behind, Exit::Storage, "the backup is older than what was published");
    assert!(!Path::new(&restored).join("log").exists());
    let with = |note: &str| run(&["hourbook", "backup", "--data", &data, "--to", &to, "--not-before", note]);
    assert_eq!(with(&late), Exit::Done);
    assert_eq!(with(&pem), Exit::Storage, "a key is no checkpoint");
    assert_eq!(run(&["hourbook", "checkpoint", "--server", &url, "--out", &sheet]), Exit::Refused);
    served.end();
    assert!(!dir.path().join("control.sock").exists());

    let good =
        run(&["hourbook", "restore", &to, "--keys", &keys, "--data", &restored, "--not-before", &late]);
    assert_eq!(good, Exit::Done);
    let show = |dir: &str| super::remote::Remote::directory(dir.as_ref()).unwrap();
    let (old, new) = (show(&data), show(&restored));
    for path in ["/v1/ledger", "/v1/orgs", "/v1/leaderboards/ledger"] {
        let (old, new) = (old.get(path).unwrap().good(), new.get(path).unwrap().good());
        assert_eq!(old.unwrap(), new.unwrap(), "{path}");
    }
    drop((old, new));

    let serve = |more: &[&str]| refusal(&[&["hourbook", "serve", "--data", &restored], more].concat());
    assert!(serve(&["--not-before", &early, "--not-before", &late, "--guard", &guard]).is_none());
    let (foreign, other, founders) = (path("foreign"), path("other"), path("founders"));
    let founded = ["hourbook", "init", &other, "--origin", "o.example/town", "--keys-out", &founders];
    assert_eq!(run(&founded), Exit::Done);
    assert_eq!(run(&["hourbook", "checkpoint", "--data", &other, "--out", &foreign]), Exit::Done);
    let by_another_key = serve(&["--not-before", &foreign]).unwrap();
    assert!(by_another_key.en.contains("not a checkpoint that this ledger's key"), "{by_another_key}");
    assert_eq!(run(&["hourbook", "checkpoint", "--data", &other, "--out", &late]), Exit::Refused);
    // The directory as it was copied in the morning.
    let of_copy = |more: &[&str]| refusal(&[&["hourbook", "serve", "--data", &copy], more].concat());
    for known in [["--not-before", late.as_str()], ["--guard", guard.as_str()]] {
        let refused = of_copy(&known).expect("the copy is older than what was published");
        let text = refused.to_string();
        assert!(text.contains("this is an old copy") && text.contains("这是一份旧拷贝"), "{text}");
        assert!(text.matches("hourbook restore").count() >= 2, "{text}");
    }
    assert!(of_copy(&["--not-before", &early]).is_none());
    let (to, keys) = (path("from copy"), path("keys from copy"));
    assert_eq!(run(&["hourbook", "backup", "--data", &copy, "--to", &keys, "--keys"]), Exit::Done);
    let refused = run(&["hourbook", "backup", "--data", &copy, "--to", &to, "--not-before", &late]);
    assert_eq!(refused, Exit::Storage);
}

fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let path = item.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy_dir(&path, &to),
            false => drop(std::fs::copy(&path, &to).unwrap()),
        }
    }
}

/// The configuration of `hourbook serve` as a table for the manual.
fn configuration() -> String {
    let command = Cli::command();
    let serve = command.find_subcommand("serve").expect("the command exists");
    let mut text = String::from("| flag | environment | default | meaning |\n|---|---|---|---|\n");
    for arg in serve.get_arguments().filter(|arg| arg.get_id() != "help") {
        let flag = arg.get_long().expect("every setting has a long flag");
        let env = arg.get_env().map_or_else(String::new, |env| format!("`{}`", env.to_string_lossy()));
        let defaults: Vec<_> =
            arg.get_default_values().iter().map(|d| format!("`{}`", d.to_string_lossy())).collect();
        let help = arg.get_help().expect("every setting is explained").to_string().replace('\n', " / ");
        text.push_str(&format!("| `--{flag}` | {env} | {} | {help} |\n", defaults.join(" ")));
    }
    text
}

/// Sections of the operator's manual that are made from the code. Set `HOURBOOK_WRITE_DOCS` to write them.
#[test]
fn the_operators_manual_shows_settings_and_metrics_as_they_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/OPERATIONS.md");
    let text = std::fs::read_to_string(path).expect("the manual is there");
    let mut made = text.clone();
    for (name, section) in [("configuration", configuration()), ("metrics", crate::http::metrics::markdown())]
    {
        let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->"));
        let (before, rest) = made.split_once(&begin).unwrap_or_else(|| panic!("no {begin} in the manual"));
        let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end} in the manual"));
        made = format!("{before}{begin}{section}{end}{after}");
    }
    if std::env::var_os("HOURBOOK_WRITE_DOCS").is_some() {
        std::fs::write(path, &made).expect("the manual can be written");
    } else {
        assert!(
            made == text,
            "OPERATIONS.md is behind: HOURBOOK_WRITE_DOCS=1 cargo test -p hourbook operators"
        );
    }
}

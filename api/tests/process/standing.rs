//! Where a ledger stands: this computer, an office network with an authority of its own, a domain; and what is refused
//! before anything is founded.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use hourbook::server::certificates::{Authority, Certificate};
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::domain::time::Millis;

use super::clock::end;
use super::*;

const OFFICE: [&str; 7] = ["--at", "office", "--name", "localhost", "--name", "192.168.7.31", "--listen"];

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&[&out.stdout[..], &out.stderr].concat()).into_owned()
}

fn init(root: &Path, args: &[&str]) -> Output {
    hourbook()
        .args(["init", root.join("data").to_str().unwrap(), "--origin", "process.test/east", "--keys-out"])
        .arg(root.join("keys"))
        .args(args)
        .output()
        .unwrap()
}

fn office(root: &Path) -> PathBuf {
    let out = init(root, &[&OFFICE[..], &["127.0.0.1:0"]].concat());
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    root.join("data")
}

/// Serves a ledger by what stands in its directory; its port.
fn serve_as_it_stands(data: &Path) -> (Child, String) {
    let mut server = hourbook()
        .args(["serve", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let listening =
        lines.map(Result::unwrap).find(|line| line.contains("listening on ")).expect("it listens");
    (server, listening.rsplit(':').next().unwrap().to_owned())
}

/// The ledger as a stranger's command reads it, who trusts the authority of a file.
fn shown(url: &str, trusted: &Path) -> Output {
    hourbook().args(["show", "ledger", "--server", url]).env("SSL_CERT_FILE", trusted).output().unwrap()
}

#[test]
fn an_office_that_only_this_machine_reaches_is_told_so() {
    let root = tempfile::tempdir().unwrap();
    let data = office(root.path());
    let mut server = hourbook()
        .args(["serve", "--data"])
        .arg(&data)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    for line in BufReader::new(server.stdout.take().unwrap()).lines().map(Result::unwrap) {
        said += &line;
        if line.contains("listening on ") {
            break;
        }
    }
    assert!(said.contains("其他电脑打不开") && said.contains("no other computer reaches it"), "{said}");
    assert!(said.contains("--listen 0.0.0.0:"), "{said}");
    end(server);
}

#[test]
fn no_authority_is_made_for_a_name_that_others_have_below() {
    let root = tempfile::tempdir().unwrap();
    let out = init(root.path(), &["--at", "office", "--name", "192.168.7.31", "--name", "com.cn"]);
    let text = said(&out);
    assert_eq!(out.status.code(), Some(2), "{text}");
    for part in [
        "为 com.cn 建立的颁发机构可以冒充别人的网站",
        "com.cn could certify other people's sites",
        "hours.example.org",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!root.path().join("data").exists() && !root.path().join("keys").exists(), "nothing was founded");
}

#[test]
fn an_office_has_an_authority_of_its_own_and_serve_needs_to_be_told_nothing() {
    let root = tempfile::tempdir().unwrap();
    let out = init(root.path(), &[&OFFICE[..], &["127.0.0.1:0"]].concat());
    let text = said(&out);
    let data = root.path().join("data");
    let own = Certificate::read(&data.join("tls/ca.pem")).unwrap();
    for expected in [
        &own.fingerprint(),
        "http://localhost:0/ca.crt",
        "certutil -addstore Root ca.crt",
        "证书信任设置",
        "Certificate Trust Settings",
        "CA 证书",
        "360 须用极速模式",
        "into the safe with the founders' keys",
        "hourbook certificate renew --data",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let print = ["x509", "-noout", "-fingerprint", "-sha256", "-in"];
    match Command::new("openssl").args(print).arg(data.join("tls/ca.pem")).output() {
        Ok(out) => {
            let theirs = String::from_utf8_lossy(&out.stdout).replace(':', "");
            assert!(theirs.trim().ends_with(&own.fingerprint().replace(' ', "")), "{theirs}");
        }
        Err(_) => {
            println!("skipped: there is no openssl");
            assert!(std::env::var_os("HOURBOOK_REQUIRE_ALL").is_none());
        }
    }
    let key = root.path().join("keys/authority.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let secret = std::fs::read_to_string(&key).unwrap();
    for (path, mode) in modes(&data) {
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        let kept = if path.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        let text = String::from_utf8_lossy(&kept);
        assert!(!text.contains(secret.trim()), "the authority's key is in {}", path.display());
    }

    let (server, port) = serve_as_it_stands(&data);
    let url = format!("https://localhost:{port}");
    let seen = shown(&url, &data.join("tls/ca.pem"));
    assert_eq!(seen.status.code(), Some(0), "{}", said(&seen));
    let stranger = hourbook().args(["show", "ledger", "--server", &url]).output().unwrap();
    assert_eq!(stranger.status.code(), Some(4), "{}", said(&stranger));
    end(server);
}

#[test]
fn a_certificate_is_renewed_by_the_authoritys_key_alone_and_a_server_takes_it_over() {
    let root = tempfile::tempdir().unwrap();
    let data = office(root.path());
    let (served, own) = (data.join("tls/server.pem"), data.join("tls/ca.pem"));
    let before = [&served, &own].map(|file| std::fs::read(file).unwrap());
    let (server, port) = serve_as_it_stands(&data);
    let certificate =
        |args: &[&str]| hourbook().arg("certificate").args(args).arg("--data").arg(&data).output().unwrap();
    let key = root.path().join("keys/authority.key");
    let renew = |more: &[&str]| {
        certificate(&[&["renew", "--authority-key", key.to_str().unwrap()][..], more].concat())
    };

    let founder = root.path().join("keys/founder-1.pem");
    let other = certificate(&["renew", "--authority-key", founder.to_str().unwrap()]);
    assert!(
        other.status.code() == Some(1) && said(&other).contains("tls/ca.pem; for names beyond"),
        "{}",
        said(&other)
    );
    let none = certificate(&["renew", "--authority-key", "no-such.key"]);
    assert!(none.status.code() == Some(3) && said(&none).contains("no-such.key"), "{}", said(&none));
    let beyond = renew(&["--name", "another.internal"]);
    assert!(
        beyond.status.code() == Some(1) && said(&beyond).contains("may not certify another.internal"),
        "{}",
        said(&beyond)
    );
    assert_eq!(std::fs::read(&served).unwrap(), before[0], "what was refused changed nothing");

    let done = renew(&["--name", "localhost", "--name", "192.168.3.9"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert_eq!(std::fs::read(&own).unwrap(), before[1], "nobody has to trust anew");
    let names = Certificate::read(&served).unwrap().names;
    assert!(
        names.contains(&"192.168.3.9".parse().unwrap()) && !names.contains(&"192.168.7.31".parse().unwrap())
    );
    signal(&server, "-HUP");
    let log_says = Instant::now();
    let url = format!("https://localhost:{port}");
    while !said(&shown(&url, &own)).contains("process.test/east") {
        assert!(log_says.elapsed() < Duration::from_secs(10), "{}", said(&shown(&url, &own)));
    }
    let log = end(server);
    assert!(log.contains("the TLS certificate was read again"), "{log}");
    let shown = certificate(&["show"]);
    assert!(
        said(&shown).contains("192.168.3.9") && said(&shown).contains("395 天 days left"),
        "{}",
        said(&shown)
    );
}

#[test]
fn what_nears_its_end_is_said_at_the_start_and_what_is_over_too() {
    let root = tempfile::tempdir().unwrap();
    let data = office(root.path());
    let hosts = ["localhost".parse().unwrap()];
    let now = SystemClock.now();
    let begin = |days: i64| {
        let then = Millis(now.0 - days * 86_400_000);
        let authority = Authority::make("process.test/east", &hosts, then).unwrap();
        std::fs::write(data.join("tls/server.pem"), authority.certify(&hosts, then).unwrap().as_bytes())
            .unwrap();
        end(serve_as_it_stands(&data).0)
    };
    assert!(!begin(300).contains("certificate"), "it is good for a while");
    let near = begin(380);
    assert!(near.contains("nears its end") && near.contains("hourbook certificate renew"), "{near}");
    let over = begin(400);
    assert!(over.contains("is over, and browsers do not take it any more"), "{over}");
    begin(0);
    let then = Millis(now.0 - 3_640 * 86_400_000);
    let old = Authority::make("process.test/east", &hosts, then).unwrap();
    std::fs::write(data.join("tls/ca.pem"), old.certificate()).unwrap();
    let last = end(serve_as_it_stands(&data).0);
    assert!(last.contains("nears its end") && last.contains("each device trusts it anew"), "{last}");
}

/// A backup holds neither; what lies in the safe is enough.
#[test]
fn a_restored_ledger_is_reached_again_by_what_lies_in_the_safe() {
    let root = tempfile::tempdir().unwrap();
    let data = office(root.path());
    let own = std::fs::read(data.join("tls/ca.pem")).unwrap();
    std::fs::remove_dir_all(data.join("tls")).unwrap();
    std::fs::remove_file(data.join("serving.json")).unwrap();
    let key = root.path().join("keys/authority.key");
    let renew = |names: &[&str]| {
        let args = ["certificate", "renew", "--authority-key", key.to_str().unwrap(), "--data"];
        hourbook().args(args).arg(&data).args(names).output().unwrap()
    };
    let nameless = renew(&[]);
    assert!(
        nameless.status.code() == Some(2) && said(&nameless).contains("--name office-pc"),
        "{}",
        said(&nameless)
    );
    let done = renew(&["--name", "localhost"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert_eq!(std::fs::read(data.join("tls/ca.pem")).unwrap(), own, "nobody has to trust anew");
    let standing = std::fs::read_to_string(data.join("serving.json")).unwrap();
    assert!(standing.contains("0.0.0.0:8443"), "{standing}");
    std::fs::write(data.join("serving.json"), standing.replace("0.0.0.0:8443", "127.0.0.1:0")).unwrap();
    let (server, port) = serve_as_it_stands(&data);
    let seen = shown(&format!("https://localhost:{port}"), &root.path().join("keys/authority.pem"));
    assert_eq!(seen.status.code(), Some(0), "{}", said(&seen));
    end(server);
    std::fs::remove_file(root.path().join("keys/authority.pem")).unwrap();
    std::fs::remove_file(data.join("tls/ca.pem")).unwrap();
    let lost = renew(&["--name", "localhost"]);
    assert!(lost.status.code() == Some(1) && said(&lost).contains("certificate make"), "{}", said(&lost));
}

#[test]
fn a_ledger_of_one_computer_goes_over_to_the_office_network() {
    let root = tempfile::tempdir().unwrap();
    let out = init(root.path(), &[]);
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    let data = root.path().join("data");
    let certificate =
        |args: &[&str]| hourbook().arg("certificate").args(args).arg("--data").arg(&data).output().unwrap();
    let none = certificate(&["show"]);
    assert!(none.status.code() == Some(1) && said(&none).contains("certificate make"), "{}", said(&none));
    let key = root.path().join("safe/authority.key");
    let make =
        ["make", "--name", "localhost", "--listen", "127.0.0.1:0", "--authority-key", key.to_str().unwrap()];
    let made = certificate(&make);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let (server, port) = serve_as_it_stands(&data);
    let seen = shown(&format!("https://localhost:{port}"), &data.join("tls/ca.pem"));
    assert_eq!(seen.status.code(), Some(0), "{}", said(&seen));
    let taken = certificate(&make);
    assert!(taken.status.code() == Some(3) && said(&taken).contains("another process"), "{}", said(&taken));
    end(server);
    let again = certificate(&make);
    assert!(again.status.code() == Some(3) && said(&again).contains("is not replaced"), "{}", said(&again));
    let nowhere = hourbook().args(["certificate", "show", "--data"]).arg(root.path()).output().unwrap();
    assert!(
        nowhere.status.code() == Some(3) && said(&nowhere).contains("hourbook init"),
        "{}",
        said(&nowhere)
    );
}

#[test]
fn what_would_not_work_is_refused_before_anything_is_founded() {
    let root = tempfile::tempdir().unwrap();
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let held = held.local_addr().unwrap().to_string();
    let inside = root.path().join("data/authority.key");
    let put = |name: &str, text: &[u8]| {
        let path = root.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let hosts = ["hours.example.org".parse().unwrap()];
    let then = Millis(SystemClock.now().0 - 500 * 86_400_000);
    let by =
        |then| Authority::make("process.test/east", &hosts, then).unwrap().certify(&hosts, then).unwrap();
    let old = put("old.pem", by(then).as_bytes());
    let good = put("good.pem", by(SystemClock.now()).as_bytes());
    let (no_key, text) = (put("no-key.pem", b"no key"), put("text.pem", b"hello"));
    let domain = |cert: &str, key: &str| {
        ["--at", "domain", "--name", "hours.example.org", "--tls-cert", cert, "--tls-key", key]
            .map(str::to_owned)
    };
    let [old, text, no_key, missing] =
        [domain(&old, &old), domain(&text, &good), domain(&good, &no_key), domain(&good, "no-such.key")];
    let of = |all: &[String; 8]| all.iter().map(String::as_str).map(str::to_owned).collect::<Vec<_>>();
    let plain = |args: &[&str]| args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>();
    for (args, code, named) in [
        (plain(&["--at", "office"]), 2, "--name office-pc"),
        (plain(&["--at", "office", "--name", ""]), 2, "is no host name"),
        (plain(&["--at", "office", "--name", "https://hours.internal"]), 2, "without https://"),
        (
            plain(&["--at", "office", "--name", "a.b", "--authority-key", inside.to_str().unwrap()]),
            2,
            "must not lie",
        ),
        (
            plain(&[
                "--at",
                "office",
                "--name",
                "a.b",
                "--place",
                "东湖街道",
                "--steward",
                "王芳",
                "--listen",
                &held,
            ]),
            3,
            "Cannot listen on",
        ),
        (
            plain(&["--place", "东湖街道", "--steward", "王芳", "--listen", &held]),
            3,
            "Choose another address or port",
        ),
        (plain(&["--at", "computer", "--name", "a.b"]), 2, "are for --at office"),
        (plain(&["--at", "domain", "--name", "hours.example.org"]), 2, "certificate of a public authority"),
        (plain(&["--at", "domain", "--behind-proxy"]), 2, "Give one domain"),
        (plain(&["--at", "domain", "--name", "192.168.1.10", "--behind-proxy"]), 2, "Give one domain"),
        (of(&old), 3, "Get another certificate"),
        (of(&text), 3, "there is no certificate in it"),
        (of(&no_key), 3, "no-key.pem"),
        (of(&missing), 3, "no-such.key"),
    ] {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let out = init(root.path(), &args);
        assert_eq!(out.status.code(), Some(code), "{args:?}: {}", said(&out));
        assert!(said(&out).contains(named), "{args:?}: {}", said(&out));
        assert!(!root.path().join("data").exists() && !root.path().join("keys").exists(), "{args:?}");
    }
    let other = ["--at", "domain", "--name", "other.example.org", "--tls-cert"];
    let good = root.path().join("good.pem");
    let good = good.to_str().unwrap();
    let out = init(root.path(), &[&other[..], &[good, "--tls-key", good]].concat());
    assert!(
        out.status.code() == Some(3) && said(&out).contains("does not name other.example.org"),
        "{}",
        said(&out)
    );
}

#[test]
fn a_domain_is_told_what_is_still_to_be_done() {
    let root = tempfile::tempdir().unwrap();
    let out = init(root.path(), &["--at", "domain", "--name", "hours.example.org", "--behind-proxy"]);
    let text = said(&out);
    assert_eq!(out.status.code(), Some(0), "{text}");
    for expected in [
        "X-Forwarded-Proto",
        "http://127.0.0.1:8080",
        "hourbook show ledger --server https://hours.example.org",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let other = tempfile::tempdir().unwrap();
    let hosts = ["hours.example.org".parse().unwrap()];
    let now = SystemClock.now();
    let made = Authority::make("process.test/east", &hosts, now).unwrap().certify(&hosts, now).unwrap();
    let file = other.path().join("chain.pem");
    std::fs::write(&file, made.as_bytes()).unwrap();
    let file = file.to_str().unwrap();
    let files = ["--tls-cert", file, "--tls-key", file, "--listen", "127.0.0.1:0"];
    let out = init(other.path(), &[&["--at", "domain", "--name", "hours.example.org"][..], &files].concat());
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    assert!(said(&out).contains("no authority that browsers know has signed it"), "{}", said(&out));
    let (server, port) = serve_as_it_stands(&other.path().join("data"));
    let answer = hourbook()
        .args(["show", "ledger", "--server", &format!("https://localhost:{port}")])
        .env("SSL_CERT_FILE", file)
        .output()
        .unwrap();
    assert!(answer.status.code() == Some(4), "it speaks TLS by the domain's certificate: {}", said(&answer));
    end(server);
}

/// What is typed at a terminal, by a program that makes one.
#[test]
fn at_a_terminal_it_is_asked_where_the_ledger_stands() {
    let Ok(script) = Command::new("script").arg("--version").output() else {
        println!("skipped: there is no `script`");
        assert!(std::env::var_os("HOURBOOK_REQUIRE_ALL").is_none());
        return;
    };
    assert!(script.status.success());
    let root = tempfile::tempdir().unwrap();
    let typed = |data: &str, answers: &str| {
        let command = format!(
            "{} init {} --keys-out {} --no-serve",
            env!("CARGO_BIN_EXE_hourbook"),
            root.path().join(data).display(),
            root.path().join(format!("{data}-keys")).display()
        );
        let mut terminal = Command::new("script")
            .args(["--quiet", "--return", "--command", &command, "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        terminal.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
        said(&terminal.wait_with_output().unwrap())
    };
    // Two names of a ledger that are none, then one; no place; the office; a name that is none, then two.
    let told = typed(
        "office",
        "\nhttps://process.test/east\nprocess.test/east\n\n4\n2\nhttps://x\nHours.Internal 192.168.1.10\n",
    );
    assert!(
        told.contains(
            "其他电脑打开 / other computers open  https://hours.internal:8443  https://192.168.1.10:8443"
        ),
        "{told}"
    );
    let standing = std::fs::read_to_string(root.path().join("office/serving.json")).unwrap();
    assert!(standing.contains("0.0.0.0:8443"), "{standing}");
    assert_eq!(told.matches("不能用作名称").count(), 2, "{told}");
    assert!(told.contains("ledger founded: process.test/east"), "{told}");
    let told = typed("alone", "process.test/east\n\n\n");
    assert!(told.contains("next: hourbook serve") && !told.contains("https://"), "{told}");
}

//! The README's way to a ledger by the command line alone, run as it stands there.

use super::*;

/// Building takes too long for a test; `.ci/run` does it.
#[test]
fn the_line_that_installs_names_the_package_that_has_the_program() {
    let readme = include_str!("../../../README.md");
    let line = readme.lines().find(|line| line.starts_with("cargo install")).expect("the line is there");
    let command = line.split('#').next().unwrap();
    let words: Vec<&str> = command.split_whitespace().collect();
    assert_eq!(words, ["cargo", "install", "--locked", "--path", "api"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    assert_eq!(root.join("api"), Path::new(env!("CARGO_MANIFEST_DIR")), "this package");
    assert!(root.join("Cargo.lock").exists(), "--locked needs one");
    let ci = std::fs::read_to_string(root.join(".ci/run")).unwrap();
    assert!(ci.contains("grep -m1 '^cargo install' README.md"), "and it is carried out there");
}

#[test]
fn the_script_in_the_readme_comes_to_confirmed_hours_and_a_granted_wish() {
    let readme = include_str!("../../../README.md");
    let script = readme.split("<!-- script:begin -->\n```sh\n").nth(1).expect("the script is there");
    let script = script.split("```\n<!-- script:end -->").next().expect("it ends");
    let root = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // Another program may listen on the usual port of this machine.
    let script = script.replace("127.0.0.1:8080", &format!("127.0.0.1:{free}"));
    let program = Path::new(env!("CARGO_BIN_EXE_hourbook")).parent().unwrap().to_str().unwrap();
    let out = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &format!("trap 'kill %1' EXIT\n{script}")])
        .current_dir(root.path())
        .env_clear()
        .env("PATH", format!("{program}:/usr/bin:/bin"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[&out.stdout[..], &out.stderr].concat()).into_owned();
    assert!(out.status.success(), "{said}");
    let found = said.lines().filter(|line| line.contains("居*")).count();
    assert_eq!(found, 10, "{said}");
    assert_eq!(said.matches("on the log at position").count(), 1 + 1 + 2 * 2 + 10 + 5 + 5, "{said}");
    for shown in ["certified_minutes: 90", "corrected", "提前离开", "想换一盏床头灯  已圆梦 confirmed"]
    {
        assert!(said.contains(shown), "{shown}: {said}");
    }
}

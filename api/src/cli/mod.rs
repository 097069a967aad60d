//! x
use hourbook_ledger::clock::SystemClock;
/// x
pub fn run() -> std::process::ExitCode {
    let people = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(6400);
    let weeks = std::env::args().nth(2).and_then(|a| a.parse().ok()).unwrap_or(104);
    let data = tempfile::tempdir().unwrap();
    let sheets = tempfile::tempdir().unwrap();
    let o = crate::demo::Options {
        seed: 1,
        people,
        weeks,
        until: "2026-11-21".parse().unwrap(),
        data: data.path(),
        sheets: sheets.path(),
        watch: &SystemClock,
        progress: &|_| {},
    };
    match crate::demo::build(&o) {
        Ok(b) => println!("{b:?}"),
        Err(e) => println!("{e} {e:?}"),
    }
    std::process::ExitCode::SUCCESS
}

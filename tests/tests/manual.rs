//! The manual says what the code does.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

use hourbook_ledger::domain::{authority, rejection};

/// Sections of the manual that are made from the code. Set `HOURBOOK_WRITE_DOCS` to write them.
#[test]
fn the_manual_shows_the_table_and_the_codes_as_they_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ARCHITECTURE.md");
    let text = std::fs::read_to_string(path).expect("the manual is there");
    let mut made = text.clone();
    for (name, section) in [
        ("authority", authority::markdown()),
        ("rejections", rejection::markdown()),
        ("faces", hourbook::visibility::routes::markdown()),
    ] {
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
            "ARCHITECTURE.md is behind: HOURBOOK_WRITE_DOCS=1 cargo test -p hourbook-tests --test manual"
        );
    }
}

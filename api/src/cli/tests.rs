//! What the command line says and how it ends.

use clap::{CommandFactory as _, Parser as _};

use super::args::Cli;

/// The whole help, at one width wherever the test runs.
fn help(path: &[&str]) -> String {
    let mut command = Cli::command().term_width(100);
    command.build();
    let mut at = &mut command;
    for name in path {
        at = at.find_subcommand_mut(name).expect("the command exists");
    }
    at.render_long_help().to_string()
}

#[test]
fn help_is_complete_in_two_languages() {
    let paths: [&[&str]; 7] =
        [&[], &["demo"], &["init"], &["key"], &["key", "new"], &["key", "show"], &["import"]];
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
    let wrong: [&[&str]; 6] = [
        &["hourbook"],
        &["hourbook", "demo", "--people", "0"],
        &["hourbook", "import", "a.csv", "--as", "k.pem", "--data", "d", "--server", "http://s"],
        &["hourbook", "import", "a.csv", "--data", "d"],
        &["hourbook", "init", "d"],
        &["hourbook", "key", "show"],
    ];
    for args in wrong {
        assert!(Cli::try_parse_from(args).is_err(), "{args:?}");
    }
}

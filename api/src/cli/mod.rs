//! The command line. Everything that a person reads is in Chinese and English; what a program reads is on standard
//! output, progress and errors on standard error.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | refused by the rules, or a sheet has errors in rows: nothing was changed |
//! | 2 | the command line is wrong |
//! | 3 | the ledger, a key or another file cannot be used |
//! | 4 | the server cannot be reached |
//! | 10 to 18 | an audit found something; `hourbook verify --help` says what |

/// Prints a line. Nobody reads it any more once the pipe is closed (`| head`); what was begun is finished all the same.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        if cfg!(test) {
            // Captured by the test.
            println!($($text)*);
        } else {
            let _ = writeln!(std::io::stdout(), $($text)*);
        }
    }};
}

/// A text in Chinese and English, filled in like one of `format!`.
macro_rules! both {
    ($zh:literal, $en:literal $(,)?) => {
        (format!($zh), format!($en))
    };
}

mod act;
mod args;
mod backup;
mod carry_out;
mod certificate;
mod certificate_args;
mod clock;
mod code;
mod common_args;
mod demo;
mod demo_links;
mod expiry;
mod export;
mod failure;
mod files;
mod first_run;
mod given_args;
mod import;
mod init;
mod key;
mod looks;
mod plan;
mod remote;
mod render;
mod resolve;
mod roll;
mod rules;
mod runtime;
mod says;
mod serve;
mod serve_args;
mod show;
mod shown;
mod staff;
mod staff_args;
mod stand_args;
mod standing;
mod table;
mod terms;
mod tree;
mod trust;
mod verify;
mod words;

#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::FromArgMatches as _;

use args::{Cli, Command};
pub use failure::{Exit, Failure};
use serve_args::LogFormat;
pub use tree::markdown;

/// The names of all commands.
#[cfg(test)]
pub(crate) fn commands() -> Vec<String> {
    tree::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    // Whatever is written holds somebody's data or keys, until it is said to be for everybody.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let asked = tree::command().try_get_matches();
    // The tables know more commands than the types do.
    if let Some(asked) = asked.as_ref().ok().filter(|asked| tree::knows(asked)) {
        start_logging(LogFormat::Text, "warn");
        return tree::run(asked).map_or(Exit::Done.into(), end);
    }
    let cli = match asked.and_then(|asked| Cli::from_arg_matches(&asked)) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            if !error.use_stderr() {
                return Exit::Done.into();
            }
            let zh = misused(&error);
            eprintln!("{zh}");
            let usage = Failure::usage((zh, error.to_string()));
            tell_program(&usage);
            return usage.exit.into();
        }
    };
    // Whoever asks a question wants the answer; a service tells what it does.
    match &cli.command {
        Command::Serve(args) => start_logging(args.log_format, "warn,hourbook=info"),
        Command::Demo(_) => start_logging(LogFormat::Text, "warn,hourbook=info"),
        _ => start_logging(LogFormat::Text, "warn"),
    }
    let done = match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Key(args) => key::run(&args),
        Command::Act(args) => act::run(&args),
        Command::Org(args) => staff::org(&args),
        Command::Person(args) => staff::person(&args),
        Command::Code(args) => code::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Clock(args) => clock::run(&args),
        Command::Certificate(args) => certificate::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Restore(args) => backup::restore(&args),
        Command::Checkpoint(args) => backup::export(&args),
    };
    end(done)
}

/// What is wrong with a command line, in Chinese; clap has said it in English.
fn misused(error: &clap::Error) -> String {
    use clap::error::{ContextKind, ErrorKind};
    let told = |kind: ContextKind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::MissingRequiredArgument => format!("缺少 {}", told(ContextKind::InvalidArg)),
        ErrorKind::UnknownArgument => format!("没有 {} 这个参数", told(ContextKind::InvalidArg)),
        ErrorKind::InvalidSubcommand => format!("没有 {} 这个命令", told(ContextKind::InvalidSubcommand)),
        ErrorKind::ArgumentConflict => format!("{} 不能同时使用", told(ContextKind::InvalidArg)),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("{} 的内容“{}”不对", told(ContextKind::InvalidArg), told(ContextKind::InvalidValue))
        }
        _ => "请核对写法".to_owned(),
    };
    format!("命令用法有误：{what}。加 --help 查看用法。")
}

/// Says what went wrong, if anything did.
fn end(done: Result<Exit, Failure>) -> ExitCode {
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => {
            eprintln!("{failure}");
            tell_program(&failure);
            failure.exit.into()
        }
    }
}

/// Whoever asked for JSON reads JSON, whatever became of the command: `{"failure": {"exit": 3, "zh": …, "en": …}}`.
fn tell_program(failure: &Failure) {
    if std::env::args_os().any(|word| word == "--json") {
        say!("{}", failure.json());
    }
}

/// Logs go to standard error; `RUST_LOG` says how much.
fn start_logging(format: LogFormat, usually: &str) {
    use std::io::IsTerminal as _;

    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usually));
    // Colours are for a terminal: in a file, or in what a service collects, they are noise between the letters.
    let is_coloured = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(is_coloured);
    let _ = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
}

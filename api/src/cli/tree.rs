//! The commands of the tables, as clap knows them: arguments follow from what an action needs to be told.

use clap::{Arg, ArgAction, ArgMatches, Args as _, Command, CommandFactory as _, FromArgMatches as _};
use hourbook_ledger::domain::event::BodyKind;
use hourbook_ledger::domain::facts::By;

use super::args::Cli;
use super::carry_out::{Wanted, carry_out, say_recorded};
use super::common_args::CallerArgs;
use super::failure::{Exit, Failure};
use super::looks::{self, Ask, LOOKS, Look};
use super::remote::Remote;
use super::resolve;
use super::says::{GROUPS, Group, MORE, PARTS, SAYS, Say};
use super::words;
use crate::boot;
use crate::commands::{Action, Input, Kind, Thing};

/// Every command.
pub(super) fn command() -> Command {
    let actions = boot::actions();
    let named = |name: &str| actions.with_key().find(|action| action.name == name);
    let root = GROUPS.iter().fold(Cli::command(), |root, of| root.subcommand(group(of)));
    let root = LOOKS.iter().fold(root, |root, look| hang(root, look.path, look_command(look)));
    SAYS.iter().fold(root, |root, of| {
        let action = named(of.action).expect("a test goes over all of them");
        hang(root, of.path, say_command(of, action))
    })
}

fn both(zh: &str, en: &str) -> String {
    format!("{zh}\n{en}")
}

fn group(of: &Group) -> Command {
    let examples = format!(
        "示例 / Examples:\n{}\n\n用 --server 或 HOURBOOK_SERVER 指明账簿。 --server or HOURBOOK_SERVER names the ledger.",
        of.examples
    );
    let group = CallerArgs::augment_args(Command::new(of.name)).subcommand_required(true);
    // What describes the arguments would stand in the place of these words.
    group.about(both(of.zh, of.en)).after_help(examples)
}

/// Hangs a command where its words lead to.
fn hang(at: Command, path: &'static str, leaf: Command) -> Command {
    let Some((first, rest)) = path.split_once(' ') else { return at.subcommand(leaf.name(path)) };
    match at.find_subcommand(first) {
        Some(_) => at.mut_subcommand(first, |below| hang(below, rest, leaf)),
        None => {
            let new = Command::new(first).about("采用 / adopt one").subcommand_required(true);
            at.subcommand(hang(new, rest, leaf))
        }
    }
}

fn say_command(say: &Say, action: &Action) -> Command {
    let asked = action.inputs.iter().filter(|input| input.kind != Kind::NewId);
    let args = asked.map(|input| argument(say, action, input));
    let command = Command::new(say.path).about(both(say.zh, action.about)).args(args);
    let command = if action.name == REGISTERS { command.arg(again()) } else { command };
    match action.makes.by().contains(&By::Subject) {
        true => command.arg(on_behalf()),
        false => command,
    }
}

/// The action that brings somebody new into the register, who may be there already.
const REGISTERS: &str = "register-person";

fn again() -> Arg {
    let help = "此社区已有同名的人登记，仍要登记：确是另一个人 / though somebody of this name is registered in the community: it is somebody else";
    Arg::new("again").long("again").action(ArgAction::SetTrue).help(help)
}

fn on_behalf() -> Arg {
    let help = "代办：在服务窗口代此人办 / for this person, who asks for it at the desk";
    Arg::new("on-behalf").long("on-behalf").value_name("PERSON").help(help)
}

fn argument(say: &Say, action: &Action, input: &'static Input) -> Arg {
    let help = format!("{} / {}", words::of(action.name, input.name), in_english(input));
    let flag = say.flag(input.name);
    let arg = Arg::new(flag).help(help).value_name(value_name(input));
    let arg = match say.by_place.iter().position(|name| *name == input.name) {
        Some(at) => arg.index(at + 1),
        None => arg.long(flag),
    };
    let arg = match input.kind {
        Kind::List(_) | Kind::OptionalList(_) | Kind::Rows => {
            arg.action(ArgAction::Append).value_delimiter(',')
        }
        _ => arg.allow_negative_numbers(true),
    };
    arg.required(is_required(action, input)).display_order(0)
}

/// Whether it has to be told here: the only shift of an activity need not be named, and it says from when to when it was.
fn is_required(action: &Action, input: &Input) -> bool {
    let is_shift = |kind: Kind| kind == Kind::Id(Thing::Shift);
    let of_shift = action.inputs.iter().any(|input| is_shift(input.kind));
    !(input.kind.is_optional() || is_shift(input.kind) || of_shift && input.kind == Kind::Moment)
}

fn in_english(input: &Input) -> String {
    let about = input.about.split(", in milliseconds").next().unwrap_or_default().trim_end_matches('.');
    match input.kind {
        Kind::Moment => format!("{about}, in local time"),
        Kind::Role => "founder, steward, worker, lead, unit-officer, secretary or auditor".to_owned(),
        kind if kind.names().is_some() => format!("{about}; by name or id"),
        _ => about.to_owned(),
    }
}

fn value_name(input: &Input) -> &'static str {
    match input.name {
        "from" | "last" | "on" => return "DATE",
        "name" | "lead-name" => return "NAME",
        "title" => return "TITLE",
        "key" => return "KEY-ID",
        "period" => return "PERIOD",
        "org-kind" | "affiliation" => return "KIND",
        _ => {}
    }
    match input.kind {
        Kind::Id(thing) | Kind::OptionalId(thing) | Kind::List(thing) | Kind::OptionalList(thing) => {
            thing_name(thing)
        }
        Kind::Number | Kind::OptionalNumber | Kind::Minutes | Kind::Rating => "N",
        Kind::Row | Kind::Rows => "ROW",
        Kind::Moment => "TIME",
        Kind::Flag => "true|false",
        Kind::Role => "ROLE",
        Kind::NewId | Kind::Bytes | Kind::Code => "VALUE",
        Kind::Text | Kind::OptionalText | Kind::Public | Kind::OptionalPublic => "TEXT",
    }
}

fn thing_name(thing: Thing) -> &'static str {
    match thing {
        Thing::Person => "PERSON",
        Thing::Org => "ORG",
        Thing::Activity => "ACTIVITY",
        Thing::Shift => "SHIFT",
        Thing::Recording => "RECORDING",
        Thing::Wish => "WISH",
        Thing::Hold => "HOLD",
        Thing::Event => "ID",
    }
}

fn look_command(look: &Look) -> Command {
    let argument = |ask: &&'static Ask| {
        let help = format!("{} / {}", ask.zh, ask.en);
        let arg = Arg::new(ask.name).help(help).value_name(ask.value_name());
        match ask.place {
            Some(place) => arg.index(place).required(ask.is_required),
            None => arg.long(ask.name).display_order(0),
        }
    };
    Command::new(look.path).about(both(look.zh, look.en)).args(look.asks.iter().map(argument))
}

/// The words of the command that was asked for, and what it was told.
fn chosen(matches: &ArgMatches) -> (String, &ArgMatches) {
    let (mut words, mut at) = (Vec::new(), matches);
    while let Some((name, below)) = at.subcommand() {
        words.push(name);
        at = below;
    }
    (words.join(" "), at)
}

/// Whether what was asked for is a command of the tables.
pub(super) fn knows(matches: &ArgMatches) -> bool {
    let (path, _) = chosen(matches);
    LOOKS.iter().any(|look| look.path == path) || SAYS.iter().any(|say| say.path == path)
}

/// Does what was asked for, if it is a command of the tables.
pub(super) fn run(matches: &ArgMatches) -> Option<Result<Exit, Failure>> {
    let (path, told) = chosen(matches);
    if let Some(look) = LOOKS.iter().find(|look| look.path == path) {
        return Some(caller(told).and_then(|caller| looks::run(look, told, &caller)));
    }
    let say = SAYS.iter().find(|say| say.path == path)?;
    Some(caller(told).and_then(|caller| run_say(say, told, &caller)))
}

fn caller(told: &ArgMatches) -> Result<CallerArgs, Failure> {
    CallerArgs::from_arg_matches(told).map_err(|error| Failure::usage(both!("命令用法有误。", "{error}")))
}

fn run_say(say: &Say, told: &ArgMatches, caller: &CallerArgs) -> Result<Exit, Failure> {
    let actions = boot::actions();
    let inputs = actions.with_key().find(|action| action.name == say.action).map_or(&[][..], |a| a.inputs);
    let value = |input: &&'static Input| {
        let values = told.try_get_many::<String>(say.flag(input.name)).ok().flatten()?;
        let values: Vec<&str> = values.map(String::as_str).collect();
        Some((input.name.to_owned(), values.join(",")))
    };
    let values: Vec<(String, String)> = inputs.iter().filter_map(value).collect();
    let on_behalf = told.try_get_one::<String>("on-behalf").ok().flatten().map(String::as_str);
    let wanted = Wanted { action: say.action, told: &values, on_behalf };
    let (key, mut remote) = (caller.own_key()?, Remote::at(&caller.at)?);
    if say.action == REGISTERS && !told.get_flag("again") {
        remote.sign_in(&key)?;
        resolve::ensure_new(&remote, &values)?;
    }
    let recorded = carry_out(&mut remote, key, &wanted)?;
    Ok(say_recorded(&recorded, caller.json))
}

/// By which commands an action is said.
fn said_by(action: &str) -> Vec<&'static str> {
    let says = SAYS.iter().filter(|say| say.action == action).map(|say| say.path);
    let more = MORE.iter().chain(PARTS).filter(|(of, _)| *of == action).map(|(_, path)| *path);
    says.chain(more).collect()
}

/// Every kind of event, with the actions that make it and the commands that say them, as Markdown.
#[must_use]
pub fn markdown() -> String {
    let actions = boot::actions();
    let mut text = String::from("| event | actions | `hourbook …` |\n|---|---|---|\n");
    for kind in BodyKind::all() {
        let made: Vec<&Action> = actions.with_key().filter(|action| action.makes == kind).collect();
        let in_session = |action: &Action| actions.in_session().any(|one| one.name == action.name);
        let mark =
            |action: &&Action| format!("`{}`{}", action.name, if in_session(action) { " ●" } else { "" });
        let mut commands: Vec<&str> = made.iter().flat_map(|action| said_by(action.name)).collect();
        commands
            .extend(boot::BY_A_COMMAND.iter().filter(|(of, _)| *of == kind.name()).map(|(_, path)| *path));
        commands.dedup();
        let commands: Vec<String> = commands.iter().map(|path| format!("`{path}`")).collect();
        let commands =
            if kind.by() == [By::Ledger] { "the ledger alone".to_owned() } else { commands.join(" ") };
        let made: Vec<String> = made.iter().map(mark).collect();
        text.push_str(&format!("| `{}` | {} | {commands} |\n", kind.name(), made.join(" ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_of_the_table_says_an_action_and_takes_all_that_it_needs() {
        let actions = boot::actions();
        for say in SAYS {
            let action = actions.with_key().find(|action| action.name == say.action);
            let action = action.unwrap_or_else(|| panic!("{}: no action {}", say.path, say.action));
            for name in say.by_place {
                assert!(action.inputs.iter().any(|input| input.name == *name), "{}: {name}", say.path);
            }
        }
        command().debug_assert();
    }

    #[test]
    fn each_action_is_said_by_a_command_and_each_command_that_is_named_is_there() {
        let actions = boot::actions();
        for action in actions.with_key() {
            assert_eq!(said_by(action.name).len(), 1, "{}", action.name);
        }
        let all = MORE.iter().chain(PARTS).chain(&boot::BY_A_COMMAND).map(|(_, path)| *path);
        for path in all {
            let words = path.split(' ').filter(|word| !word.starts_with("--"));
            let root = command();
            words.fold(&root, |at, word| {
                at.find_subcommand(word).unwrap_or_else(|| panic!("hourbook {path}: {word}"))
            });
        }
    }
}

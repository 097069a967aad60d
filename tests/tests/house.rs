//! The rules of the house that the compiler does not know: which crate and which module may use which, how
//! long a file may be, and that no text remembers the machine it was written on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[path = "house/circles.rs"]
mod circles;
#[path = "house/scan.rs"]
mod scan;

use circles::{Arrows, Imports, circles};
use scan::{Mention, mentions};

/// Each crate's folder, its name, and the crates of the workspace that it may use. The arrows point one way:
/// schema, write side, read side, faces.
const CRATES: [(&str, &str, &[&str]); 6] = [
    ("proto", "hourbook-proto", &[]),
    ("ledger/derive", "hourbook-derive", &[]),
    ("ledger", "hourbook-ledger", &["hourbook-proto", "hourbook-derive"]),
    ("projections", "hourbook-projections", &["hourbook-ledger"]),
    ("api", "hourbook", &["hourbook-proto", "hourbook-ledger", "hourbook-projections"]),
    ("tests", "hourbook-tests", &["hourbook", "hourbook-proto", "hourbook-ledger", "hourbook-projections"]),
];

/// How many import circles each crate has. None may be added; whoever opens one lowers the number.
const CIRCLES: [(&str, usize); CRATES.len()] =
    [("proto", 0), ("ledger/derive", 0), ("ledger", 0), ("projections", 0), ("api", 0), ("tests", 0)];

/// The modules of `ledger/src`, from the bottom up: each uses only those before it.
const LEDGER: [&str; 35] = [
    "merkle",
    "note",
    "strict",
    "keys",
    "disk",
    "format",
    "store",
    "domain",
    "clock",
    "follower",
    "recent_ids",
    "dsse",
    "checkpoint",
    "proof",
    "tiles",
    "tile_dir",
    "commitment",
    "code",
    "openings",
    "erasure",
    "possession",
    "wire",
    "actor",
    "phrases",
    "vault",
    "engine",
    "envelope",
    "streams",
    "replay",
    "snapshot",
    "sequencer",
    "ledger",
    "audit",
    "backup",
    "fuzzing",
];

/// What stands below the features of `api/src`: it knows none of them.
const BELOW: [&str; 9] =
    ["auth", "cached", "commands", "http", "policies", "problem", "sheet", "state", "ui"];

/// The features of `api/src`, a folder each. None uses another: what two of them need sinks below.
const FEATURES: [&str; 14] = [
    "activities",
    "feedback",
    "hours",
    "imports",
    "leaderboards",
    "lists",
    "log",
    "members",
    "operations",
    "organisations",
    "sign_in",
    "today",
    "town",
    "wishes",
];

/// What stands above the features of `api/src`, and what of the features and of this floor it may use.
const ABOVE: [(&str, &[&str]); 6] = [
    ("background", &[]),
    ("boot", &["*"]),
    ("cli", &["background", "boot", "demo", "imports", "server"]),
    ("demo", &["imports"]),
    ("grpc", &["log"]),
    ("server", &["*"]),
];

/// The one crate that is not of the workspace: the fuzz targets under libFuzzer, which only its own script builds.
const OUTSIDE: &str = "tests/fuzz/guided/Cargo.toml";

/// What neither the rules nor the formats may touch: storage, runtimes, the wire, time, randomness, the world.
const IMPURE: [&str; 15] = [
    "sled",
    "tokio",
    "prost",
    "hourbook_proto",
    "rand",
    "rand_core",
    "getrandom",
    "rustix",
    "fs4",
    "std::time",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
];

/// Modules of the ledger that are pure, beside the domain.
const PURE_MODULES: [&str; 10] =
    ["format", "store", "merkle", "note", "checkpoint", "proof", "tiles", "dsse", "keys", "strict"];

/// Lines that a source may have, not counting its unit tests. Most should stay below 500.
const MAX_LINES: usize = 700;

/// Marks of a developer's machine. Put together here, so that this file does not contain them.
const MACHINE_PATHS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Folders that are made by tools and not part of the project's text.
const NOT_OURS: [&str; 4] = [".git", "target", "node_modules", "shots"];

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the crate lies in the workspace").to_owned()
}

/// All files of the project by their path from its root, with forward slashes.
fn files() -> BTreeMap<String, Vec<u8>> {
    let (root, mut files) = (root(), BTreeMap::new());
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let (path, kind) =
                entry.map(|entry| (entry.path(), entry.file_type())).expect("the entry can be read");
            let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
            if NOT_OURS.contains(&name.as_str()) || name.ends_with(".pending-snap") {
                continue;
            }
            let kind = kind.expect("the entry has a type");
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let relative = path
                    .strip_prefix(&root)
                    .expect("all lies below the root")
                    .to_string_lossy()
                    .replace('\\', "/");
                files.insert(relative, fs::read(&path).expect("the file can be read"));
            }
        }
    }
    files
}

fn sources() -> Vec<(String, String)> {
    let rust = files().into_iter().filter(|(path, _)| path.ends_with(".rs"));
    rust.map(|(path, bytes)| (path, String::from_utf8(bytes).expect("sources are UTF-8"))).collect()
}

/// The crates of the workspace that a manifest names in any of its tables of dependencies.
fn workspace_dependencies(manifest: &str) -> BTreeSet<String> {
    let (mut in_dependencies, mut names) = (false, BTreeSet::new());
    for line in manifest.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        }
        if in_dependencies {
            let words = line.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
            names.extend(words.filter(|word| word.starts_with("hourbook")).map(str::to_owned));
        }
    }
    names
}

/// The module path of a source inside its crate: `ledger/src/domain/time.rs` is `domain`, `time`.
fn module_of(path: &str) -> Vec<&str> {
    let Some((_, inside)) = path.split_once("/src/") else {
        return Vec::new();
    };
    let mut module: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
    if matches!(module.last(), Some(&"mod" | &"lib" | &"main")) {
        module.pop();
    }
    module
}

/// Why a source at this path must not mention this, if so.
fn objection(path: &str, mention: &Mention) -> Option<&'static str> {
    let module = module_of(path);
    let reaches_any = |targets: &[&str]| targets.iter().any(|target| mention.reaches(target));
    if path.starts_with("ledger/") {
        let top = module.first().copied().unwrap_or_default();
        if top != "wire" && mention.reaches("hourbook_proto") {
            return Some("in the ledger only `wire` reads the wire schema");
        }
        if (top == "domain" || PURE_MODULES.contains(&top)) && reaches_any(&IMPURE) {
            return Some("this module is pure: no storage, runtime, wire, time, randomness or I/O");
        }
        let own_crate = mention.path[0] == "crate";
        let stays_in =
            |rooms: &[&str]| mention.path.get(1).is_some_and(|next| rooms.contains(&next.as_str()));
        if top == "domain" && own_crate && !stays_in(&["domain", "format", "store"]) {
            return Some(
                "the domain knows nothing of the rest of the ledger but containers and how values stand in bytes",
            );
        }
        if top == "format" && own_crate && !stays_in(&["format"]) {
            return Some("the format knows nothing of what is written in it");
        }
        if top == "store" && own_crate && !stays_in(&["store"]) {
            return Some("the containers know nothing of what is kept in them");
        }
    }
    if path.starts_with("projections/") && reaches_any(&["hourbook_proto", "sled", "hourbook"]) {
        return Some("projections know events, not the wire schema, the store or the faces");
    }
    None
}

fn offences(path: &str, source: &str) -> Vec<String> {
    let found = mentions(source, &module_of(path));
    let judged = found.iter().filter_map(|mention| Some((mention, objection(path, mention)?)));
    judged
        .map(|(mention, why)| format!("{path}:{}: {}: {why}", mention.line, mention.path.join("::")))
        .collect()
}

/// A source up to its unit tests.
fn outside_tests(source: &str) -> &str {
    let begins_tests = |(at, _): &(usize, &str)| {
        let mut lines = source[*at..].lines().skip_while(|line| line.starts_with("#["));
        lines.next().is_some_and(|line| line == "mod tests {")
    };
    let tests = source.match_indices("#[cfg(test)]\n").find(begins_tests);
    tests.map_or(source, |(at, _)| &source[..at])
}

/// The lines of a source up to its unit tests.
fn lines_outside_tests(source: &str) -> usize {
    outside_tests(source).lines().count()
}

/// Which file of a crate uses which.
fn arrows<'s>(sources: &'s [(String, String)], folder: &str) -> Arrows<'s> {
    let own = sources.iter().filter(|(path, _)| path.starts_with(&format!("{folder}/src/")));
    Imports::of(own.map(|(path, source)| (path.as_str(), source.as_str()))).arrows()
}

/// The folder of a crate's sources that a file lies in, or its own name.
fn room(path: &str) -> &str {
    let inside = path.split_once("/src/").map_or(path, |(_, inside)| inside);
    inside.split(['/', '.']).next().unwrap_or_default()
}

/// Why a file of `api/src` must not use another, if so.
fn misuse(from: &str, to: &str) -> Option<String> {
    let (from, to) = (room(from), room(to));
    let is_above = |room: &str| ABOVE.iter().any(|(name, _)| *name == room);
    if from == to || !FEATURES.contains(&to) && !is_above(to) {
        return None;
    }
    let allowed = ABOVE.iter().find(|(name, _)| *name == from).map_or(&[][..], |(_, allowed)| allowed);
    if allowed.contains(&to) || allowed == ["*"] {
        return None;
    }
    Some(format!("{from} must not use {to}: what both need stands below"))
}

fn is_test_source(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

fn contains(text: &[u8], needle: &str) -> bool {
    text.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn crates_depend_in_one_direction() {
    for (folder, name, allowed) in CRATES {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{folder} is not {name}");
        let allowed: BTreeSet<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let forbidden: Vec<_> = workspace_dependencies(&manifest).difference(&allowed).cloned().collect();
        assert!(forbidden.is_empty(), "{folder}/Cargo.toml must not depend on {forbidden:?}");
    }
}

#[test]
fn every_crate_of_the_workspace_is_in_the_table() {
    let known: BTreeSet<String> = CRATES.iter().map(|(folder, ..)| format!("{folder}/Cargo.toml")).collect();
    let manifests = files().into_keys().filter(|path| path.ends_with("/Cargo.toml") && path != OUTSIDE);
    assert_eq!(manifests.collect::<BTreeSet<_>>(), known);
}

#[test]
fn modules_keep_to_the_arrows() {
    let sources = sources();
    for (folder, ..) in CRATES {
        let here = sources.iter().filter(|(path, _)| path.starts_with(&format!("{folder}/")));
        assert!(here.count() > 0, "no source was found in {folder}");
    }
    assert!(sources.iter().any(|(path, _)| path.starts_with("ledger/src/domain")), "the domain was found");
    let offences: Vec<String> = sources.iter().flat_map(|(path, source)| offences(path, source)).collect();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn there_are_no_more_import_circles_than_there_were() {
    let sources = sources();
    let found = CIRCLES.map(|(folder, _)| (folder, circles(&arrows(&sources, folder))));
    let told: Vec<String> = found.iter().map(|(folder, all)| format!("{folder} {}", all.len())).collect();
    println!("circles: {}", told.join(", "));
    assert_eq!(
        CIRCLES.map(|(folder, _)| folder),
        CRATES.map(|(folder, ..)| folder),
        "each crate has a number"
    );
    for ((folder, found), (_, known)) in found.iter().zip(CIRCLES) {
        assert_eq!(found.len(), known, "{folder}: {found:#?}");
    }
}

#[test]
fn files_of_the_api_keep_to_their_floors() {
    let sources = sources();
    let arrows = arrows(&sources, "api");
    let above = ABOVE.iter().map(|(name, _)| *name);
    let known: BTreeSet<&str> = above.chain(BELOW).chain(FEATURES).chain(["lib"]).collect();
    let rooms: BTreeSet<&str> = arrows.keys().map(|file| room(file)).collect();
    assert_eq!(rooms, known, "each folder stands on one floor, which is said above");
    let all = arrows.iter().flat_map(|(from, used)| used.iter().map(move |to| (from, to)));
    let misuses: Vec<String> =
        all.filter_map(|(from, to)| Some(format!("{from}: {to}: {}", misuse(from, to)?))).collect();
    assert!(misuses.is_empty(), "{}", misuses.join("\n"));
}

/// Why a file of `ledger/src` must not use another, if so.
fn climb(from: &str, to: &str) -> Option<String> {
    let floor = |path: &str| LEDGER.iter().position(|module| *module == room(path));
    let goes_down = room(from) == room(to) || floor(to)? < floor(from)?;
    (!goes_down).then(|| format!("{} must not use {}, which stands above it", room(from), room(to)))
}

#[test]
fn modules_of_the_ledger_use_what_stands_below_them() {
    let sources = sources();
    let arrows = arrows(&sources, "ledger");
    let known: BTreeSet<&str> = LEDGER.into_iter().chain(["lib"]).collect();
    let rooms: BTreeSet<&str> = arrows.keys().map(|file| room(file)).collect();
    assert_eq!(rooms, known, "each module has its place in the order, which is said above");
    let all = arrows.iter().filter(|(from, _)| room(from) != "lib");
    let all = all.flat_map(|(from, used)| used.iter().map(move |to| (from, to)));
    let climbs: Vec<String> =
        all.filter_map(|(from, to)| Some(format!("{from}: {to}: {}", climb(from, to)?))).collect();
    assert!(climbs.is_empty(), "{}", climbs.join("\n"));
    assert!(climb("ledger/src/engine/store.rs", "ledger/src/sequencer/writer.rs").is_some());
    assert_eq!(climb("ledger/src/sequencer/writer.rs", "ledger/src/engine/store.rs"), None);
}

#[test]
fn files_stay_short() {
    let counted = sources().into_iter().filter(|(path, _)| !is_test_source(path));
    let long: Vec<String> = counted
        .map(|(path, source)| (path, lines_outside_tests(&source)))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "split by meaning what is over {MAX_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn no_text_names_a_path_of_one_machine() {
    let files = files();
    let marked: Vec<&String> = files
        .iter()
        .filter(|(_, text)| MACHINE_PATHS.iter().any(|needle| contains(text, needle)))
        .map(|(path, _)| path)
        .collect();
    assert!(marked.is_empty(), "these files name a path of somebody's machine: {marked:?}");
}

#[test]
fn offending_sources_are_caught() {
    let offending = [
        ("ledger/src/domain/hours.rs", "use crate::vault::Vault;"),
        ("ledger/src/domain/hours.rs", "use crate::{domain::time, vault};"),
        ("ledger/src/domain/hours.rs", "fn f() { crate::merkle::leaf_hash(b\"\"); }"),
        ("ledger/src/domain/hours.rs", "use super::super::engine::Engine;"),
        ("ledger/src/domain/hours.rs", "mod tests { use super::super::super::engine::Engine; }"),
        ("ledger/src/domain/mod.rs", "use super::engine;"),
        ("ledger/src/domain.rs", "use super::*;"),
        ("ledger/src/domain/mod.rs", "use crate as ledger;"),
        ("ledger/src/domain/mod.rs", "use crate::*;"),
        ("ledger/src/domain/mod.rs", "use sled;"),
        ("ledger/src/domain/mod.rs", "extern crate sled;"),
        ("ledger/src/domain/mod.rs", "fn f(db: &::sled::Db) {}"),
        ("ledger/src/domain/mod.rs", "#[tokio::test] async fn f() {}"),
        ("ledger/src/domain/mod.rs", "fn f() -> r#prost::bytes::Bytes { todo!() }"),
        ("ledger/src/domain/mod.rs", "use std::{collections::BTreeMap, time::{self as t}};"),
        ("ledger/src/domain/mod.rs", "use std::*;"),
        ("ledger/src/domain/mod.rs", "use std as s;"),
        ("ledger/src/domain/mod.rs", "fn f<'a>(c: char) { let q = '\\''; rand::random::<u8>(); }"),
        ("ledger/src/domain/mod.rs", "const A: &str = r#\"\"//\"#; use rand_core::Rng;"),
        ("ledger/src/merkle/tests.rs", "use std::fs::File;"),
        ("ledger/src/format/field.rs", "use crate::domain::event::Body;"),
        ("ledger/src/store/table.rs", "use crate::domain::time::Millis;"),
        ("ledger/src/store/table.rs", "use crate::format::Field;"),
        ("ledger/src/store/lazy.rs", "use std::fs::File;"),
        ("ledger/src/keys.rs", "fn f() { getrandom::fill(&mut []).unwrap() }"),
        ("ledger/src/sequencer.rs", "use hourbook_proto::v1::Event;"),
        ("ledger/src/lib.rs", "pub use hourbook_proto as proto;"),
        ("projections/src/board.rs", "fn f(e: &hourbook_proto::v1::Event) {}"),
        ("projections/src/lib.rs", "/* why */ use sled::Db;"),
        ("projections/tests/all.rs", "use hourbook::web;"),
    ];
    for (path, source) in offending {
        assert_eq!(offences(path, source).len(), 1, "{path}: {source}");
    }
    let located = offences("projections/src/lib.rs", "//! Text.\n\nuse serde::de;\nuse sled::Db;\n");
    assert!(located[0].starts_with("projections/src/lib.rs:4: sled::Db: "), "{located:?}");
}

#[test]
fn innocent_sources_are_not_caught() {
    let innocent = [
        ("ledger/src/domain/hours.rs", "use crate::domain::{time, ids::*}; use super::rejection::Rejection;"),
        ("ledger/src/domain/hours.rs", "mod tests { use super::*; } use super::time;"),
        ("ledger/src/domain/hours.rs", "mod a { mod b {} use super::super::time; }"),
        (
            "ledger/src/domain/mod.rs",
            "//! Not [`crate::vault`], nor sled.\n/* use sled; /* too */ use sled; */",
        ),
        ("ledger/src/domain/mod.rs", "const A: &str = \"use sled::Db; \\\" crate::vault::x\";"),
        ("ledger/src/domain/mod.rs", "const A: &str = r#\"use \" sled::Db;\"#; const B: char = '\"';"),
        ("ledger/src/domain/mod.rs", "pub(crate) fn f(rand: u8) -> u8 { pub(super) mod x {} rand }"),
        (
            "ledger/src/domain/mod.rs",
            "use std::collections::BTreeMap; fn f() { time::now(); time_std::x(); }",
        ),
        ("ledger/src/wire.rs", "use hourbook_proto::v1::Event;"),
        ("ledger/src/wire/v1.rs", "use hourbook_proto::v1::Event; use crate::vault;"),
        ("ledger/src/engine/store.rs", "use sled::Db; use std::fs;"),
        ("projections/src/lib.rs", "use hourbook_ledger::domain::Event;"),
        ("api/src/grpc.rs", "use hourbook_proto::v1::Event;"),
    ];
    for (path, source) in innocent {
        assert_eq!(offences(path, source), Vec::<String>::new(), "{path}: {source}");
    }
}

/// The circles among these sources, each as the names of its files.
fn circles_among(sources: &[(&str, &str)]) -> Vec<String> {
    let named = sources.iter().map(|(name, source)| (format!("api/src/{name}.rs"), (*source).to_owned()));
    let sources: Vec<(String, String)> = named.collect();
    let found = circles(&arrows(&sources, "api"));
    let short = |file: &&str| file.trim_start_matches("api/src/").trim_end_matches(".rs").to_owned();
    found.iter().map(|circle| circle.iter().map(short).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn planted_circles_are_found() {
    let lib = ("lib", "pub mod a;\npub mod b;\n");
    let passes_on = ("b/mod", "mod inner;\npub use inner::B;\n");
    let back = ("b/inner", "use crate::a;\npub struct B(a::A);\n");
    for uses in
        ["use crate::b::B;", "use super::b::B;", "fn f(b: &crate::b::B) {}", "use crate::{b::{B as C}};"]
    {
        assert_eq!(circles_among(&[lib, ("a", uses), passes_on, back]), ["a b/inner"], "{uses}");
    }
    let beside = ("b", "fn f() { quote!(x(y)); crate::a::A; }");
    assert_eq!(circles_among(&[("a", "use crate::b;"), beside]), ["a b"]);
    let own = ("b/mod", "mod inner;\npub struct Own;\nfn f(b: inner::B) {}\n");
    assert_eq!(circles_among(&[own, ("b/inner", "use super::Own;\n")]), ["b/inner b/mod"]);
    let three =
        [("a", "use crate::b;"), ("b", "use crate::c;"), ("c", "use crate::a;"), ("d", "use crate::a;")];
    assert_eq!(circles_among(&three), ["a b c"]);
    let two =
        [("a", "use crate::b;"), ("b", "use crate::a;"), ("c", "use crate::{a, d};"), ("d", "use crate::c;")];
    assert_eq!(circles_among(&two), ["a b", "c d"]);
}

#[test]
fn what_is_no_circle_is_not_found() {
    let passes_on = ("b/mod", "mod inner;\nmod other;\npub use inner::B;\npub use other::C;\n");
    let innocent = [
        ("a", "use crate::b::{B, C};\n#[cfg(test)]\nmod tests {\n    use crate::d::D;\n}\n"),
        ("a/tests", "use crate::d::D;\n"),
        passes_on,
        ("b/inner", "//! See [`crate::a`].\npub struct B;\n"),
        ("b/other", "use super::B;\npub struct C(B);\n"),
        ("e", "use crate::f::F;\nfn e() { quote! { crate::g::G(#[a] { (0) }) }; }\n"),
        ("f", "pub struct F;\nfn f() { quote!(crate::e::E) }\n"),
        ("g", "use crate::e::E;\n"),
        ("d", "use crate::a::A;\n#[cfg(test)]\nmod tests;\nuse hourbook_ledger::d::D;\n"),
        ("main", "use crate::d;\n"),
    ];
    assert_eq!(circles_among(&innocent), Vec::<String>::new());
}

#[test]
fn what_goes_against_the_floors_is_caught() {
    let offending = [
        ("wishes/web", "lists/api"),
        ("town/page", "wishes/page"),
        ("state", "wishes/api"),
        ("state", "server/router"),
        ("ui/request", "members/acts/web"),
        ("http/names", "boot"),
        ("auth/extract", "grpc/mod"),
        ("log/web", "grpc/service"),
        ("imports/prepare", "cli/import"),
        ("background/control", "server/listener"),
        ("grpc/service", "wishes/api"),
        ("demo/week", "boot"),
    ];
    for (from, to) in offending {
        assert!(misuse(&format!("api/src/{from}.rs"), &format!("api/src/{to}.rs")).is_some(), "{from} {to}");
    }
    let allowed = [
        ("wishes/web", "wishes/page"),
        ("wishes/web", "ui/request"),
        ("state", "auth/token"),
        ("server/pages", "wishes/web"),
        ("boot", "background/control"),
        ("cli/import", "imports/prepare"),
        ("demo/week", "imports/prepare"),
        ("grpc/service", "log/events"),
    ];
    for (from, to) in allowed {
        assert_eq!(misuse(&format!("api/src/{from}.rs"), &format!("api/src/{to}.rs")), None, "{from} {to}");
    }
}

#[test]
fn offending_manifests_and_files_are_caught() {
    let manifest = "[package]\nname = \"hourbook-ledger\"\n[dependencies]\nserde = \"1\" # hourbook-x\n\
                    hourbook-proto.workspace = true\nalias = { package = \"hourbook\" }\n\
                    [target.'cfg(unix)'.dev-dependencies.hourbook-tests]\npath = \"../tests\"\n\
                    [lints]\nhourbook-no = 1\n";
    let found: Vec<String> = workspace_dependencies(manifest).into_iter().collect();
    assert_eq!(found, ["hourbook", "hourbook-proto", "hourbook-tests"]);

    let long = "//! Text.\n".repeat(MAX_LINES + 1);
    assert!(lines_outside_tests(&long) > MAX_LINES);
    assert_eq!(lines_outside_tests(&format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n")), 1);
    assert!(is_test_source("ledger/src/merkle/tests.rs") && !is_test_source("ledger/src/merkle.rs"));

    assert!(contains(format!("see {}x", MACHINE_PATHS[0]).as_bytes(), MACHINE_PATHS[0]));
    assert!(!contains(b"see work/x", MACHINE_PATHS[0]));
}

//! What makes a build another build: a snapshot is good for the code that wrote it and for no other.

#[path = "../build.rs"]
#[expect(dead_code, reason = "its entry is for Cargo")]
mod script;

use std::path::Path;

#[test]
fn whatever_source_changes_the_build_is_another() {
    let mut sources = script::identity::sources(&script::SOURCES).unwrap();
    let before = script::identity::identity(&sources);
    for at in 0..sources.len() {
        let path = sources[at].0.clone();
        sources[at].1.push(b' ');
        assert_ne!(script::identity::identity(&sources), before, "{}", path.display());
        sources[at].1.pop();
    }
    assert_eq!(script::identity::identity(&sources), before);
}

#[test]
fn rules_engine_derive_and_schema_are_all_among_the_sources() {
    let sources = script::identity::sources(&script::SOURCES).unwrap();
    let needed = [
        "src/domain/hours.rs",
        "src/format/field.rs",
        "src/wire/entry.rs",
        "src/recent_ids.rs",
        "src/engine/mod.rs",
        "src/snapshot.rs",
        "derive/src/bytes.rs",
        "../proto/hourbook/v1/event.proto",
        "../proto/src/schema.rs",
    ];
    for path in needed {
        assert!(sources.iter().any(|(source, _)| source == Path::new(path)), "{path}");
    }
}

//! The committed descriptor `hourbook.v1.binpb` is the schema as it was last promised to others. README.md says how
//! it is used.

use std::path::Path;

use protox::prost::Message;
use protox::prost_reflect::{DescriptorPool, FieldDescriptor};

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/hourbook.v1.binpb");

fn compiler() -> protox::Compiler {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::fs::read_dir(root.join("hourbook/v1")).expect("the folder of the schema");
    let mut files: Vec<_> = folder.map(|entry| entry.expect("a readable folder").path()).collect();
    files.sort();
    assert!(files.iter().all(|file| file.extension().is_some_and(|extension| extension == "proto")));
    let mut compiler = protox::Compiler::new([root]).expect("the folder of the crate");
    compiler.include_source_info(false).include_imports(true);
    compiler.open_files(files).expect("a schema that compiles");
    compiler
}

/// Reads bytes as the type of `like`, which this crate has no name for.
fn decode_as<T: Message + Default>(_like: &T, bytes: &[u8]) -> T {
    T::decode(bytes).expect("the committed descriptor is a FileDescriptorSet")
}

#[test]
fn the_committed_descriptor_is_the_schema() {
    let schema = compiler().file_descriptor_set();
    let committed = std::fs::read(COMMITTED).unwrap_or_default();
    if decode_as(&schema, &committed) == schema {
        return;
    }
    let problems = promises_broken(&committed);
    assert!(problems.is_empty(), "the schema breaks what was promised:\n{}", problems.join("\n"));
    assert!(
        std::env::var_os("UPDATE_DESCRIPTOR").is_some(),
        "the schema has grown: check it with buf, then run this test with UPDATE_DESCRIPTOR=1 and commit the file"
    );
    std::fs::write(COMMITTED, schema.encode_to_vec()).unwrap();
}

/// What the committed descriptor has and the schema has not, or otherwise: additions alone are no breach.
fn promises_broken(committed: &[u8]) -> Vec<String> {
    let old = DescriptorPool::decode(committed).expect("the committed descriptor is a FileDescriptorSet");
    let new = compiler().descriptor_pool();
    let fields = |pool: &DescriptorPool| -> Vec<String> {
        pool.all_messages()
            .flat_map(|message| message.fields().map(|f| promise(&f)).collect::<Vec<_>>())
            .collect()
    };
    let values = |pool: &DescriptorPool| -> Vec<String> {
        let of = |e: protox::prost_reflect::EnumDescriptor| {
            e.values().map(|value| format!("{} = {}", value.full_name(), value.number())).collect::<Vec<_>>()
        };
        pool.all_enums().flat_map(of).collect()
    };
    let now = [fields(&new), values(&new)].concat();
    [fields(&old), values(&old)].concat().into_iter().filter(|promise| !now.contains(promise)).collect()
}

fn promise(field: &FieldDescriptor) -> String {
    let oneof = field.containing_oneof().map(|oneof| oneof.name().to_owned());
    let (name, number, kind) = (field.full_name(), field.number(), field.kind());
    format!("{name} = {number} {kind:?} {:?} {oneof:?} {}", field.cardinality(), field.supports_presence())
}

#[test]
fn a_renumbered_field_is_a_broken_promise() {
    assert!(promises_broken(&compiler().encode_file_descriptor_set()).is_empty());
    let mut files = compiler().file_descriptor_set();
    let file = files.file.iter_mut().find(|file| file.name().ends_with("entry.proto")).unwrap();
    file.message_type[0].field[0].number = Some(9);
    let problems = promises_broken(&files.encode_to_vec());
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("hourbook.v1.Entry.position = 9 "), "{}", problems[0]);
}

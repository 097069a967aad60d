//! Makes Rust types and the table of [`schema`](src/schema.rs) from the .proto files, without a protoc.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

use protox::prost_reflect::{
    Cardinality, DescriptorPool, EnumValueDescriptor, FieldDescriptor, Kind, MessageDescriptor,
};

const FOLDER: &str = "hourbook/v1";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={FOLDER}");
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_source_info(true).include_imports(true).open_files(proto_files(Path::new(FOLDER))?)?;
    let files = compiler.file_descriptor_set();
    fs::write(out.join("descriptor.binpb"), compiler.encode_file_descriptor_set())?;
    if env::var_os("CARGO_FEATURE_GRPC").is_some() {
        tonic_prost_build::configure().build_transport(false).compile_fds(files)?;
    } else {
        prost_build::Config::new().compile_fds(files)?;
    }
    let pool = compiler.descriptor_pool();
    fs::write(out.join("schema.rs"), table(&pool)?)?;
    fs::write(out.join("schema.json"), for_pages(&pool)?)?;
    Ok(())
}

fn proto_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn table(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    for message in pool.all_messages() {
        writeln!(out, "/// Fields of `{}`.", message.full_name())?;
        writeln!(out, "pub static {}: Message = Message {{ fields: &[", static_name(&message))?;
        let mut fields: Vec<_> = message.fields().collect();
        fields.sort_by_key(FieldDescriptor::number);
        for field in &fields {
            let (number, name, slot) = (field.number(), field.name(), slot_of(&fields, field));
            let kind = kind(field)?;
            writeln!(out, "    Field {{ number: {number}, name: {name:?}, kind: {kind}, slot: {slot:?} }},")?;
        }
        writeln!(out, "] }};\n")?;
    }
    Ok(out)
}

/// What a page needs to read an event, as JSON: `messages`, each number of a field with its name, kind and slot, and `enums`,
/// each number with its name. A kind is a scalar, or the name of a message or an enum; `*` stands behind a repeated one.
fn for_pages(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let event = pool.get_message_by_name("hourbook.v1.Event").ok_or("no message Event")?;
    let (mut waiting, mut seen) = (vec![event], BTreeMap::new());
    let mut enums = BTreeMap::new();
    while let Some(message) = waiting.pop() {
        let mut fields: Vec<_> = message.fields().collect();
        fields.sort_by_key(FieldDescriptor::number);
        let written: Result<Vec<_>, String> = fields.iter().map(|field| for_page(&fields, field)).collect();
        seen.insert(short(message.full_name()).to_owned(), written?.join(","));
        for field in fields {
            match field.kind() {
                Kind::Message(inner) if !seen.contains_key(short(inner.full_name())) => waiting.push(inner),
                Kind::Enum(words) => {
                    let prefix = screaming(words.name());
                    let word = |value: EnumValueDescriptor| {
                        format!("\"{}\":{:?}", value.number(), value.name().trim_start_matches(&prefix))
                    };
                    let listed: Vec<_> =
                        words.values().filter(|value| value.number() != 0).map(word).collect();
                    enums.insert(short(words.full_name()).to_owned(), listed.join(","));
                }
                _ => {}
            }
        }
    }
    let object = |all: BTreeMap<String, String>| {
        let each = |(name, inner): (String, String)| format!("{name:?}:{{{inner}}}");
        all.into_iter().map(each).collect::<Vec<_>>().join(",")
    };
    Ok(format!("{{\"messages\":{{{}}},\"enums\":{{{}}}}}\n", object(seen), object(enums)))
}

fn for_page(fields: &[FieldDescriptor], field: &FieldDescriptor) -> Result<String, String> {
    let kind = match field.kind() {
        Kind::Message(message) => short(message.full_name()).to_owned(),
        Kind::Enum(words) => short(words.full_name()).to_owned(),
        Kind::Uint32
        | Kind::Uint64
        | Kind::Int64
        | Kind::Sint32
        | Kind::Bool
        | Kind::String
        | Kind::Bytes => format!("{:?}", field.kind()).to_lowercase(),
        other => return Err(format!("{}: pages do not know {other:?}", field.full_name())),
    };
    let many = if field.cardinality() == Cardinality::Repeated { "*" } else { "" };
    // Whatever may be given many times excludes nothing, itself included.
    let slot = slot_of(fields, field).unwrap_or(fields.len());
    Ok(format!("\"{}\":[{:?},\"{kind}{many}\",{slot}]", field.number(), field.name()))
}

fn short(name: &str) -> &str {
    name.trim_start_matches("hourbook.v1.")
}

/// `StreamKind` becomes `STREAM_KIND_`, which stands before each of its values.
fn screaming(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_uppercase());
    }
    out + "_"
}

/// `hourbook.v1.Expected.NoneYet` becomes `EXPECTED_NONE_YET`.
fn static_name(message: &MessageDescriptor) -> String {
    let mut name = String::new();
    for c in message.full_name().trim_start_matches("hourbook.v1.").chars() {
        match c {
            '.' => {}
            c if c.is_uppercase() && !name.is_empty() => name.extend(['_', c]),
            c => name.extend(c.to_uppercase()),
        }
    }
    name
}

/// Fields that exclude each other share a slot: the choices of a oneof, and a field and its own repetition.
/// Messages in a list have none.
fn slot_of(fields: &[FieldDescriptor], field: &FieldDescriptor) -> Option<usize> {
    if field.cardinality() == Cardinality::Repeated && !field.is_packed() {
        return None;
    }
    let oneof = field.containing_oneof();
    fields.iter().position(|other| match &oneof {
        Some(oneof) => other.containing_oneof().as_ref() == Some(oneof),
        None => other == field,
    })
}

fn kind(field: &FieldDescriptor) -> Result<String, Box<dyn Error>> {
    let kind = match field.kind() {
        Kind::Uint32 => "Kind::Uint32".to_owned(),
        Kind::Uint64 => "Kind::Uint64".to_owned(),
        Kind::Int64 => "Kind::Int64".to_owned(),
        Kind::Sint32 => "Kind::Sint32".to_owned(),
        Kind::Bool => "Kind::Bool".to_owned(),
        Kind::Enum(_) => "Kind::Enum".to_owned(),
        Kind::String => "Kind::String".to_owned(),
        Kind::Bytes => "Kind::Bytes".to_owned(),
        Kind::Message(message) => format!("Kind::Message(&{})", static_name(&message)),
        other => return Err(format!("{}: schema.rs does not know {other:?}", field.full_name()).into()),
    };
    Ok(if field.is_packed() { format!("Kind::Packed(&{kind})") } else { kind })
}

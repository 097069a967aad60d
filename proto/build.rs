//! Makes Rust types and the table of [`schema`](src/schema.rs) from the .proto files, without a protoc.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

use protox::prost_reflect::{Cardinality, DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};

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
    fs::write(out.join("schema.rs"), table(&compiler.descriptor_pool())?)?;
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
            let (number, name, slot) = (field.number(), field.name(), slot(&fields, field));
            let kind = kind(field)?;
            writeln!(out, "    Field {{ number: {number}, name: {name:?}, kind: {kind}, slot: {slot} }},")?;
        }
        writeln!(out, "] }};\n")?;
    }
    Ok(out)
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
fn slot(fields: &[FieldDescriptor], field: &FieldDescriptor) -> String {
    if field.cardinality() == Cardinality::Repeated && !field.is_packed() {
        return "None".to_owned();
    }
    let oneof = field.containing_oneof();
    let first = fields.iter().position(|other| match &oneof {
        Some(oneof) => other.containing_oneof().as_ref() == Some(oneof),
        None => other == field,
    });
    format!("{first:?}")
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

//! The wire schema of Hourbook, package `hourbook.v1`: the types that prost makes from the .proto files in
//! `hourbook/v1`, a table of their fields and, with the feature `grpc`, clients and servers of the services. No logic.

pub mod schema;

/// The messages of package `hourbook.v1`. Units and ranges are documented in the .proto files.
#[allow(missing_docs, clippy::all)] // generated
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/hourbook.v1.rs"));
}

/// The schema as an encoded `google.protobuf.FileDescriptorSet`, comments included: for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.binpb"));

/// How a page reads an event, as JSON: for each message each number of a field with its name, kind and slot (fields with one
/// slot exclude each other), for each enum each number with its name.
pub const SCHEMA_FOR_PAGES: &str = include_str!(concat!(env!("OUT_DIR"), "/schema.json"));

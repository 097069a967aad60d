//! The gRPC face, with a client that knows nothing but the schema, over a real server with a real ledger.
#![allow(clippy::unwrap_used, reason = "all of it is a test")]

#[path = "grpc/append.rs"]
mod append;
#[path = "grpc/client.rs"]
mod client;
#[path = "grpc/reading.rs"]
mod reading;
#[path = "grpc/serving.rs"]
mod serving;
#[path = "grpc/subscribe.rs"]
mod subscribe;

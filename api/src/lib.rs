//! Hourbook.

pub mod app;
pub mod cli;
pub mod demo;
mod erasure;
pub mod feed;
pub mod grpc;
pub mod http;
pub mod import;
pub mod limits;
pub mod policies;
pub mod proving;
pub mod session;
pub mod sheet;
pub mod visibility;
pub mod web;

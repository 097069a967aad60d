//! Hourbook.

pub mod app;
mod around;
mod backup;
pub mod challenge;
pub mod cli;
mod control;
pub mod demo;
mod descriptors;
pub mod ended;
mod erasure;
pub mod feed;
mod grants;
pub mod grpc;
mod guard;
pub mod http;
pub mod import;
pub mod limits;
pub mod policies;
pub mod proving;
pub mod serving;
pub mod session;
pub mod sheet;
pub mod visibility;
pub mod web;

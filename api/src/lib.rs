//! Hourbook.
//!
//! One folder a feature, each with what it answers machines (`api`), what it answers people (`web`) and how that looks
//! (`page`). A feature uses what is below it and never another feature; only `server` and `boot` know all of them.

pub mod activities;
pub mod auth;
mod background;
pub mod boot;
mod cached;
pub mod cli;
pub mod commands;
pub mod demo;
pub mod feedback;
pub mod grpc;
pub mod hours;
pub mod http;
pub mod imports;
pub mod leaderboards;
pub mod lists;
pub mod log;
pub mod members;
pub mod operations;
pub mod organisations;
pub mod policies;
pub mod problem;
pub mod server;
pub mod sheet;
pub mod sign_in;
pub mod state;
pub mod today;
pub mod town;
pub mod ui;
pub mod wishes;

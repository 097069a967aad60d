//! Tests of the embedded engine, and the suite that every engine passes.

mod archive;
mod conformance;
mod crash;
mod damage;
pub(crate) mod memory;
mod model;
mod naive;
mod shortage;

use super::*;

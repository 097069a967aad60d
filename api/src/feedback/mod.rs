//! What a community tells units of their members who reported in: a sheet of each unit and quarter (服务情况反馈表).

mod figures;
pub mod page;
pub(crate) mod web;

//! What the whole-system tests share.

pub mod cold;
pub mod compare;
pub mod enrolment;
pub mod forger;
pub mod model;
pub mod need;
pub mod run;
pub mod search;
pub mod seeded;
pub mod server;
pub mod sim;
pub mod town;
pub mod village;
pub mod workload;

//! Reading the log as it is, for auditors: pages of a stream or of all, and subscriptions. All faces read through here.

mod entry;
mod filter;
mod page;
mod subscription;

pub use entry::{Logged, admit};
pub use filter::Filter;
pub use page::{MAX_PAGE, Page, of_log, of_stream};
pub use subscription::{End, Step, Subscription, follow};

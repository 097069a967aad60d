//! Where the pages live. Links are built here alone, so that a route can move without hunting for strings.

/// Town overview.
pub const HOME: &str = "/";
/// Wish board.
pub const WISHES: &str = "/wishes";
/// Leaderboard.
pub const LEADERBOARD: &str = "/leaderboard";
/// Red and yellow lists.
pub const LISTS: &str = "/lists";
/// The signed-in person's own hours.
pub const MY_HOURS: &str = "/me";
/// The same hours as a sheet to print.
pub const STATEMENT: &str = "/me/statement";
/// Sign-in form (GET) and its target (POST).
pub const SIGN_IN: &str = "/signin";
/// Ends the session (POST).
pub const SIGN_OUT: &str = "/signout";
/// The signed tree head, as machines read it.
pub const CHECKPOINT: &str = "/checkpoint";

/// One wish; the id is a UUID and needs no escaping.
pub fn wish(id: &str) -> String {
    format!("{WISHES}/{id}")
}

/// One log entry by its position.
pub fn entry(position: u64) -> String {
    format!("/v1/events/{position}")
}

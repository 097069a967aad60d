//! The pages a reader sees: server-rendered, complete without JavaScript, zh-CN first and English complete.
//!
//! A page is a plain view struct plus `render(&Shell, &View) -> Markup` and knows nothing of the domain; the `web` file
//! beside it fills the view from the projections. What all pages share is here. Charts are pure functions from numbers
//! to SVG.

pub mod assets;
pub mod charts;
pub mod components;
pub(crate) mod demo_data;
pub mod error_page;
pub(crate) mod error_pages;
pub(crate) mod exposed;
pub(crate) mod fill;
pub(crate) mod forms;
pub mod glossary;
pub mod i18n;
pub mod icons;
pub(crate) mod labels;
pub mod layout;
pub(crate) mod names;
mod old_browser;
pub mod parts;
pub mod paths;
pub(crate) mod policy_words;
pub mod preferences;
pub(crate) mod request;
pub mod sign_bar;
pub mod signing;
pub(crate) mod site;
pub(crate) mod trust;

use axum::Router;
use axum::middleware;

pub use crate::ui::i18n::Lang;
pub use crate::ui::layout::{AsOf, Shell, Viewer};
pub use crate::ui::preferences::{Preferences, Size};

/// Adds what every page needs to a router of pages: the assets, the security headers, the cookies that remember a chosen
/// language and text size, and the way out for browsers that cannot show them.
pub fn dress<S: Clone + Send + Sync + 'static>(pages: Router<S>) -> Router<S> {
    pages
        .layer(middleware::from_fn(preferences::remember_choice))
        .layer(middleware::from_fn(old_browser::way_out))
        .layer(middleware::from_fn(preferences::guard_headers))
        .merge(assets::router())
}

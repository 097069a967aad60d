//! The pages a reader sees: server-rendered, complete without JavaScript, zh-CN first and English complete.
//!
//! Nothing here but [`routes`] knows the domain. A page is a plain view struct plus `render(&Shell, &View) -> Markup`;
//! the routes fill the view from the projections. Charts are pure functions from numbers to SVG.

pub mod assets;
pub mod charts;
pub mod components;
pub mod i18n;
pub mod icons;
pub mod layout;
pub mod look;
pub mod pages;
pub mod paths;
pub mod routes;

use axum::Router;
use axum::middleware;

pub use i18n::Lang;
pub use layout::{AsOf, Shell, Viewer};
pub use look::{Look, Size};

/// Adds what every page needs to a router of pages: the assets, the security headers, and the cookies that remember
/// a chosen language and text size.
pub fn dress<S: Clone + Send + Sync + 'static>(pages: Router<S>) -> Router<S> {
    pages
        .layer(middleware::from_fn(look::remember_choice))
        .layer(middleware::from_fn(look::guard_headers))
        .merge(assets::router())
}

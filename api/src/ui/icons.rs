//! Icons, drawn as lines.

use maud::{Markup, html};

macro_rules! icons {
    ($($(#[$doc:meta])* $icon:ident = $path:literal;)*) => {
        /// Line icons, 24 units square, drawn with the current text colour. Always beside a text, never instead of one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Icon { $($(#[$doc])* $icon),* }

        impl Icon {
            fn path(self) -> &'static str {
                match self { $(Self::$icon => $path),* }
            }
        }
    };
}

icons! {
    /// 首页.
    Home = "M3 11l9-8 9 8M5 9.5V21h5v-6h4v6h5V9.5";
    /// 心愿.
    Heart = "M12 20.5C5 15.5 3 12 3 8.7A4.7 4.7 0 0 1 12 6.5a4.7 4.7 0 0 1 9 2.2c0 3.3-2 6.8-9 11.8z";
    /// 榜单.
    Podium = "M3 21V12h6v9M9 21V5h6v16M15 21v-6h6v6M2 21h20";
    /// 我的.
    Person = "M12 12a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM3.5 21c.6-4 4-6 8.5-6s7.9 2 8.5 6";
    /// 居民.
    People = "M9 11.5a3.8 3.8 0 1 0 0-7.6 3.8 3.8 0 0 0 0 7.6zM2 20c.5-3.7 3.2-5.5 7-5.5s6.5 1.8 7 5.5M15.5 4.2a3.8 3.8 0 0 1 0 7.2M17.5 14.8c2.6.6 4.2 2.4 4.5 5.2";
    /// A checked seal: proof.
    Seal = "M4 4h16v16H4zM8 12.5l3 3 5.5-7";
    /// A clock: service time.
    Clock = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.5l3.5 2";
    /// A coin with a knot: time credit.
    Coin = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.5l4.5 4.5-4.5 4.5L7.5 12z";
    /// Printer.
    Print = "M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z";
    /// Information.
    Info = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v6M12 7.2v.1";
    /// Warning.
    Alert = "M12 3.5L22 20.5H2zM12 10v5M12 17.8v.1";
    /// Done.
    Check = "M5 12.5l4.5 4.5L19 7";
    /// Nothing here.
    Empty = "M4 13l3-8h10l3 8v6H4zM4 13h5l1 2.5h4l1-2.5h5";
    /// Hidden.
    Lock = "M5 11h14v10H5zM8 11V7.5a4 4 0 0 1 8 0V11";
    /// Flag (red list).
    Flag = "M5 21V4h13l-3 4.5 3 4.5H5";
    /// Triangle (yellow list).
    Triangle = "M12 4l9.5 16h-19z";
}

/// An icon; hidden from assistive technology, because the text beside it says the same.
pub fn icon(icon: Icon) -> Markup {
    html! {
        svg.icon viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" { path d=(icon.path()) {} }
    }
}

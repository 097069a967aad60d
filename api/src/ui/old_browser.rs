//! Internet Explorer, and what passes for it: Edge's IE mode, and 360 and others in their compatible mode. None of them
//! shows these pages, so they get one that they can, with the way out. Nothing of today's HTML stands in it.

use axum::extract::Request;
use axum::http::Method;
use axum::http::header::{self, HeaderMap};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

use super::paths;
use crate::commands::Words;

/// What such a browser calls itself by.
const MARKS: [&str; 2] = ["Trident/", "MSIE "];

const TITLE: Words = ("请换一种方式打开时光簿", "Please open Hourbook in another way");

const WHY: Words = (
    "您用的是 Internet Explorer，或别的浏览器的兼容模式（IE 模式）。它显示不了本站的页面，也不能签名。",
    "This is Internet Explorer, or another browser in its compatible (IE) mode. It cannot show the pages of this site, and cannot sign.",
);

const WAYS_OUT: [Words; 4] = [
    (
        "360 安全浏览器、360 极速浏览器：点地址栏右端的图标（e 或闪电），选“极速模式”。搜狗、QQ 等浏览器也在那里切换。",
        "360: click the sign at the right end of the address bar (an e or a flash) and choose 极速模式 (fast mode). Sogou, QQ and others switch at the same place.",
    ),
    (
        "Edge 的 IE 模式：点地址栏左端的 IE 图标，关闭“在 Internet Explorer 模式下打开此页面”。关不掉的，请单位管理员把本站移出企业模式站点列表。",
        "Edge in IE mode: click the IE sign at the left end of the address bar and switch off \"Open this page in Internet Explorer mode\". If that is locked, the administrator takes this site off the Enterprise Mode site list.",
    ),
    (
        "只有 Internet Explorer：请安装 Edge、Chrome 或 360 极速浏览器，再打开同一个地址。Windows 7 可用 Chrome 109。",
        "Nothing but Internet Explorer: install Edge, Chrome or 360 Extreme Browser and open the same address. On Windows 7 Chrome 109 will do.",
    ),
    ("手机也可以打开同一个地址。", "A phone opens the same address, too."),
];

/// Whether a browser is one of those.
fn is_old(headers: &HeaderMap) -> bool {
    let named = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    MARKS.iter().any(|mark| named.contains(mark))
}

/// Middleware: the way out in the place of every page; what is sent is answered as ever. The certificate that makes another browser trust the site can be
/// had all the same.
pub(super) async fn way_out(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads || !is_old(request.headers()) || request.uri().path() == paths::AUTHORITY {
        return next.run(request).await;
    }
    let mut answer = page().into_response();
    answer.headers_mut().insert(header::VARY, header::HeaderValue::from_static("user-agent"));
    answer
}

fn page() -> Markup {
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta http-equiv="Content-Type" content="text/html; charset=utf-8";
                meta http-equiv="X-UA-Compatible" content="IE=edge";
                // Browsers with two kernels change over by themselves.
                meta name="renderer" content="webkit";
                meta name="force-rendering" content="webkit";
                title { (TITLE.0) }
            }
            body {
                h1 { (TITLE.0) }
                p { (WHY.0) }
                ul { @for way in &WAYS_OUT { li { p { (way.0) } } } }
                hr;
                div lang="en" {
                    h2 { (TITLE.1) }
                    p { (WHY.1) }
                    ul { @for way in &WAYS_OUT { li { p { (way.1) } } } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn is(agent: &'static str) -> bool {
        is_old(&HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static(agent))]))
    }

    #[test]
    fn explorers_are_known_by_what_they_call_themselves() {
        for agent in [
            "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
            "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Win64; x64; Trident/5.0; 360SE)",
            "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Trident/7.0; .NET4.0C)",
            "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)",
        ] {
            assert!(is(agent), "{agent}");
        }
        for agent in [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.0.0 Safari/537.36 360SE",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "curl/8.5.0",
        ] {
            assert!(!is(agent), "{agent}");
        }
        assert!(!is_old(&HeaderMap::new()));
    }

    /// What HTML 4 and the browsers of 2001 knew.
    #[test]
    fn the_way_out_is_made_of_nothing_that_they_do_not_know() {
        let page = page().0;
        for known in page.split('<').skip(1).map(|rest| rest.split([' ', '>']).next().unwrap()) {
            let known = known.trim_start_matches('/');
            assert!(
                [
                    "!DOCTYPE", "html", "head", "meta", "title", "body", "h1", "h2", "p", "ul", "li", "hr",
                    "div"
                ]
                .contains(&known),
                "{known}"
            );
        }
        assert!(
            page.contains("极速模式") && page.contains("IE mode") && page.contains("charset=utf-8"),
            "{page}"
        );
        assert!(page.len() < 8_000 && !page.contains("style="), "{}", page.len());
    }
}

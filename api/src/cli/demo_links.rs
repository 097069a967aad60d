//! The links into a demo, as they are printed.

use super::table::table;
use crate::demo::links::Link;

/// A blank line and one for each; nothing if there are none.
pub(super) fn lines(links: &[Link]) -> String {
    if links.is_empty() {
        return String::new();
    }
    let row = |link: &Link| [format!("{} {}", link.zh, link.en), link.url.clone()];
    "\n".to_owned()
        + &table(["仅供示范的登录链接 sign-in links, for the demo only", ""], links.iter().map(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_a_line_below_one_that_says_what_it_is_for() {
        let link = Link {
            zh: "审计员",
            en: "auditor",
            url: "http://127.0.0.1:8080/signin?as=auditor#demo=00".into(),
        };
        let lines = lines(std::slice::from_ref(&link));
        let (head, rest) = lines.trim_start().split_once('\n').unwrap();
        assert!(head.contains("仅供示范") && head.contains("for the demo only"), "{head}");
        assert!(rest.starts_with("审计员 auditor ") && rest.ends_with(&format!("{}\n", link.url)), "{rest}");
        assert_eq!(super::lines(&[]), "");
    }
}

//! A browser without JavaScript: cookies, redirects, forms and links.

use std::collections::{BTreeMap, BTreeSet};

use hourbook_tests::server::{Answer, Server};

/// What browsers send with every page.
const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// One person's browser.
pub(crate) struct Browser<'a> {
    pub(crate) server: &'a Server,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Self { server, cookies: BTreeMap::new() }
    }

    /// A browser that holds a session already.
    pub(crate) fn with_token(server: &'a Server, token: &str) -> Self {
        let mut browser = Self::new(server);
        browser.cookies.insert("hourbook_session".to_owned(), token.to_owned());
        browser
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Sends one request and keeps the cookies of the answer.
    pub(crate) fn send(&mut self, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Answer {
        let cookie: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let cookie = cookie.join("; ");
        // A refused form is answered before it was read, which ends the connection: none is used twice.
        let mut headers = vec![("accept", ACCEPT), ("connection", "close")];
        if !cookie.is_empty() {
            headers.push(("cookie", &cookie));
        }
        headers.extend_from_slice(more);
        let answer = self.server.send(method, path, &headers, body.as_bytes());
        for (_, set) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = set.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a cookie has a name and a value");
            match set.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    /// Reads a page that must be there.
    pub(crate) fn page(&mut self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }

    /// Sends a form from one of the site's own pages, without following.
    pub(crate) fn post(&mut self, path: &str, fields: &str) -> Answer {
        let origin = format!("http://{}", self.server.address);
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", &origin)];
        self.send("POST", path, &headers, fields)
    }

    /// Sends a form that the page has, and follows to the page that it leads to.
    pub(crate) fn submit(&mut self, page: &str, action: &str, fields: &str) -> String {
        assert!(page.contains(&format!("action=\"{action}\"")), "no form for {action} in {page}");
        let answer = self.post(action, fields);
        assert_eq!(answer.status, 303, "{action}: {}", answer.text());
        let location = answer.header("location").expect("a redirect leads somewhere").to_owned();
        self.page(&location)
    }
}

/// The values of an attribute in a page, unescaped.
pub(crate) fn attributes(html: &str, name: &str) -> BTreeSet<String> {
    let mark = format!(" {name}=\"");
    html.split(&mark)
        .skip(1)
        .filter_map(|part| part.split_once('"'))
        .map(|(value, _)| value.replace("&amp;", "&"))
        .collect()
}

/// Visits every local address that can be reached by links and images; each with its status.
pub(crate) fn crawl(browser: &mut Browser<'_>, from: &str, most: usize) -> BTreeMap<String, u16> {
    let mut seen = BTreeMap::new();
    let mut next = vec![from.to_owned()];
    while let Some(path) = next.pop() {
        if seen.contains_key(&path) || seen.len() >= most {
            continue;
        }
        let answer = browser.get(&path);
        seen.insert(path.clone(), answer.status);
        next.extend(answer.header("location").map(str::to_owned));
        // The viewer of the interfaces is not one of these pages.
        let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        if !is_page || path.starts_with("/docs") {
            continue;
        }
        let html = answer.text();
        let links = attributes(&html, "href").into_iter().chain(attributes(&html, "src"));
        next.extend(links.filter(|link| link.starts_with('/')));
    }
    seen
}

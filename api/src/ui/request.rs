//! What every page's handler starts from: who reads, how, and the way to answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts, Query};
use axum::http::header::{HeaderMap, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::domain::Code;
use hourbook_ledger::domain::event::{Role, Scope};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::Date;
use hourbook_ledger::merkle::tree_root;
use hourbook_ledger::wire;
use hourbook_projections::Models;
use maud::Markup;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::components::Pager;
use super::exposed::is_exposed;
use super::i18n::Lang;
use super::labels;
use super::layout::{AsOf, Shell, Viewer as Reader};
use super::parts::Refusal;
use super::preferences::{Preferences, SIGNING_POLICY};
use super::sign_bar::Signer;
use super::site::Site;
use crate::auth::extract::is_same_site;
use crate::auth::token::{Proof, Session};
use crate::auth::visibility::{Viewer, Visibility};
use crate::commands::{Action, Given, Words, Wrong};
use crate::http::as_of::reach;
use crate::http::extract::stamp;
use crate::problem::{Fault, Problem};
use crate::state::App;

/// Which page of a numbered list is asked for.
#[derive(Deserialize)]
pub(crate) struct PageQuery {
    pub(crate) page: Option<String>,
}

/// Which board is asked for, and which page of it.
#[derive(Deserialize)]
pub(crate) struct BoardQuery {
    pub(crate) scope: Option<String>,
    pub(crate) period: Option<String>,
    pub(crate) page: Option<String>,
}

/// Of what the page must know at least.
#[derive(Deserialize)]
struct After {
    min_position: Option<u64>,
}

/// A request for a page.
pub(crate) struct PageRequest {
    pub(crate) app: Arc<App>,
    pub(crate) site: Arc<Site>,
    pub(crate) preferences: Preferences,
    pub(crate) session: Option<Session>,
    pub(crate) headers: HeaderMap,
    /// Position of what the reader says to have signed a moment ago.
    signed_at: Option<u64>,
}

impl FromRequestParts<Arc<App>> for PageRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let safe = matches!(parts.method, Method::GET | Method::HEAD);
        if !safe && !is_same_site(&parts.headers) {
            // Without a cookie too: nobody shall be signed in as somebody else by a page of another site.
            return Err(Fault::CrossSite.into());
        }
        let session = <Session as OptionalFromRequestParts<Arc<App>>>::from_request_parts(parts, app).await;
        let site = parts.extensions.get::<Arc<Site>>().cloned();
        let site = site.ok_or_else(|| Problem::internal(&"a page without its site"))?;
        let preferences =
            Preferences::read(parts.uri.path(), parts.uri.query().unwrap_or(""), &parts.headers);
        // After something was signed the page shall know of it.
        let known = Query::<After>::try_from_uri(&parts.uri).ok().and_then(|Query(after)| after.min_position);
        reach(app, known).await?;
        // A browser keeps a cookie longer than a session lasts: whoever comes with an old one is nobody.
        Ok(Self {
            app: app.clone(),
            site,
            preferences,
            session: session.unwrap_or(None),
            headers: parts.headers.clone(),
            signed_at: known,
        })
    }
}

/// What became of an action that a form asked for.
pub(crate) enum Outcome {
    /// It is done, and what is read knows of it.
    Done,
    /// The same, and it waits for others or for a term.
    Waits,
    /// It was refused, to be said on the page where that happened.
    Refused(StatusCode, Refusal),
}

impl PageRequest {
    /// Carries out an action of whoever is signed in; what is broken here gets a page of its own.
    pub(crate) async fn carry_out(
        &self,
        session: &Session,
        action: &Action,
        given: &Given,
    ) -> Result<Outcome, Problem> {
        let drafted = match action.draft(session.person, given, || self.app.random()) {
            Ok(drafted) => drafted,
            Err(Wrong(input)) if !input.label.0.is_empty() => {
                return Ok(self.refused(Code::OutOfRange.into(), input.mend));
            }
            Err(wrong) => return Err(wrong.into()),
        };
        match self.app.assert_in_session(session, drafted).await {
            Ok(receipt) => {
                reach(&self.app, Some(receipt.position)).await?;
                let waits = self.app.read.read().waiting.get(receipt.event).is_some_and(|act| act.is_open());
                Ok(if waits { Outcome::Waits } else { Outcome::Done })
            }
            Err(problem) if problem.kind.status() == StatusCode::INTERNAL_SERVER_ERROR => Err(problem),
            Err(problem) => {
                let words = problem.texts();
                Ok(self.refused(problem, words))
            }
        }
    }

    fn refused(&self, problem: Problem, (zh, en): Words) -> Outcome {
        let text = self.lang().t(zh, en).to_owned();
        Outcome::Refused(problem.kind.status(), Refusal { text, code: problem.code().to_owned() })
    }

    /// The page's language.
    pub(crate) fn lang(&self) -> Lang {
        self.preferences.lang
    }

    /// Who reads, for the rules of visibility.
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer::from(self.session)
    }

    /// What the reader may see.
    pub(crate) fn visibility<'a>(&self, models: &'a Models) -> Visibility<'a> {
        self.app.visibility(self.viewer(), models)
    }

    /// Today, in ledger time. The models are locked already: to ask the app would lock them twice.
    pub(crate) fn today(&self, models: &Models) -> Date {
        self.app.now().date(models.directory.offset())
    }

    /// The organisations that one of these roles of the reader covers, in the order of the tree, and how deep they stand;
    /// none without such a role.
    pub(crate) fn covered(&self, models: &Models, roles: &[Role]) -> Option<Vec<(OrgId, usize)>> {
        let (visibility, directory, today) = (self.visibility(models), &models.directory, self.today(models));
        let held: Vec<Scope> =
            visibility.roles().filter(|(role, _)| roles.contains(role)).map(|(_, scope)| scope).collect();
        if held.is_empty() {
            return None;
        }
        let above = |org: OrgId| directory.ancestors(org, today).split_off(1);
        let tops: Vec<OrgId> = match held.contains(&Scope::Ledger) {
            true => directory
                .orgs()
                .into_iter()
                .map(|(org, _)| org)
                .filter(|org| above(*org).is_empty())
                .collect(),
            false => {
                held.iter().filter_map(|scope| scope.org()).collect::<BTreeSet<_>>().into_iter().collect()
            }
        };
        let highest = tops.iter().filter(|top| !above(**top).iter().any(|above| tops.contains(above)));
        let mut ahead: Vec<(OrgId, usize)> = highest.rev().map(|top| (*top, 0)).collect();
        let mut found = Vec::new();
        while let Some((org, depth)) = ahead.pop() {
            found.push((org, depth));
            ahead.extend(directory.children(org, today).into_iter().rev().map(|child| (child, depth + 1)));
        }
        Some(found)
    }

    /// The session, or the address of the sign-in form that leads back to a path.
    pub(crate) fn signed_in(&self, back: &str) -> Result<Session, String> {
        self.session.ok_or_else(|| sign_in_and_back(back))
    }

    /// The shell of a page made from these models.
    pub(crate) fn shell(&self, models: &Models) -> Result<Shell, Problem> {
        let as_of = as_of(&self.app, models)?;
        self.shell_as_of(models, as_of)
    }

    /// The shell of a page that was made at another position.
    pub(crate) fn shell_as_of(&self, models: &Models, as_of: AsOf) -> Result<Shell, Problem> {
        let town = self.site.places(models).town.clone();
        let viewer =
            self.session.map(|session| reader(&self.app, models, self.lang(), session)).transpose()?;
        let clock_in_doubt = self.app.handle.clock_fault().is_some();
        let is_demo = self.app.origin.is_example();
        let is_exposed = is_exposed(&self.headers);
        let receipt = self.receipt()?;
        Ok(Shell {
            receipt,
            preferences: self.preferences.clone(),
            town,
            as_of,
            viewer,
            clock_in_doubt,
            is_demo,
            is_exposed,
            is_unranked: models.rankings_off(self.app.now()),
        })
    }

    /// The position of what the reader has just signed: an address alone does not make it so.
    fn receipt(&self) -> Result<Option<u64>, Problem> {
        let Some((session, position)) = self.session.zip(self.signed_at) else { return Ok(None) };
        let Some(bytes) = self.app.reader.entry(position)? else { return Ok(None) };
        let entry = wire::decode_entry(&bytes).map_err(|error| Problem::internal(&error))?;
        let event = wire::decode_event(&entry.signed.payload).map_err(|error| Problem::internal(&error))?;
        let is_own = matches!(session.proof, Proof::Key(_)) && event.actor == session.person;
        Ok(is_own.then_some(position))
    }

    /// The page that is drawn from these models in its shell.
    pub(crate) fn draw(
        &self,
        models: &Models,
        draw: impl FnOnce(&Shell) -> Markup,
    ) -> Result<Response, Problem> {
        Ok(self.answer(draw(&self.shell(models)?)))
    }

    /// The page, unless the browser has it already.
    pub(crate) fn answer(&self, page: Markup) -> Response {
        let digest = Sha256::digest(page.0.as_bytes());
        let tag = format!("W/\"{}\"", hex::encode(&digest[..12]));
        let known = self
            .headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .any(|value| value.as_bytes() == tag.as_bytes());
        let tag = [(header::ETAG, HeaderValue::try_from(tag).expect("hexadecimal digits are ASCII"))];
        if known {
            return (StatusCode::NOT_MODIFIED, tag).into_response();
        }
        // Nothing that a person wrote stands unescaped in a page, so this is a script of ours.
        match page.0.contains("<script type=\"module\"") {
            true => (tag, [(header::CONTENT_SECURITY_POLICY, SIGNING_POLICY)], page).into_response(),
            false => (tag, page).into_response(),
        }
    }
}

/// Who is signed in, as the frame of a page says it.
pub(crate) fn reader(app: &App, models: &Models, lang: Lang, session: Session) -> Result<Reader, Problem> {
    let visibility = app.visibility(Viewer::from(Some(session)), models);
    let role = labels::first_role(lang, visibility.roles().map(|(role, _)| role));
    let name = app.shown_name(&visibility, session.person)?;
    let name = name.unwrap_or_else(|| labels::nameless(lang).to_owned());
    let signer = match session.proof {
        Proof::Key(key) => Some(Signer {
            key: key.to_string(),
            person: session.person.to_string(),
            ledger: app.origin.as_str().to_owned(),
        }),
        Proof::Grant(_) => None,
    };
    Ok(Reader {
        name,
        signer,
        is_staff: visibility.roles().next().is_some(),
        finds_people: visibility.looks_for_people(),
        role: role.to_owned(),
        waiting: models.waiting.about(session.person).filter(|(_, act)| act.is_open()).count(),
    })
}

/// Position, root and time of what the models hold. The newest head may be a group ahead of them.
pub(crate) fn as_of(app: &App, models: &Models) -> Result<AsOf, Problem> {
    let (head, size) = (app.reader.head(), models.as_of());
    let node = |level, index| {
        let found = app.reader.node(level, index)?;
        found.ok_or_else(|| Problem::internal(&"the tree lacks a node below its head"))
    };
    let root = if head.size == size { head.root } else { tree_root(size, node)? };
    let directory = &models.directory;
    Ok(AsOf {
        position: size,
        root_hex: hex::encode(root),
        recorded_at: stamp(directory.last_at(), directory.offset()),
    })
}

/// Go there with GET.
pub(crate) fn see_other(path: &str) -> Response {
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// The address of the sign-in form that leads back to a path afterwards.
pub(crate) fn sign_in_and_back(back: &str) -> String {
    let escaped: String = back.bytes().map(escape).collect();
    format!("{}?next={escaped}", crate::ui::paths::SIGN_IN)
}

fn escape(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
}

/// Whether a path leads nowhere but to this site.
pub(crate) fn is_local(path: &str) -> bool {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    plain && path.starts_with('/') && !path.starts_with("//") && path.len() <= 1_000
}

/// A page of a numbered list: the page asked for, within those there are.
pub(crate) fn pager(asked: Option<&str>, each: usize, rows: u64) -> Pager {
    let pages = u32::try_from(rows.div_ceil(each as u64)).unwrap_or(u32::MAX).max(1);
    let page = asked.and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, pages);
    Pager { page, pages, rows }
}

/// Rows before a page.
pub(crate) fn rows_before(pager: Pager, each: usize) -> usize {
    (pager.page as usize - 1) * each
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_local() {
        for path in ["/", "/me", "/wishes/1?done=claimed", "/leaderboard?scope=a&period=2026Q3"] {
            assert!(is_local(path), "{path}");
        }
        for path in
            ["", "me", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "/%0a b", "/时"]
        {
            assert!(!is_local(path), "{path}");
        }
    }

    #[test]
    fn the_way_back_survives_the_query() {
        assert_eq!(sign_in_and_back("/wishes?a=1&b=2"), "/signin?next=/wishes%3Fa%3D1%26b%3D2");
    }

    #[test]
    fn a_page_beyond_the_last_is_the_last() {
        let page = |asked, rows| pager(asked, 10, rows).page;
        assert_eq!([page(None, 25), page(Some("3"), 25), page(Some("9"), 25)], [1, 3, 3]);
        assert_eq!([page(Some("0"), 25), page(Some("x"), 25), page(Some("2"), 0)], [1, 1, 1]);
    }
}

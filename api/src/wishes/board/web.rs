//! `/wishes`: the board of micro-wishes.

use axum::response::Response;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_projections::Models;
use hourbook_projections::wishes::{WishFilter, WishState};
use serde::Deserialize;

use super::super::desk;
use super::page;
use crate::auth::token::Session;
use crate::auth::visibility::STAFF;
use crate::commands::Words;
use crate::http::extract::Query;
use crate::problem::{Fault, Problem};
use crate::ui::components::{Choice, Walk};
use crate::ui::fill::card;
use crate::ui::i18n::Lang;
use crate::ui::request::PageRequest;
use crate::ui::{labels, paths};

/// Wishes on a page.
const EACH: usize = 20;

#[derive(Deserialize)]
pub(crate) struct BoardQuery {
    status: Option<String>,
    category: Option<String>,
    community: Option<String>,
    before: Option<String>,
}

/// What the status filter means: states, and whose part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Open,
    All,
    Claimed,
    Fulfilled,
    Confirmed,
    Mine,
    Asked,
}

impl Status {
    const ALL: [Self; 7] =
        [Self::Open, Self::All, Self::Claimed, Self::Fulfilled, Self::Confirmed, Self::Mine, Self::Asked];

    /// The value in the query; nothing for the usual one.
    fn code(self) -> &'static str {
        match self {
            Self::Open => "",
            Self::All => "all",
            Self::Claimed => "claimed",
            Self::Fulfilled => "fulfilled",
            Self::Confirmed => "confirmed",
            Self::Mine => "mine",
            Self::Asked => "asked",
        }
    }

    fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::All => lang.t("全部", "All"),
            Self::Open | Self::Claimed | Self::Fulfilled | Self::Confirmed => {
                let (zh, en) = self.states().first().map_or(("", ""), |state| state.words());
                lang.t(zh, en)
            }
            Self::Mine => lang.t("我认领的", "Claimed by me"),
            Self::Asked => lang.t("我的心愿", "My own wishes"),
        }
    }

    fn states(self) -> Vec<WishState> {
        use WishState as S;
        match self {
            Self::Open => vec![S::Open],
            Self::Claimed => vec![S::Claimed],
            Self::Fulfilled => vec![S::Fulfilled],
            Self::Confirmed => vec![S::Confirmed],
            Self::All => S::ALL.into_iter().filter(|s| !matches!(s, S::Draft | S::Withdrawn)).collect(),
            Self::Mine | Self::Asked => Vec::new(),
        }
    }

    fn is_personal(self) -> bool {
        matches!(self, Self::Mine | Self::Asked)
    }
}

pub(crate) async fn page(request: PageRequest, Query(query): Query<BoardQuery>) -> Result<Response, Problem> {
    let wanted = query.status.as_deref().unwrap_or("");
    // `open` is what other pages may link to by its name.
    let wanted = if wanted == "open" { "" } else { wanted };
    let status = Status::ALL.into_iter().find(|status| status.code() == wanted).ok_or(Fault::NotFound)?;
    let person = match (status.is_personal(), request.session) {
        (true, None) => return Err(Fault::SignInRequired.into()),
        (_, session) => session.map(|s: Session| s.person),
    };
    let org: Option<OrgId> =
        given(query.community.as_deref()).map(str::parse).transpose().map_err(|_| Fault::NotFound)?;
    let before = given(query.before.as_deref()).map(str::parse).transpose().map_err(|_| Fault::NotFound)?;
    let filter = WishFilter {
        states: &status.states(),
        org,
        category: given(query.category.as_deref()),
        resident: person.filter(|_| status == Status::Asked),
        claimer: person.filter(|_| status == Status::Mine),
    };
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let found = models.wishes.page(&models.directory, &filter, before, EACH);
    let visible = found.wishes.into_iter().filter(|wish| visibility.wish(wish));
    let view = page::View {
        statuses: statuses(&request, status),
        categories: categories(request.lang(), filter.category),
        communities: communities(&request, &models, org),
        wishes: visible.map(|wish| card(&request, &models, wish)).collect::<Result<_, _>>()?,
        links: links(&request, &models),
        walk: Walk { gone: before.is_some(), next: found.next },
    };
    let shell = request.shell(&models)?;
    Ok(request.answer(page::render(&shell, &view)))
}

/// Where staff, and whoever speaks for a team or unit, go on from here.
fn links(request: &PageRequest, models: &Models) -> Vec<(&'static str, Words)> {
    let works = request.covered(models, &STAFF).is_some();
    let speaks = !desk::speaks_for(request, models).is_empty();
    let links = [
        (works, (paths::POST_WISH, ("代提心愿", "Post a wish for somebody"))),
        (works, (paths::VETTING, ("一次审核多个心愿", "Vet many wishes"))),
        (works, (paths::WALL, ("打印心愿墙", "Print the wall of wishes"))),
        (speaks, (paths::CLAIMING, ("以组织名义认领多个", "Take many on for an organisation"))),
    ];
    links.into_iter().filter(|(holds, _)| *holds).map(|(_, link)| link).collect()
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn statuses(request: &PageRequest, current: Status) -> Vec<Choice> {
    let offered = Status::ALL.into_iter().filter(|status| request.session.is_some() || !status.is_personal());
    let choice = |status: Status| Choice {
        value: status.code().to_owned(),
        label: status.label(request.lang()).to_owned(),
        selected: status == current,
    };
    offered.map(choice).collect()
}

fn everything(lang: Lang, selected: bool) -> Choice {
    Choice { value: String::new(), label: lang.t("全部", "All").to_owned(), selected }
}

fn categories(lang: Lang, current: Option<&str>) -> Vec<Choice> {
    let choice = |code: &str| Choice {
        value: code.to_owned(),
        label: labels::category(lang, code),
        selected: current == Some(code),
    };
    std::iter::once(everything(lang, current.is_none()))
        .chain(labels::wish_categories().map(choice))
        .collect()
}

fn communities(request: &PageRequest, models: &Models, current: Option<OrgId>) -> Vec<Choice> {
    let places = request.site.places(models);
    let choice = |(org, name): &(OrgId, String)| Choice {
        value: org.to_string(),
        label: name.clone(),
        selected: current == Some(*org),
    };
    let all = everything(request.lang(), current.is_none());
    std::iter::once(all).chain(places.communities.iter().map(choice)).collect()
}

//! `/wishes/{id}`: one wish with its way so far; and what a signed-in person can do about it, as plain forms.

use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::domain::event::{BodyKind, Claimer, Looked};
use hourbook_ledger::domain::ids::WishId;
use hourbook_projections::Models;
use hourbook_projections::wishes::{Step, Wish, WishState};
use serde::Deserialize;

use super::page;
use crate::auth::token::Proof;
use crate::auth::visibility::Seen;
use crate::commands::Assertion;
use crate::http::as_of::reach;
use crate::http::extract::{Query, stamp};
use crate::problem::{Fault, Problem};
use crate::ui::components::{self, Tone};
use crate::ui::fill::card;
use crate::ui::parts::Refusal;
use crate::ui::refusal::refusal;
use crate::ui::request::{Visit, see_other, sign_in_and_back};
use crate::ui::{names, paths};

#[derive(Deserialize)]
pub(crate) struct WishQuery {
    done: Option<String>,
}

pub(crate) async fn page(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<WishQuery>,
) -> Result<Response, Problem> {
    let id: WishId = id.parse().map_err(|_| Fault::NotFound)?;
    show(&visit, id, query.done.as_deref(), None).await
}

#[derive(Deserialize)]
pub(crate) struct ActForm {
    minutes: Option<String>,
    rating: Option<String>,
}

pub(crate) async fn act(
    visit: Visit,
    Path((id, act)): Path<(String, String)>,
    form: Result<Form<ActForm>, FormRejection>,
) -> Result<Response, Problem> {
    let id: WishId = id.parse().map_err(|_| Fault::NotFound)?;
    let here = paths::wish(&id.to_string());
    let session = match visit.signed_in(&here) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    let form = form.map(|Form(form)| form).unwrap_or(ActForm { minutes: None, rating: None });
    let assertion = match assertion(&act, id, &form) {
        Ok(assertion) => assertion,
        Err(Some(refusal)) => {
            let text = visit.look.lang.t(refusal.0, refusal.1).to_owned();
            let refused = Refusal { text, code: "out-of-range".to_owned() };
            let page = show(&visit, id, None, Some(refused)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        Err(None) => return Err(Fault::NotFound.into()),
    };
    match visit.app.witness(&session, assertion.by(session.person), Vec::new()).await {
        Ok(receipt) => {
            reach(&visit.app, Some(receipt.position)).await?;
            let waits = visit.app.read.read().waiting.get(receipt.event).is_some_and(|act| act.is_open());
            Ok(see_other(&if waits { paths::OWN_ACTS.to_owned() } else { format!("{here}?done={act}") }))
        }
        Err(problem) => {
            let (status, refusal) = refusal(&visit, problem)?;
            Ok((status, show(&visit, id, None, Some(refusal)).await?).into_response())
        }
    }
}

/// What a form asserts; else what is wrong with it in both languages, or nothing if there is no such form.
fn assertion(
    act: &str,
    wish: WishId,
    form: &ActForm,
) -> Result<Assertion, Option<(&'static str, &'static str)>> {
    let number = |text: &Option<String>| text.as_deref().unwrap_or("").trim().to_owned();
    match act {
        "claim" => Ok(Assertion::ClaimWish { wish }),
        "release" => Ok(Assertion::ReleaseWish { wish }),
        "fulfil" => {
            let minutes = number(&form.minutes).parse();
            let minutes =
                minutes.map_err(|_| Some(("请用数字填写用了多少分钟。", "Give the minutes as a number.")))?;
            Ok(Assertion::FulfilWish { wish, minutes })
        }
        "confirm" => {
            let rating = number(&form.rating).parse();
            let rating = rating.map_err(|_| Some(("请选择 1 到 5 分。", "Choose a rating from 1 to 5.")))?;
            Ok(Assertion::ConfirmWish { wish, rating })
        }
        _ => Err(None),
    }
}

async fn show(
    visit: &Visit,
    id: WishId,
    done: Option<&str>,
    refused: Option<Refusal>,
) -> Result<Response, Problem> {
    let seen = Seen::default();
    let page = make(visit, &seen, id, done, refused)?;
    seen.record(&visit.app, visit.viewer()).await?;
    Ok(page)
}

fn make(
    visit: &Visit,
    seen: &Seen,
    id: WishId,
    done: Option<&str>,
    refused: Option<Refusal>,
) -> Result<Response, Problem> {
    let models = visit.app.read.read();
    let sight = visit.sight(&models);
    let wish = models.wishes.get(id).filter(|wish| sight.wish(wish)).ok_or(Fault::NotFound)?;
    let private = match sight.wish_words(wish) {
        true => Some({
            seen.words(&sight, wish);
            page::Private {
                resident: visit.app.shown_name(&sight, wish.resident)?,
                words: visit.value(Some(wish.text))?.unwrap_or_default(),
            }
        }),
        false => None,
    };
    let view = page::View {
        wish: card(visit, &models, wish)?,
        cost_ceiling_fen: 0,
        due: None,
        steps: steps(visit, &models, seen, wish)?,
        next: next(visit, wish),
        done: done.and_then(|done| just_done(visit, wish, done)),
        refused,
        private,
    };
    let shell = visit.shell(&models)?;
    Ok(visit.answer(page::render(&shell, &view)))
}

fn is_mine(visit: &Visit, wish: &Wish) -> bool {
    let person = visit.session.map(|session| session.person);
    matches!(wish.claimer, Some(Claimer::Person(claimer)) if Some(claimer) == person)
}

/// What the page says right after a step, as long as the wish still stands where the step left it.
fn just_done(visit: &Visit, wish: &Wish, done: &str) -> Option<page::Done> {
    let own = visit.session.map(|session| session.person);
    let last = wish.timeline.last().filter(|step| Some(step.act.actor) == own)?;
    match (done, last.kind) {
        ("claim", BodyKind::WishClaimed) => {
            Some(page::Done::Claimed { undo: paths::wish_act(&wish.id.to_string(), "release") })
        }
        ("release", BodyKind::WishReleased) => Some(page::Done::Released),
        ("fulfil", BodyKind::WishFulfilled) => Some(page::Done::Fulfilled),
        ("confirm", BodyKind::WishConfirmed) => Some(page::Done::Confirmed),
        _ => None,
    }
}

fn next(visit: &Visit, wish: &Wish) -> page::Next {
    let (lang, id) = (visit.look.lang, wish.id.to_string());
    let wait = |zh: &str, en: &str| page::Next::Wait(lang.t(zh, en).to_owned());
    let Some(session) = visit.session else {
        return match wish.state {
            WishState::Open => page::Next::SignIn { href: sign_in_and_back(&paths::wish(&id)) },
            _ => outcome(visit, wish),
        };
    };
    let poster = wish.timeline.first().map(|step| step.act.actor);
    let concerned = session.person == wish.resident || Some(session.person) == poster;
    let acts = match wish.state {
        WishState::Open => !concerned,
        WishState::Claimed => is_mine(visit, wish),
        WishState::Fulfilled => session.person == wish.resident,
        _ => false,
    };
    if acts && matches!(session.proof, Proof::Key(_)) {
        return wait(
            "您以密钥登录，请用持有密钥的程序签名办理。",
            "You signed in with a key: sign this with the program that holds it.",
        );
    }
    match wish.state {
        WishState::Open if concerned => wait(
            "等待志愿者认领。住户和发布人不能认领。",
            "It waits for a volunteer; the resident and the poster cannot claim it.",
        ),
        WishState::Open => page::Next::Claim { action: paths::wish_act(&id, "claim") },
        WishState::Claimed if acts => page::Next::Mine {
            fulfil: paths::wish_act(&id, "fulfil"),
            release: paths::wish_act(&id, "release"),
            minutes: u64::from(wish.expected),
        },
        WishState::Fulfilled if acts => page::Next::Confirm { action: paths::wish_act(&id, "confirm") },
        _ => outcome(visit, wish),
    }
}

/// What happens next without the reader.
fn outcome(visit: &Visit, wish: &Wish) -> page::Next {
    let text = match wish.state {
        WishState::Draft => ("等待审核。", "It waits to be vetted."),
        WishState::Claimed => ("已经有人认领，正在办。", "Somebody has taken it on."),
        WishState::Fulfilled => ("已经办好，等住户确认。", "It is done; the resident confirms it next."),
        WishState::Confirmed => {
            ("住户已确认，心愿实现了。", "The resident confirmed it: the wish was granted.")
        }
        WishState::Lapsed => ("没有人及时认领，已过期。", "Nobody claimed it in time."),
        WishState::Withdrawn => ("心愿已撤回。", "It was withdrawn."),
        WishState::Open => return page::Next::Nothing,
    };
    page::Next::Wait(visit.look.lang.t(text.0, text.1).to_owned())
}

/// The way so far, and what is still to come.
fn steps(visit: &Visit, models: &Models, seen: &Seen, wish: &Wish) -> Result<Vec<components::Step>, Problem> {
    let past = wish.timeline.iter().map(|step| past(visit, models, seen, wish, step));
    let mut steps: Vec<components::Step> = past.collect::<Result<_, _>>()?;
    let lang = visit.look.lang;
    let to_come = [
        (WishState::Draft, lang.t("审核", "Vetting")),
        (WishState::Open, lang.t("等待认领", "Waits for a claim")),
        (WishState::Claimed, lang.t("完成", "Done")),
        (WishState::Fulfilled, lang.t("住户确认并评分", "The resident confirms and rates it")),
    ];
    let coming = to_come.iter().filter(|(state, _)| wish.state <= *state).enumerate();
    steps.extend(coming.map(|(place, (_, title))| components::Step {
        title: (*title).to_owned(),
        tone: if place == 0 { Tone::Wait } else { Tone::Plain },
        ..components::Step::default()
    }));
    Ok(steps)
}

fn past(
    visit: &Visit,
    models: &Models,
    seen: &Seen,
    wish: &Wish,
    step: &Step,
) -> Result<components::Step, Problem> {
    let lang = visit.look.lang;
    let (title, tone) = match step.kind {
        BodyKind::WishPosted => (lang.t("社区发布", "Posted by the community"), Tone::Good),
        BodyKind::WishVetted => (lang.t("审核通过", "Vetted"), Tone::Good),
        BodyKind::WishClaimed => (lang.t("认领", "Claimed"), Tone::Good),
        BodyKind::WishReleased => (lang.t("放下", "Let go"), Tone::Plain),
        BodyKind::WishFulfilled => (lang.t("完成", "Done"), Tone::Good),
        BodyKind::WishConfirmed => (lang.t("住户确认", "Confirmed by the resident"), Tone::Good),
        BodyKind::WishLapsed => (lang.t("过期", "Lapsed"), Tone::Bad),
        BodyKind::WishWithdrawn => (lang.t("撤回", "Withdrawn"), Tone::Plain),
        other => (other.name(), Tone::Plain),
    };
    let rated = wish.rating.filter(|_| step.kind == BodyKind::WishConfirmed);
    let title = match rated {
        Some(rating) => format!("{title}{}{rating}{}", lang.t("，", ", rated "), lang.t(" 分", " of 5")),
        None => title.to_owned(),
    };
    Ok(components::Step {
        title,
        who: who(visit, models, seen, wish, step)?,
        at: Some(stamp(step.act.at, models.directory.offset())),
        position: Some(step.act.position),
        note: None,
        tone,
    })
}

/// Who took a step: an organisation by name, a person as far as this reader may know.
fn who(
    visit: &Visit,
    models: &Models,
    seen: &Seen,
    wish: &Wish,
    step: &Step,
) -> Result<Option<String>, Problem> {
    let lang = visit.look.lang;
    let sight = visit.sight(models);
    let name = |act: &hourbook_projections::act::Act| match visit.app.shown_name(&sight, act.actor)? {
        Some(_) => names::doer(visit, models, act).map(Some),
        None => Ok::<_, Problem>(None),
    };
    let by_org = match wish.claimer {
        Some(Claimer::Org(org)) => Some(names::org(&models.directory, org)),
        _ => None,
    };
    // Whoever posts and vets acts in office; whoever grants a wish, or had one, is somebody else.
    if !matches!(step.kind, BodyKind::WishPosted | BodyKind::WishVetted) {
        let persons = [Some(step.act.actor), step.act.acting_for].into_iter().flatten();
        persons.for_each(|person| seen.name(&sight, Looked::Wish(wish.id), person));
    }
    Ok(match step.kind {
        BodyKind::WishPosted | BodyKind::WishVetted => {
            let org = names::around(&models.directory, wish.org).unwrap_or(wish.org);
            let org = names::org(&models.directory, org);
            Some(name(&step.act)?.map_or_else(|| org.clone(), |name| format!("{org} · {name}")))
        }
        BodyKind::WishClaimed | BodyKind::WishReleased | BodyKind::WishFulfilled => {
            let volunteer = lang.t("一位志愿者", "a volunteer").to_owned();
            Some(by_org.or(name(&step.act)?).unwrap_or(volunteer))
        }
        BodyKind::WishConfirmed => {
            Some(name(&step.act)?.unwrap_or(lang.t("住户", "the resident").to_owned()))
        }
        _ => None,
    })
}

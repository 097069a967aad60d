//! `/me/acts`: what waits and concerns the reader, who can agree to it or call it off.

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use hourbook_ledger::domain::event::{
    Body, ConsentKind, CreditEvent, HoursEvent, KeyEvent, ListEvent, MemberEvent, ReportInEvent,
    RevocationReason, RoleEvent, Scope, SessionEvent,
};
use hourbook_ledger::domain::ids::{EventId, OrgId};
use hourbook_projections::Models;
use hourbook_projections::waiting::{Act, Standing};

use super::super::actions;
use super::page;
use crate::auth::token::Session;
use crate::auth::visibility::{Part, Seen};
use crate::commands::{Action, Given};
use crate::http::extract::stamp;
use crate::problem::{Fault, Problem};
use crate::ui::parts::Refusal;
use crate::ui::request::{Outcome, PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{Lang, labels, names, paths};

/// Acts that are shown.
const MOST: usize = 50;

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    match request.signed_in(paths::OWN_ACTS) {
        Ok(session) => show(&request, session, None).await,
        Err(sign_in) => Ok(see_other(&sign_in)),
    }
}

pub(crate) async fn act(
    request: PageRequest,
    Path((id, way)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let act: EventId = id.parse().map_err(|_| Fault::NotFound)?;
    let action = match way.as_str() {
        "approve" => &actions::APPROVE_ACT,
        "stop" => &actions::STOP_ACT,
        _ => return Err(Fault::NotFound.into()),
    };
    let session = match request.signed_in(paths::OWN_ACTS) {
        Ok(session) => session,
        Err(sign_in) => return Ok(see_other(&sign_in)),
    };
    match request.carry_out(&session, action, &Given::default().with(&actions::ACT, act)).await? {
        Outcome::Done | Outcome::Waits => Ok(see_other(paths::OWN_ACTS)),
        Outcome::Refused(status, refusal) => {
            Ok((status, show(&request, session, Some(refusal)).await?).into_response())
        }
    }
}

async fn show(
    request: &PageRequest,
    session: Session,
    refused: Option<Refusal>,
) -> Result<Response, Problem> {
    let seen = Seen::default();
    let page = make(request, &seen, session, refused)?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

fn make(
    request: &PageRequest,
    seen: &Seen,
    session: Session,
    refused: Option<Refusal>,
) -> Result<Response, Problem> {
    let models = request.app.read.read();
    let visibility = request.visibility(&models);
    let (lang, offset) = (request.lang(), models.directory.offset());
    let about = models.waiting.about(session.person).rev().take(MOST);
    let shown = about.map(|(id, act)| {
        let by = request.app.actor_name(&visibility, act.event.actor)?;
        let own = act.event.actor == session.person;
        let term = act.standing == Standing::Term;
        let asked = act.standing == Standing::NeedsApproval && asks_the_person(&act.event.body);
        Ok(page::Act {
            id: id.to_string(),
            what: what(request, &models, act),
            by: by.unwrap_or_else(|| labels::nameless(lang).to_owned()),
            at: stamp(act.at, offset),
            due: act.due.map(|due| stamp(due, offset)),
            position: act.position,
            standing: standing(lang, act).to_owned(),
            open: act.is_open(),
            stop: (act.is_open() && (term || act.due.is_some() || asked || own))
                .then(|| signed(&actions::STOP_ACT, id)),
            approval: (asked && !own).then(|| signed(&actions::APPROVE_ACT, id)),
            ..page::Act::default()
        })
    });
    let acts = shown.collect::<Result<_, Problem>>()?;
    let view = page::View { acts, for_office: for_office(request, &models, seen)?, refused };
    request.draw(&models, |shell| page::render(shell, &view))
}

/// What waits for a second person, and is about somebody whom the reader works with.
fn for_office(request: &PageRequest, models: &Models, seen: &Seen) -> Result<Vec<page::Act>, Problem> {
    let (visibility, lang, offset) = (request.visibility(models), request.lang(), models.directory.offset());
    let open = models.waiting.open().filter(|(_, act)| act.standing == Standing::NeedsApproval);
    let found = open.filter_map(|(id, act)| match visibility.part_in(models, act) {
        Some(Part::Office(role, org)) => Some((id, act, role, org)),
        _ => None,
    });
    let shown = found.take(MOST).map(|(id, act, role, org)| {
        seen.found(role, org, act.subject);
        let kind = act.event.body.kind();
        let words = labels::act(kind).or_else(|| request.app.actions.waits(kind));
        let by = request.app.actor_name(&visibility, act.event.actor)?;
        let whom = act.subject.filter(|person| visibility.id_of(*person));
        let whom = whom.map(|person| request.app.shown_name(&visibility, person)).transpose()?;
        let reason = match &act.event.body {
            Body::Hours(HoursEvent::Corrected { reason, .. }) => request.app.value(Some(*reason))?,
            _ => None,
        };
        Ok(page::Act {
            id: id.to_string(),
            what: words.map_or(kind.name(), |(zh, en)| lang.t(zh, en)).to_owned(),
            whom: whom.flatten(),
            reason,
            by: by.unwrap_or_else(|| labels::nameless(lang).to_owned()),
            at: stamp(act.at, offset),
            due: act.due.map(|due| stamp(due, offset)),
            position: act.position,
            standing: standing(lang, act).to_owned(),
            open: true,
            stop: None,
            approval: Some(signed(&actions::APPROVE_ACT, id)),
        })
    });
    shown.collect()
}

fn signed(action: &'static Action, act: EventId) -> Signed {
    let given = Given::default().with(&actions::ACT, act);
    Signed::new(action, given, paths::OWN_ACTS.to_owned())
}

/// Whether the act waits for the other side, which is the person's or the organisation's, and not for a colleague.
fn asks_the_person(body: &Body) -> bool {
    matches!(body, Body::Member(MemberEvent::Affiliated { .. }) | Body::ReportIn(ReportInEvent::Filed { .. }))
}

fn standing(lang: Lang, act: &Act) -> &'static str {
    match act.standing {
        Standing::NeedsApproval if asks_the_person(&act.event.body) => {
            lang.t("等待另一方同意", "waits for the other side")
        }
        Standing::NeedsApproval => lang.t("等待第二个人同意", "waits for a second person"),
        Standing::Term => lang.t("等待期满", "waits for the term"),
        Standing::TookEffect => lang.t("已生效", "took effect"),
        Standing::Stopped => lang.t("已叫停", "stopped"),
    }
}

/// What the act comes to.
fn what(request: &PageRequest, models: &Models, act: &Act) -> String {
    let lang = request.lang();
    let org = |org: &OrgId| names::org(&models.directory, *org);
    match &act.event.body {
        Body::Member(MemberEvent::ErasureRequested { .. }) => {
            lang.t("删除您的个人信息", "Erase your personal data").to_owned()
        }
        Body::Key(KeyEvent::Revoked { reason: RevocationReason::Stolen, .. }) => {
            lang.t("停用一把报失窃的密钥", "End a key reported stolen").to_owned()
        }
        Body::Key(KeyEvent::Revoked { .. }) => lang.t("停用您的一把密钥", "End one of your keys").to_owned(),
        Body::Role(RoleEvent::Revoked { role, scope, .. }) => {
            let laid_down = lang.t("收回您的职务：", "Take away your role: ").to_owned();
            let over = match scope {
                Scope::Org(to) => format!(" · {}", org(to)),
                Scope::Ledger => String::new(),
            };
            laid_down + labels::role(lang, *role) + &over
        }
        Body::Session(SessionEvent::Closed { .. }) => {
            lang.t("结束您的一次登录", "End one of your sessions").to_owned()
        }
        Body::Member(MemberEvent::Affiliated { org: to, span, .. }) if span.to.is_none() => {
            lang.t("把您登记到：", "Have you belong to ").to_owned() + &org(to)
        }
        Body::Member(MemberEvent::Affiliated { org: to, .. }) => {
            lang.t("结束您在此处的归属：", "End your belonging to ").to_owned() + &org(to)
        }
        Body::ReportIn(ReportInEvent::Filed { community, .. }) => {
            lang.t("请您向社区报到：", "Have you report to ").to_owned() + &org(community)
        }
        Body::Member(MemberEvent::ConsentGiven { kind: ConsentKind::PublicName, .. }) => {
            lang.t("在榜单上公开您的姓名", "Name you in public rankings and lists").to_owned()
        }
        Body::Member(MemberEvent::HelperNamed { .. }) => {
            lang.t("让别人做您的帮手，可以代您报名", "Name a helper, who can sign you up").to_owned()
        }
        Body::Credit(CreditEvent::Transferred { .. }) | Body::Credit(CreditEvent::Settled { .. }) => {
            lang.t("转出您的时间币", "Move credit of yours").to_owned()
        }
        Body::Hours(HoursEvent::Corrected { .. }) => {
            lang.t("更正您已审核的时长", "Correct confirmed hours of yours").to_owned()
        }
        Body::List(ListEvent::MemberExempted { .. }) => {
            lang.t("本期不参评", "Leave you out of the points").to_owned()
        }
        other => {
            let words = request.app.actions.waits(other.kind());
            words.map_or(other.kind().name(), |(zh, en)| lang.t(zh, en)).to_owned()
        }
    }
}

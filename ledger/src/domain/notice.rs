//! Notices: what an organisation tells everybody for a span of days.

use super::concern::{Concern, Reach};
use super::context::{Context, Header};
use super::ids::{EventId, OrgId};
use super::register::Register;
use super::rejection::{Code, Verdict, ensure};
use super::time::Date;
use super::vocabulary::Span;
use crate::domain::ids::Commitment;
use crate::store::table::{Table, tables};
use hourbook_derive::Aggregate;

/// What can be asserted of a notice, which goes by the event that published it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize, Aggregate)]
#[aggregate(stream(Org, org))]
#[allow(missing_docs)] // fields are named after their types
pub enum NoticeEvent {
    /// An organisation tells something to everybody; the texts stay in the vault.
    #[event(1, by(steward, worker, unit_officer, secretary))]
    #[safe = "Gives nobody a right; shown under the organisation's name until its last day, and withdrawn at any time."]
    Published {
        org: OrgId,
        #[field(commits(Title, org))]
        title: Commitment,
        #[field(commits(Content, org))]
        text: Commitment,
        span: Span,
    },
    /// It is taken down before its last day.
    #[event(2, by(steward, worker, unit_officer, secretary))]
    #[safe = "Gives nobody a right; published anew."]
    Withdrawn { org: OrgId, notice: EventId },
}

/// Most days for which a notice is shown, and most days before its first that it is published.
pub const DAYS_LIMIT: i32 = 366;
/// Most notices of one organisation that are not over.
pub const NOTICES_LIMIT: usize = 8;

/// The notices that were neither withdrawn nor over when their organisation published the last.
#[derive(Default, Debug, Clone)]
pub struct Notices {
    published: Table<33, OrgId, Vec<(EventId, Span)>>,
}

tables!(Notices { published });

impl Notices {
    /// Those of an organisation that are not over on a date, in order of publishing.
    pub fn of(&self, org: OrgId, date: Date) -> impl Iterator<Item = EventId> {
        let all = self.published.get(&org).map_or(&[][..], Vec::as_slice);
        all.iter().filter(move |(_, span)| span.to.is_some_and(|to| date < to)).map(|(notice, _)| *notice)
    }
}

/// Whom and what each concerns.
pub(super) fn concern(body: &NoticeEvent) -> Concern {
    let (NoticeEvent::Published { org, .. } | NoticeEvent::Withdrawn { org, .. }) = body;
    Concern::nobody(Reach::Orgs(vec![*org]))
}

pub(super) fn decide(notices: &Notices, facts: &Register<'_>, cx: &Context, body: &NoticeEvent) -> Verdict {
    match body {
        NoticeEvent::Published { org, span, .. } => {
            let today = facts.today(cx);
            let lasts = |to: Date| today < to && to <= span.from.plus(DAYS_LIMIT);
            let soon = span.from <= today.plus(DAYS_LIMIT);
            let fits = span.is_valid() && soon && span.to.is_some_and(lasts);
            if !fits {
                let days = format_args!(
                    "span: not over yet, at most {DAYS_LIMIT} days, and beginning within as many"
                );
                return Err(Code::OutOfRange.because(days));
            }
            ensure(facts.orgs.contains(*org), Code::UnknownOrg)?;
            if notices.of(*org, today).count() < NOTICES_LIMIT {
                return Ok(());
            }
            Err(Code::OutOfRange.because(format_args!("at most {NOTICES_LIMIT} notices at a time")))
        }
        NoticeEvent::Withdrawn { org, notice } => {
            ensure(facts.orgs.contains(*org), Code::UnknownOrg)?;
            let known = notices.of(*org, facts.today(cx)).any(|known| known == *notice);
            known.then_some(()).ok_or_else(|| Code::OutOfRange.because("notice: none of this organisation"))
        }
    }
}

pub(super) fn evolve(notices: &mut Notices, today: Date, header: &Header, body: &NoticeEvent) {
    let (NoticeEvent::Published { org, .. } | NoticeEvent::Withdrawn { org, .. }) = body;
    let mut of_org = notices.published.get(org).cloned().unwrap_or_default();
    match body {
        NoticeEvent::Published { span, .. } => {
            of_org.retain(|(_, span)| span.to.is_some_and(|to| today < to));
            of_org.push((header.id, *span));
        }
        NoticeEvent::Withdrawn { notice, .. } => of_org.retain(|(known, _)| known != notice),
    }
    notices.published.insert(*org, of_org);
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::domain::Body;
    use crate::domain::ids::PersonId;

    const TEXT: Commitment = Commitment([5; 32]);

    fn publish(org: OrgId, from: Date, to: Option<Date>) -> Body {
        Body::Notice(NoticeEvent::Published { org, title: TEXT, text: TEXT, span: Span { from, to } })
    }

    fn withdraw(org: OrgId, notice: EventId) -> Body {
        Body::Notice(NoticeEvent::Withdrawn { org, notice })
    }

    fn code(town: &mut Town, actor: PersonId, body: Body) -> Result<(), Code> {
        town.attempt(actor, body).map(drop).map_err(|r| r.code)
    }

    #[test]
    fn a_notice_is_shown_for_a_span_that_has_an_end_from_today_on() {
        let mut town = Town::new();
        let today = town.today();
        for (from, to, expected) in [
            (today, None, Err(Code::OutOfRange)),
            (Date(i32::MIN), Some(Date(i32::MAX)), Err(Code::OutOfRange)),
            (today.plus(DAYS_LIMIT + 1), Some(today.plus(DAYS_LIMIT + 2)), Err(Code::OutOfRange)),
            (today.plus(-9), Some(today), Err(Code::OutOfRange)),
            (today.plus(2), Some(today.plus(1)), Err(Code::OutOfRange)),
            (today, Some(today.plus(DAYS_LIMIT + 1)), Err(Code::OutOfRange)),
            (today, Some(today.plus(DAYS_LIMIT)), Ok(())),
            (today.plus(-1), Some(today.plus(1)), Ok(())),
        ] {
            assert_eq!(code(&mut town, WORKER, publish(GRID, from, to)), expected, "{from:?} to {to:?}");
        }
        let nowhere = publish(OrgId([99; 16]), today, Some(today.plus(1)));
        assert_eq!(code(&mut town, FOUNDER, nowhere), Err(Code::NotAuthorised));
    }

    #[test]
    fn whoever_speaks_for_the_organisation_publishes_and_withdraws() {
        let mut town = Town::new();
        let today = town.today();
        let body = publish(COMMUNITY, today, Some(today.plus(1)));
        for person in [ANN, FAR_WORKER] {
            assert_eq!(code(&mut town, person, body.clone()), Err(Code::NotAuthorised));
        }
        let notice = town.given(WORKER, body);
        assert_eq!(town.state.notices.of(COMMUNITY, today).collect::<Vec<_>>(), [notice]);
        assert_eq!(code(&mut town, WORKER, withdraw(GRID, notice)), Err(Code::OutOfRange), "not of the grid");
        assert_eq!(code(&mut town, FAR_WORKER, withdraw(COMMUNITY, notice)), Err(Code::NotAuthorised));
        assert_eq!(code(&mut town, SECOND_WORKER, withdraw(COMMUNITY, notice)), Ok(()));
        assert_eq!(code(&mut town, WORKER, withdraw(COMMUNITY, notice)), Err(Code::OutOfRange), "once only");
    }

    #[test]
    fn an_organisation_has_only_so_many_notices_that_are_not_over() {
        let mut town = Town::new();
        let today = town.today();
        for _ in 0..NOTICES_LIMIT {
            town.must(WORKER, publish(COMMUNITY, today, Some(today.plus(1))));
        }
        let more = publish(COMMUNITY, today, Some(today.plus(9)));
        assert_eq!(code(&mut town, WORKER, more.clone()), Err(Code::OutOfRange));
        assert_eq!(code(&mut town, WORKER, publish(GRID, today, Some(today.plus(9)))), Ok(()), "of another");
        town.wait_days(1);
        let last = town.given(WORKER, more);
        let left: Vec<_> = town.state.notices.of(COMMUNITY, today).collect();
        assert_eq!(left, [last], "those that are over are forgotten");
    }
}

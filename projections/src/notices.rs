//! Notices of organisations, as long as they were not withdrawn.

use hourbook_ledger::domain::event::{Body, NoticeEvent, Span};
use hourbook_ledger::domain::ids::{Commitment, EventId, OrgId};
use hourbook_ledger::domain::time::Date;
use hourbook_ledger::follower::LoggedEvent;
use hourbook_ledger::save_plain;
use std::collections::BTreeMap;

/// A notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// The event that published it.
    pub id: EventId,
    /// Who published it.
    pub org: OrgId,
    /// Its title.
    pub title: Commitment,
    /// Its text.
    pub text: Commitment,
    /// On which days it is shown.
    pub span: Span,
}

/// All of them, by the position of the event that published each.
#[derive(Default, Debug, serde::Serialize, serde::Deserialize)]
pub struct Notices(BTreeMap<u64, Notice>);

save_plain!(Notices);

impl Notices {
    /// Takes one more event; those of the organisation that are over today are forgotten.
    pub(crate) fn fold(&mut self, today: Date, c: &LoggedEvent) {
        match &c.event.body {
            Body::Notice(NoticeEvent::Published { org, title, text, span }) => {
                let new = Notice { id: c.event.id, org: *org, title: *title, text: *text, span: *span };
                let over = |n: &Notice| n.org == *org && n.span.to.is_some_and(|to| to <= today);
                self.0.retain(|_, notice| !over(notice));
                self.0.insert(c.position, new);
            }
            Body::Notice(NoticeEvent::Withdrawn { notice, .. }) => self.0.retain(|_, n| n.id != *notice),
            _ => {}
        }
    }

    /// Those that are shown on a date, with their positions, the newest first.
    pub fn shown_on(&self, date: Date) -> impl Iterator<Item = (u64, &Notice)> {
        let newest_first = self.0.iter().rev().map(|(position, notice)| (*position, notice));
        newest_first.filter(move |(_, notice)| notice.span.contains(date))
    }
}

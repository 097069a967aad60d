//! What staff do with an organisation, by their own key.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{Body, EdgeKind, NoticeEvent, OrganisationEvent, Span};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::Date;

use crate::commands::{Action, Input, Kind};

static ORG: Input = Input::new("org", "The organisation.", Kind::Id);
static PARENT: Input = Input::new("parent", "The community that it reports to.", Kind::Id);
static FROM: Input = Input::new("from", "The first day, as 2026-12-31.", Kind::Text);

static LAST: Input =
    Input::new("last", "The last day, as 2026-12-31; at most 366 with the first.", Kind::Text);
static TITLE: Input = Input::new("title", "What everybody reads first, at most 240 bytes.", Kind::Text);
static TEXT: Input = Input::new("text", "What everybody reads, at most 2,000 bytes.", Kind::Text);
static NOTICE: Input = Input::new("notice", "The event that published it.", Kind::Id);

pub(crate) static BY_STAFF: [Action; 3] = [
    Action {
        name: "report-organisation-in",
        about: "A unit or branch reports to a community (双报到) from a day on.",
        inputs: &[&ORG, &PARENT, &FROM],
        draft: |of| {
            let (org, parent, kind) = (of.get(&ORG)?, of.get(&PARENT)?, EdgeKind::ReportsTo);
            let span = Span { from: of.get(&FROM)?, to: None };
            Ok(Body::Organisation(OrganisationEvent::Linked { org, parent, kind, span }))
        },
    },
    Action {
        name: "publish-notice",
        about: "Tells something to everybody, on the first page, for a span of days.",
        inputs: &[&ORG, &TITLE, &TEXT, &FROM, &LAST],
        draft: |of| {
            let org: OrgId = of.get(&ORG)?;
            let span = Span { from: of.get(&FROM)?, to: Some(of.get::<Date>(&LAST)?.plus(1)) };
            let title = of.seal(org.0, Field::Title, &TITLE)?;
            let text = of.seal(org.0, Field::Content, &TEXT)?;
            Ok(Body::Notice(NoticeEvent::Published { org, title, text, span }))
        },
    },
    Action {
        name: "withdraw-notice",
        about: "Takes a notice down before its last day.",
        inputs: &[&ORG, &NOTICE],
        draft: |of| Ok(Body::Notice(NoticeEvent::Withdrawn { org: of.get(&ORG)?, notice: of.get(&NOTICE)? })),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Given;
    use hourbook_ledger::domain::ids::PersonId;

    #[test]
    fn each_action_makes_the_event_that_its_name_says() {
        let made = BY_STAFF.iter().map(|action| {
            let sample = |name| match name {
                "from" | "last" => "2026-12-01",
                "title" | "text" => "停水",
                _ => "00000000-0000-0000-0000-000000000009",
            };
            let given =
                action.inputs.iter().fold(Given::default(), |all, input| all.with(input, sample(input.name)));
            let drafted = action.draft(PersonId([1; 16]), &given, || [0; 32]).unwrap();
            (action.name, drafted.body.kind().name())
        });
        let expected = [
            ("report-organisation-in", "organisation-linked"),
            ("publish-notice", "notice-published"),
            ("withdraw-notice", "notice-withdrawn"),
        ];
        assert_eq!(made.collect::<Vec<_>>(), expected);
    }
}

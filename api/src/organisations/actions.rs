//! What staff do with an organisation, by their own key.

use hourbook_ledger::domain::event::{Body, EdgeKind, OrganisationEvent, Span};

use crate::commands::{Action, Input, Kind};

static ORG: Input = Input::new("org", "The organisation.", Kind::Id);
static PARENT: Input = Input::new("parent", "The community that it reports to.", Kind::Id);
static FROM: Input = Input::new("from", "The first day, as 2026-12-31.", Kind::Text);

pub(crate) static BY_STAFF: [Action; 1] = [Action {
    name: "report-organisation-in",
    about: "A unit or branch reports to a community (双报到) from a day on.",
    inputs: &[&ORG, &PARENT, &FROM],
    draft: |of| {
        let (org, parent, kind) = (of.get(&ORG)?, of.get(&PARENT)?, EdgeKind::ReportsTo);
        let span = Span { from: of.get(&FROM)?, to: None };
        Ok(Body::Organisation(OrganisationEvent::Linked { org, parent, kind, span }))
    },
}];

//! What secretaries and stewards say of lists. Both wait for a second person.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{Body, BodyKind, ListEvent, ListKind, Span};
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::Date;

use crate::commands::{Action, Input, Kind, Thing};

static SCOPE: Input = Input::new("org", "Whose members are on it.", Kind::Id(Thing::Org));
static PERIOD: Input =
    Input::new("period", "The time that it is about: 2026, 2026Q3 or 2026-09.", Kind::Public);
static CUTOFF: Input =
    Input::new("cutoff", "Position of the last entry that was taken into account.", Kind::Number);
static POLICY: Input = Input::new("policy", "The event that adopted the policy.", Kind::Id(Thing::Event));
static DIGEST: Input =
    Input::new("digest", "SHA-256 of its lines: 64 hexadecimal digits, as the draft has it.", Kind::Public);
static PERSON: Input = Input::new("person", "The member.", Kind::Id(Thing::Person));
static BRANCH: Input = Input::new("org", "The branch.", Kind::Id(Thing::Org));
static FROM: Input = Input::new("from", "The first day, as 2026-12-31.", Kind::Public);
static LAST: Input = Input::new("last", "The last day, as 2026-12-31.", Kind::OptionalPublic);
static REASON: Input = Input::new("reason", "Why, at most 1,000 bytes. It is never shown.", Kind::Text);

/// What is said of lists.
pub(crate) static BY_STAFF: [Action; 2] = [
    Action {
        name: "publish-list",
        about: "Publishes a red and yellow list as a draft has it. It waits for a second person.",
        inputs: &[&SCOPE, &PERIOD, &CUTOFF, &POLICY, &DIGEST],
        makes: BodyKind::List(ListKind::Published),
        draft: |of| {
            let (scope, period, cutoff) = (of.get(&SCOPE)?, of.get(&PERIOD)?, of.get(&CUTOFF)?);
            let (policy, digest) = (of.get(&POLICY)?, of.read(&DIGEST, digest)?);
            Ok(Body::List(ListEvent::Published { scope, period, cutoff, policy, digest }))
        },
    },
    Action {
        name: "exempt-member",
        about: "No points are expected of a member for a span of days. It waits for a second person.",
        inputs: &[&PERSON, &BRANCH, &FROM, &LAST, &REASON],
        makes: BodyKind::List(ListKind::MemberExempted),
        draft: |of| {
            let (person, org): (PersonId, _) = (of.get(&PERSON)?, of.get(&BRANCH)?);
            let span = Span { from: of.get(&FROM)?, to: of.find::<Date>(&LAST)?.map(|last| last.plus(1)) };
            let reason = of.seal(person.0, Field::Reason, &REASON)?;
            Ok(Body::List(ListEvent::MemberExempted { person, org, span, reason }))
        },
    },
];

fn digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok().map(|()| digest)
}

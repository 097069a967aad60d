//! What people do with credit by their own key, and staff with that of a fund.

use hourbook_ledger::domain::event::{Account, Body, BodyKind, CreditEvent, CreditKind, TransferKind};
use hourbook_ledger::domain::ids::{HoldId, PersonId};
use hourbook_ledger::domain::time::Millis;

use crate::commands::{Action, Draft, Input, Kind, Thing, Wrong};

static TO: Input = Input::new("to", "Who gets it.", Kind::Id(Thing::Person));
static FUND: Input = Input::new("fund", "The organisation whose fund it is.", Kind::Id(Thing::Org));
static MINUTES: Input = Input::new("minutes", "How much, in minutes.", Kind::Minutes);
static NEW_HOLD: Input =
    Input::new("hold", "The id of what is set aside; drawn if none is given.", Kind::NewId);
static HOLD: Input = Input::new("hold", "What was set aside.", Kind::Id(Thing::Hold));
static UNTIL: Input = Input::new(
    "until",
    "When it goes back, in milliseconds since 1970 UTC: at most 90 days ahead.",
    Kind::Moment,
);

fn moved(of: &Draft<'_>, from: Account, to: Account, kind: TransferKind) -> Result<Body, Wrong> {
    let minutes = of.get(&MINUTES)?;
    Ok(Body::Credit(CreditEvent::Transferred { from, to, minutes, kind }))
}

/// What is done with credit.
pub(crate) static BY_KEY: [Action; 6] = [
    Action {
        name: "give-credit",
        about: "Gives credit of one's own to a relative. It cannot be taken back.",
        inputs: &[&TO, &MINUTES],
        makes: BodyKind::Credit(CreditKind::Transferred),
        draft: |of| {
            let to = Account::Person(of.get(&TO)?);
            moved(of, Account::Person(of.person), to, TransferKind::Gift)
        },
    },
    Action {
        name: "donate-credit",
        about: "Gives credit of one's own to the fund of a community. It cannot be taken back.",
        inputs: &[&FUND, &MINUTES],
        makes: BodyKind::Credit(CreditKind::Transferred),
        draft: |of| {
            let to = Account::Fund(of.get(&FUND)?);
            moved(of, Account::Person(of.person), to, TransferKind::Donation)
        },
    },
    Action {
        name: "grant-credit",
        about: "Pays credit out of a fund to somebody in need. It waits for a second person.",
        inputs: &[&FUND, &TO, &MINUTES],
        makes: BodyKind::Credit(CreditKind::Transferred),
        draft: |of| {
            let (from, to) = (Account::Fund(of.get(&FUND)?), Account::Person(of.get(&TO)?));
            moved(of, from, to, TransferKind::Grant)
        },
    },
    Action {
        name: "hold-credit",
        about: "Sets credit of one's own aside for a service that somebody is to render.",
        inputs: &[&NEW_HOLD, &TO, &MINUTES, &UNTIL],
        makes: BodyKind::Credit(CreditKind::Held),
        draft: |of| {
            let (hold, to, from): (_, PersonId, _) = (of.fresh(&NEW_HOLD, HoldId)?, of.get(&TO)?, of.person);
            let (minutes, until) = (of.get(&MINUTES)?, Millis(of.get(&UNTIL)?));
            Ok(Body::Credit(CreditEvent::Held { hold, from, to, minutes, until }))
        },
    },
    Action {
        name: "settle-hold",
        about: "The service was rendered: so much goes over, the rest goes back. It cannot be taken back.",
        inputs: &[&HOLD, &MINUTES],
        makes: BodyKind::Credit(CreditKind::Settled),
        draft: |of| {
            Ok(Body::Credit(CreditEvent::Settled { hold: of.get(&HOLD)?, minutes: of.get(&MINUTES)? }))
        },
    },
    Action {
        name: "void-hold",
        about: "There was no service: what was set aside goes back.",
        inputs: &[&HOLD],
        makes: BodyKind::Credit(CreditKind::Voided),
        draft: |of| Ok(Body::Credit(CreditEvent::Voided { hold: of.get(&HOLD)? })),
    },
];

//! What a person can do with a shift of an activity.

use hourbook_ledger::domain::event::{ActivityEvent, Body};

use crate::commands::{Action, Input, Kind};

pub(crate) static ACTIVITY: Input = Input::new("activity", "The activity.", Kind::Id);
pub(crate) static SHIFT: Input = Input::new("shift", "The shift.", Kind::Id);

pub(crate) static SIGN_UP: Action = Action {
    name: "sign-up",
    about: "Takes a place in a shift, or one on the waiting list.",
    inputs: &[&ACTIVITY, &SHIFT],
    draft: |of| {
        Ok(Body::Activity(ActivityEvent::SignedUp {
            activity: of.get(&ACTIVITY)?,
            shift: of.get(&SHIFT)?,
            person: of.person,
        }))
    },
};

pub(crate) static WITHDRAW_SIGN_UP: Action = Action {
    name: "withdraw-sign-up",
    about: "Gives the place back.",
    inputs: &[&ACTIVITY, &SHIFT],
    draft: |of| {
        Ok(Body::Activity(ActivityEvent::SignUpWithdrawn {
            activity: of.get(&ACTIVITY)?,
            shift: of.get(&SHIFT)?,
            person: of.person,
        }))
    },
};

//! What a person can do with a shift of an activity.

use hourbook_ledger::domain::event::{ActivityEvent, ActivityKind, Body, BodyKind};

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::ids::ActivityId;

use crate::commands::{Action, FOR, Input, Kind, Thing};

pub(crate) static ACTIVITY: Input = Input::new("activity", "The activity.", Kind::Id(Thing::Activity));
pub(crate) static SHIFT: Input = Input::new("shift", "The shift.", Kind::Id(Thing::Shift));

pub(crate) static SIGN_UP: Action = Action {
    name: "sign-up",
    about: "Takes a place in a shift, or one on the waiting list; for oneself, or for somebody whom one helps.",
    inputs: &[&ACTIVITY, &SHIFT, &FOR],
    makes: BodyKind::Activity(ActivityKind::SignedUp),
    draft: |of| {
        let (activity, shift, helped) = (of.get(&ACTIVITY)?, of.get(&SHIFT)?, of.find(&FOR)?);
        let person = of.subject(helped);
        Ok(Body::Activity(ActivityEvent::SignedUp { activity, shift, person }))
    },
};

pub(crate) static WITHDRAW_SIGN_UP: Action = Action {
    name: "withdraw-sign-up",
    about: "Gives the place back; for oneself, or for somebody whom one helps.",
    inputs: &[&ACTIVITY, &SHIFT, &FOR],
    makes: BodyKind::Activity(ActivityKind::SignUpWithdrawn),
    draft: |of| {
        let (activity, shift, helped) = (of.get(&ACTIVITY)?, of.get(&SHIFT)?, of.find(&FOR)?);
        let person = of.subject(helped);
        Ok(Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift, person }))
    },
};

static REASON: Input = Input::new("reason", "Why, at most 1,000 bytes.", Kind::Text);

/// What staff do with an activity.
pub(crate) static BY_STAFF: [Action; 3] = [
    Action {
        name: "publish-activity",
        about: "Volunteers can see it and sign up.",
        inputs: &[&ACTIVITY],
        makes: BodyKind::Activity(ActivityKind::Published),
        draft: |of| Ok(Body::Activity(ActivityEvent::Published { activity: of.get(&ACTIVITY)? })),
    },
    Action {
        name: "close-activity",
        about: "It is over.",
        inputs: &[&ACTIVITY],
        makes: BodyKind::Activity(ActivityKind::Closed),
        draft: |of| Ok(Body::Activity(ActivityEvent::Closed { activity: of.get(&ACTIVITY)? })),
    },
    Action {
        name: "cancel-activity",
        about: "It does not take place.",
        inputs: &[&ACTIVITY, &REASON],
        makes: BodyKind::Activity(ActivityKind::Cancelled),
        draft: |of| {
            let activity: ActivityId = of.get(&ACTIVITY)?;
            let reason = of.seal(activity.0, Field::Reason, &REASON)?;
            Ok(Body::Activity(ActivityEvent::Cancelled { activity, reason }))
        },
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Given;
    use hourbook_ledger::domain::ids::{PersonId, ShiftId};

    #[test]
    fn a_place_is_taken_and_given_back_for_oneself_or_for_whom_one_helps() {
        let (me, other) = (PersonId([1; 16]), PersonId([2; 16]));
        let (activity, shift) = (ActivityId([3; 16]), ShiftId([4; 16]));
        let place = Given::default().with(&ACTIVITY, activity).with(&SHIFT, shift);
        for (given, person, acting_for) in [
            (place.clone(), me, None),
            (place.clone().with(&FOR, me), me, None),
            (place.with(&FOR, other), other, Some(other)),
        ] {
            let draft = |action: &Action| action.draft(me, &given, || [0; 32]).unwrap();
            let (taken, given_back) = (draft(&SIGN_UP), draft(&WITHDRAW_SIGN_UP));
            let body = Body::Activity(ActivityEvent::SignedUp { activity, shift, person });
            assert_eq!((taken.acting_for, taken.body), (acting_for, body));
            let body = Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift, person });
            assert_eq!((given_back.acting_for, given_back.body), (acting_for, body));
        }
    }
}

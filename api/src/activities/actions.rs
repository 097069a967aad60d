//! What a person can do with a shift of an activity, and staff with the activity.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{ActivityEvent, ActivityKind, Attended, Attendee, Body, BodyKind, Lead};
use hourbook_ledger::domain::ids::{ActivityId, PersonId, ShiftId};

use crate::commands::{
    Action, Draft, FOR, Input, Kind, Thing, Wrong, category, category::CATEGORY, interval, interval::END,
    interval::START,
};

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

pub(super) static REASON: Input = Input::new("reason", "Why, at most 1,000 bytes.", Kind::Text)
    .asked(("原因", "Why"), ("请写明原因。", "Say why."));
static NEW_ACTIVITY: Input =
    Input::new("activity", "The id of the new activity; drawn if none is given.", Kind::NewId);
static NEW_SHIFT: Input =
    Input::new("shift", "The id of the new shift; drawn if none is given.", Kind::NewId);
pub(super) static ORG: Input = Input::new("org", "The organisation that runs it.", Kind::Id(Thing::Org))
    .asked(("组织单位", "Run by"), ("请选一个组织。", "Choose an organisation."));
pub(super) static TITLE: Input = Input::new("title", "Its title, at most 240 bytes.", Kind::Text).asked(
    ("活动名称", "Title"),
    ("请写活动名称，最多 80 个汉字。", "Give it a title, of at most 240 bytes."),
);
pub(super) static PLACE: Input = Input::new("place", "Where, at most 240 bytes.", Kind::OptionalText)
    .asked(("活动地点", "Where"), ("最多 80 个汉字。", "At most 240 bytes."));
pub(super) static CONTENT: Input =
    Input::new("content", "What is done, at most 2,000 bytes.", Kind::OptionalText)
        .asked(("活动内容", "What is done"), ("最多 600 个汉字。", "At most 2,000 bytes."));
static LEAD: Input = Input::new(
    "lead",
    "Who is in charge; whoever plans it if nobody is named.",
    Kind::OptionalId(Thing::Person),
);
pub(super) static LEAD_NAME: Input =
    Input::new("lead-name", "The name of whoever is in charge and is not registered.", Kind::OptionalText)
        .asked(("负责人姓名", "Who is in charge"), ("最多 80 个汉字。", "At most 240 bytes."));
static PLACES: Input = Input::new("places", "How many can sign up, 0 to 65535.", Kind::Number);
static PRESENT: Input = Input::new("present", "Who was there.", Kind::OptionalList(Thing::Person));
static ABSENT: Input =
    Input::new("absent", "Who had signed up and did not come.", Kind::OptionalList(Thing::Person));

fn lead(of: &mut Draft<'_>, activity: ActivityId) -> Result<Lead, Wrong> {
    if let Some(person) = of.find(&LEAD)? {
        return Ok(Lead::Person(person));
    }
    let named = of.seal_if_given(activity.0, Field::Lead, &LEAD_NAME)?;
    Ok(named.map_or(Lead::Person(of.person), Lead::Named))
}

/// A line of the roll for each who was there, for the same time, and for each who was not.
fn roll(of: &Draft<'_>) -> Result<Vec<Attendee>, Wrong> {
    let interval = interval::told(of)?;
    let line = |attended| move |person: PersonId| Attendee { person, attended };
    let present = of.list(&PRESENT)?.into_iter().map(line(Attended::Present(interval)));
    Ok(present.chain(of.list(&ABSENT)?.into_iter().map(line(Attended::NoShow))).collect())
}

/// What staff do with an activity.
pub(crate) static BY_STAFF: [Action; 6] = [
    Action {
        name: "plan-activity",
        about: "Plans an activity; only staff see it until it is published.",
        inputs: &[&NEW_ACTIVITY, &ORG, &CATEGORY, &TITLE, &PLACE, &CONTENT, &LEAD, &LEAD_NAME],
        makes: BodyKind::Activity(ActivityKind::Planned),
        draft: |of| {
            let (activity, org) = (of.fresh(&NEW_ACTIVITY, ActivityId)?, of.get(&ORG)?);
            let category = category::told(of)?;
            Ok(Body::Activity(ActivityEvent::Planned {
                activity,
                org,
                category,
                title: of.seal(activity.0, Field::Title, &TITLE)?,
                place: of.seal_if_given(activity.0, Field::Place, &PLACE)?,
                content: of.seal_if_given(activity.0, Field::Content, &CONTENT)?,
                lead: lead(of, activity)?,
            }))
        },
    },
    Action {
        name: "open-shift",
        about: "Opens a shift of an activity, with so many places.",
        inputs: &[&ACTIVITY, &NEW_SHIFT, &START, &END, &PLACES],
        makes: BodyKind::Activity(ActivityKind::ShiftOpened),
        draft: |of| {
            let (activity, shift) = (of.get(&ACTIVITY)?, of.fresh(&NEW_SHIFT, ShiftId)?);
            let (interval, capacity) = (interval::told(of)?, of.get(&PLACES)?);
            Ok(Body::Activity(ActivityEvent::ShiftOpened { activity, shift, interval, capacity }))
        },
    },
    Action {
        name: "call-roll",
        about: "Says who was at a shift and who did not come. A later roll call replaces it; hours are recorded apart.",
        inputs: &[&ACTIVITY, &SHIFT, &PRESENT, &ABSENT, &START, &END],
        makes: BodyKind::Activity(ActivityKind::AttendanceTaken),
        draft: |of| {
            let (activity, shift, rows) = (of.get(&ACTIVITY)?, of.get(&SHIFT)?, roll(of)?);
            Ok(Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows }))
        },
    },
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

/// What a page offers, by its name among what staff do.
pub(super) fn by_staff(name: &str) -> &'static Action {
    BY_STAFF.iter().find(|action| action.name == name).expect("pages name what is in the table")
}

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

//! What can be done with a wish, and how each step on its way is told. A new transition is a row in each table that
//! it has words for; whether it is allowed is for the rules.

use hourbook_ledger::commitment::{Commitment, Field};
use hourbook_ledger::domain::event::{Body, BodyKind, Claimer, WishEvent, WishKind};
use hourbook_ledger::domain::ids::{OrgId, PersonId, WishId};
use hourbook_projections::wishes::{Wish, WishState};

use crate::commands::{
    Action, Draft, Input, Kind, Telling, Thing, Words, Wrong, category, category::CATEGORY,
};
use crate::ui::components::Tone;

/// What a signed-in person can do with a wish.
pub(crate) struct WishAction {
    pub(crate) action: Action,
    /// From where.
    pub(crate) from: WishState,
    /// By whom.
    pub(crate) by: By,
    /// The end of the form's address.
    pub(crate) path: &'static str,
    pub(crate) button: Words,
    /// Whether it stands beside another that is rather meant.
    pub(crate) second: bool,
    /// Small print below the form.
    pub(crate) fine: Option<Words>,
    /// What is said right afterwards: title and text.
    pub(crate) done: (Words, Words),
    /// The button that takes it back at once, and the path of that action.
    pub(crate) undo: Option<(Words, &'static str)>,
}

/// Whose an action is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// Anybody but the resident and the poster.
    Others,
    /// The person who has taken it on.
    Claimer,
    /// The resident.
    Resident,
    /// Either of the two.
    Parties,
}

impl By {
    pub(crate) fn is(self, person: PersonId, wish: &Wish) -> bool {
        let poster = wish.timeline.first().map(|step| step.act.actor);
        match self {
            Self::Others => person != wish.resident && Some(person) != poster,
            Self::Claimer => wish.claimer == Some(Claimer::Person(person)),
            Self::Resident => person == wish.resident,
            Self::Parties => Self::Claimer.is(person, wish) || Self::Resident.is(person, wish),
        }
    }
}

pub(crate) static WISH: Input = Input::new("wish", "The wish.", Kind::Id(Thing::Wish));
pub(crate) static MINUTES: Input = Input::new("minutes", "Effort in minutes.", Kind::Minutes).asked(
    ("用了多少分钟", "Minutes it took"),
    ("请用数字填写用了多少分钟。", "Give the minutes as a number."),
);
pub(crate) static RATING: Input = Input::new("rating", "1 to 5.", Kind::Rating)
    .asked(("满意程度", "How content are you?"), ("请选择满意程度。", "Choose how content you are."));

pub(crate) static ACTIONS: [WishAction; 5] = [
    WishAction {
        action: Action {
            name: "claim-wish",
            about: "Takes a wish on.",
            inputs: &[&WISH],
            makes: BodyKind::Wish(WishKind::Claimed),
            draft: |of| {
                let (wish, claimer) = (of.get(&WISH)?, Claimer::Person(of.person));
                Ok(Body::Wish(WishEvent::Claimed { wish, claimer, participants: Vec::new() }))
            },
        },
        from: WishState::Open,
        by: By::Others,
        path: "claim",
        button: ("我来帮忙", "I will help"),
        second: false,
        fine: Some(("认领后随时可以放下，不扣任何东西。", "You can let it go again; nothing is deducted.")),
        done: (
            ("认领成功", "It is yours"),
            (
                "社区会告诉您怎样联系住户。按错了可以马上撤销。",
                "The community will put you in touch. A slip? Undo it.",
            ),
        ),
        undo: Some((("撤销认领", "Undo"), "release")),
    },
    WishAction {
        action: Action {
            name: "release-wish",
            about: "Gives a wish back.",
            inputs: &[&WISH],
            makes: BodyKind::Wish(WishKind::Released),
            draft: |of| Ok(Body::Wish(WishEvent::Released { wish: of.get(&WISH)? })),
        },
        from: WishState::Claimed,
        by: By::Claimer,
        path: "release",
        button: ("放下这个心愿", "Let it go"),
        second: true,
        fine: Some((
            "放下后别人可以认领，不扣任何东西。",
            "Somebody else can then take it on; nothing is deducted.",
        )),
        done: (("已经放下", "You let it go"), ("别人现在可以认领它。", "Somebody else can take it on now.")),
        undo: None,
    },
    WishAction {
        action: Action {
            name: "fulfil-wish",
            about: "Says that a wish is done.",
            inputs: &[&WISH, &MINUTES],
            makes: BodyKind::Wish(WishKind::Fulfilled),
            draft: |of| {
                let (wish, minutes) = (of.get(&WISH)?, of.get(&MINUTES)?);
                Ok(Body::Wish(WishEvent::Fulfilled { wish, minutes, evidence: None }))
            },
        },
        from: WishState::Claimed,
        by: By::Claimer,
        path: "fulfil",
        button: ("已经办好了", "It is done"),
        second: false,
        fine: None,
        done: (
            ("谢谢，已登记办好", "Thank you, it is noted as done"),
            ("等社区回访，由住户确认。", "The resident confirms it next."),
        ),
        undo: None,
    },
    WishAction {
        action: Action {
            name: "confirm-wish",
            about: "The resident says that it is done.",
            inputs: &[&WISH, &RATING],
            makes: BodyKind::Wish(WishKind::Confirmed),
            draft: |of| {
                Ok(Body::Wish(WishEvent::Confirmed { wish: of.get(&WISH)?, rating: of.get(&RATING)? }))
            },
        },
        from: WishState::Fulfilled,
        by: By::Resident,
        path: "confirm",
        button: ("确认心愿已圆", "Yes, it was done"),
        second: false,
        fine: None,
        done: (
            ("谢谢，已确认", "Thank you, it is confirmed"),
            ("帮忙的人会看到您的评分。", "Whoever helped will see your rating."),
        ),
        undo: None,
    },
    WishAction {
        action: Action {
            name: "dispute-wish",
            about: "The claimer or the resident says that it was not as told.",
            inputs: &[&WISH, &REASON],
            makes: BodyKind::Wish(WishKind::Disputed),
            draft: |of| {
                let (wish, reason) = with_reason(of)?;
                Ok(Body::Wish(WishEvent::Disputed { wish, reason }))
            },
        },
        from: WishState::Fulfilled,
        by: By::Parties,
        path: "dispute",
        button: ("不是这样", "That is not how it was"),
        second: true,
        fine: Some((
            "只有住户、认领的人和社区能看到您写的话。由没有参与的社区人员核实。",
            "Only the resident, whoever took it on and the community read this. Staff who had no part in it look into it.",
        )),
        done: (
            ("已收到您的异议", "Your objection is noted"),
            ("社区核实后，结果会写在这里。", "The community looks into it; the answer will stand here."),
        ),
        undo: None,
    },
];

pub(crate) static SENTENCE: Input =
    Input::new("sentence", "What the public reads, without a name, at most 360 bytes.", Kind::Text).asked(
        ("公众看到的一句话", "What the public reads"),
        ("请写一句话，最多 120 个汉字。", "Give a sentence of at most 360 bytes."),
    );
static WHY: Input =
    Input::new("reason", "Why, for those whom the wish concerns, at most 1,000 bytes.", Kind::Text)
        .asked(("说明", "Why"), ("请写明原因，最多 333 个汉字。", "Say why, in at most 1,000 bytes."));
static REASON: Input =
    Input::new("reason", "Why, for those whom the wish concerns, at most 1,000 bytes.", Kind::Text).asked(
        ("哪里不符？", "What was not so?"),
        ("请写明哪里不符，最多 333 个汉字。", "Say what was not so, in at most 1,000 bytes."),
    );

static NEW_WISH: Input = Input::new("wish", "The id of the new wish; drawn if none is given.", Kind::NewId);
pub(super) static ORG: Input = Input::new("org", "The community that posts it.", Kind::Id(Thing::Org))
    .asked(("社区", "Community"), ("请选择社区。", "Choose a community."));
pub(super) static WISHES_FOR: Input = Input::new("resident", "Whose wish it is.", Kind::Id(Thing::Person));
pub(super) static TEXT: Input =
    Input::new("text", "What is wished for, in the resident's own words, at most 2,000 bytes.", Kind::Text)
        .asked(
            ("住户原话", "In their own words"),
            ("请写住户想要什么，最多 666 个汉字。", "Say what is wished for, in at most 2,000 bytes."),
        );
pub(crate) static FOR_ORG: Input = Input::new(
    "org",
    "The team or unit that takes it on; oneself if none is named.",
    Kind::OptionalId(Thing::Org),
)
.asked(("以哪个组织的名义", "For which organisation"), ("请选择组织。", "Choose an organisation."));
static WITH: Input = Input::new("with", "Who takes part.", Kind::OptionalList(Thing::Person));

pub(super) static RELEASE: &Action = &ACTIONS[1].action;
pub(super) static FULFIL: &Action = &ACTIONS[2].action;
pub(super) static CONFIRM: &Action = &ACTIONS[3].action;

/// What staff do with a wish, and what takes more than oneself.
pub(crate) static BY_STAFF: [Action; 6] = [
    Action {
        name: "post-wish",
        about: "Posts a wish of a resident. Nobody outside reads it before another member of staff vets it.",
        inputs: &[&NEW_WISH, &ORG, &WISHES_FOR, &CATEGORY, &TEXT, &MINUTES],
        makes: BodyKind::Wish(WishKind::Posted),
        draft: |of| {
            let (wish, org): (_, OrgId) = (of.fresh(&NEW_WISH, WishId)?, of.get(&ORG)?);
            let (resident, minutes): (PersonId, u32) = (of.get(&WISHES_FOR)?, of.get(&MINUTES)?);
            let category = category::told(of)?;
            let text = of.seal(resident.0, Field::WishText, &TEXT)?;
            Ok(Body::Wish(WishEvent::Posted { wish, org, resident, category, text, minutes }))
        },
    },
    Action {
        name: "claim-wish-together",
        about: "Takes a wish on for a team or unit, or together with others.",
        inputs: &[&WISH, &FOR_ORG, &WITH],
        makes: BodyKind::Wish(WishKind::Claimed),
        draft: |of| {
            let (wish, participants) = (of.get(&WISH)?, of.list(&WITH)?);
            let claimer = of.find(&FOR_ORG)?.map_or(Claimer::Person(of.person), Claimer::Org);
            Ok(Body::Wish(WishEvent::Claimed { wish, claimer, participants }))
        },
    },
    Action {
        name: "vet-wish",
        about: "Passes the sentence that the public reads.",
        inputs: &[&WISH, &SENTENCE],
        makes: BodyKind::Wish(WishKind::Vetted),
        draft: |of| {
            let wish: WishId = of.get(&WISH)?;
            let sentence = of.seal(wish.0, Field::WishSentence, &SENTENCE)?;
            Ok(Body::Wish(WishEvent::Vetted { wish, sentence }))
        },
    },
    Action {
        name: "withdraw-wish",
        about: "Takes a wish off the board.",
        inputs: &[&WISH, &WHY],
        makes: BodyKind::Wish(WishKind::Withdrawn),
        draft: |of| {
            let (wish, reason) = with_reason(of)?;
            Ok(Body::Wish(WishEvent::Withdrawn { wish, reason }))
        },
    },
    Action {
        name: "uphold-dispute",
        about: "The claim is in force again, with a fresh term.",
        inputs: &[&WISH, &WHY],
        makes: BodyKind::Wish(WishKind::DisputeUpheld),
        draft: |of| {
            let (wish, reason) = with_reason(of)?;
            Ok(Body::Wish(WishEvent::DisputeUpheld { wish, reason }))
        },
    },
    Action {
        name: "reject-dispute",
        about: "The wish is fulfilled as told.",
        inputs: &[&WISH, &WHY],
        makes: BodyKind::Wish(WishKind::DisputeRejected),
        draft: |of| {
            let (wish, reason) = with_reason(of)?;
            Ok(Body::Wish(WishEvent::DisputeRejected { wish, reason }))
        },
    },
];

fn with_reason(of: &mut Draft<'_>) -> Result<(WishId, Commitment), Wrong> {
    let wish: WishId = of.get(&WISH)?;
    Ok((wish, of.seal(wish.0, Field::Reason, &REASON)?))
}

/// What happens next without the reader; nothing is said of a state that is not here.
pub(crate) const OUTCOMES: [(WishState, Words); 8] = [
    (WishState::Draft, ("等待审核。", "It waits to be vetted.")),
    (
        WishState::Open,
        (
            "等待志愿者认领。住户和发布人不能认领。",
            "It waits for a volunteer; the resident and the poster cannot claim it.",
        ),
    ),
    (WishState::Claimed, ("有人认领，办理中。", "Somebody has taken it on.")),
    (WishState::Fulfilled, ("已经办好，待回访：等住户确认。", "It is done; the resident confirms it next.")),
    (WishState::Confirmed, ("住户已确认，已圆梦。", "The resident confirmed it: the wish was granted.")),
    (WishState::Lapsed, ("没有人及时认领，已过期。", "Nobody claimed it in time.")),
    (WishState::Withdrawn, ("心愿已撤回。", "It was withdrawn.")),
    (
        WishState::Disputed,
        (
            "有人说情况不符，等没有参与的社区人员核实。",
            "Somebody says that it was not so; staff who had no part in it look into it.",
        ),
    ),
];

/// What is still to come: from each state on, this and what follows.
pub(crate) const TO_COME: [(WishState, Words); 4] = [
    (WishState::Draft, ("审核、发布", "Vetting")),
    (WishState::Open, ("认领", "A claim")),
    (WishState::Claimed, ("办理", "Done")),
    (WishState::Fulfilled, ("回访", "The resident confirms and rates it")),
];

/// A step in the history of a wish.
pub(crate) struct Step {
    pub(crate) title: Words,
    pub(crate) tone: Tone,
    /// As whom it is told.
    pub(crate) hand: Hand,
    pub(crate) told: Telling,
}

/// As whom a step is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    /// Staff, in office.
    Office,
    /// Whoever has taken the wish on; what stands for a name that this reader may not see.
    Person(Words),
    /// Nobody.
    Nobody,
}

pub(super) const VOLUNTEER: Hand = Hand::Person(("一位志愿者", "a volunteer"));
const RESIDENT: Hand = Hand::Person(("住户", "the resident"));

const fn told(kind: BodyKind, deed: Option<Words>, waits: Option<Words>) -> Telling {
    Telling { kind, deed, waits }
}

pub(crate) static STEPS: [Step; 11] = [
    Step {
        title: ("征集", "Posted by the community"),
        tone: Tone::Good,
        hand: Hand::Office,
        told: told(BodyKind::Wish(WishKind::Posted), None, None),
    },
    Step {
        title: ("审核通过，发布", "Vetted and published"),
        tone: Tone::Good,
        hand: Hand::Office,
        told: told(BodyKind::Wish(WishKind::Vetted), None, None),
    },
    Step {
        title: ("认领", "Claimed"),
        tone: Tone::Good,
        hand: VOLUNTEER,
        told: told(
            BodyKind::Wish(WishKind::Claimed),
            Some(("代您认领心愿", "claimed a wish for you")),
            Some(("以您的名义认领心愿并列出他人", "Claim a wish in your name, naming others")),
        ),
    },
    Step {
        title: ("放下", "Let go"),
        tone: Tone::Plain,
        hand: VOLUNTEER,
        told: told(
            BodyKind::Wish(WishKind::Released),
            Some(("代您放下心愿", "gave a wish back for you")),
            None,
        ),
    },
    Step {
        title: ("办好", "Done"),
        tone: Tone::Good,
        hand: VOLUNTEER,
        told: told(
            BodyKind::Wish(WishKind::Fulfilled),
            Some(("代您说明心愿已办好", "said for you that a wish is done")),
            None,
        ),
    },
    Step {
        title: ("回访", "Confirmed by the resident"),
        tone: Tone::Good,
        hand: RESIDENT,
        told: told(
            BodyKind::Wish(WishKind::Confirmed),
            Some(("代您确认心愿", "confirmed a wish for you")),
            Some(("以您的名义确认心愿已完成", "Confirm in your name that a wish is done")),
        ),
    },
    Step {
        title: ("过期", "Lapsed"),
        tone: Tone::Bad,
        hand: Hand::Nobody,
        told: told(BodyKind::Wish(WishKind::Lapsed), None, None),
    },
    Step {
        title: ("撤回", "Withdrawn"),
        tone: Tone::Plain,
        hand: Hand::Nobody,
        told: told(
            BodyKind::Wish(WishKind::Withdrawn),
            Some(("代您撤回心愿", "withdrew a wish for you")),
            None,
        ),
    },
    Step {
        title: ("提出异议", "Disputed"),
        tone: Tone::Bad,
        hand: Hand::Person(("当事人", "one of the two")),
        told: told(
            BodyKind::Wish(WishKind::Disputed),
            Some(("代您提出异议", "disputed for you how a wish was fulfilled")),
            None,
        ),
    },
    Step {
        title: ("异议成立，重新办理", "Dispute upheld, to be done again"),
        tone: Tone::Plain,
        hand: Hand::Office,
        told: told(BodyKind::Wish(WishKind::DisputeUpheld), None, None),
    },
    Step {
        title: ("异议不成立", "Dispute rejected"),
        tone: Tone::Plain,
        hand: Hand::Office,
        told: told(BodyKind::Wish(WishKind::DisputeRejected), None, None),
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Given;

    #[test]
    fn each_action_makes_its_event_from_what_it_asks_for() {
        let person = PersonId([1; 16]);
        for row in &ACTIONS {
            let sample = |kind| match kind {
                Kind::Id(_) => "00000000-0000-0000-0000-000000000009".to_owned(),
                _ => "5".to_owned(),
            };
            let full =
                row.action.inputs.iter().fold(Given::default(), |g, input| g.with(input, sample(input.kind)));
            let drafted = row.action.draft(person, &full, || [0; 32]).unwrap();
            assert_eq!(drafted.body.kind(), row.action.makes, "{}", row.path);
            let wrong = row.action.draft(person, &Given::default(), || [0; 32]).unwrap_err();
            assert_eq!(wrong.0.name, "wish");
            assert!(STEPS.iter().any(|step| step.told.kind == row.action.makes), "{}: it is told", row.path);
            let back = row.undo.map(|(_, path)| path);
            assert!(back.is_none_or(|back| ACTIONS.iter().any(|row| row.path == back)));
        }
    }

    #[test]
    fn each_state_says_what_happens_next() {
        for state in WishState::ALL {
            assert!(OUTCOMES.iter().any(|(of, _)| *of == state), "{state:?}");
        }
    }
}

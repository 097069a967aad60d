//! What a person can do about the own name, data, keys, roles, helpers and report-in, and about what waits.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{
    ActEvent, ActKind, Body, BodyKind, ConsentKind, KeyEvent, KeyKind, MemberEvent, MemberKind,
    ReportInEvent, ReportInKind, RevocationReason, RoleEvent, RoleKind, Scope, SessionEvent, SessionKind,
    Span,
};
use hourbook_ledger::domain::ids::{KeyId, OrgId, PersonId, Possession, PublicKey};
use hourbook_ledger::domain::time::{Date, Millis};

use crate::commands::{Action, Draft, Input, Kind, Thing, Wrong};
use crate::http::names::{affiliation_kind_named, revocation_named, role_named};

pub(crate) static AGREED: Input = Input::new("agreed", "Agrees.", Kind::Flag);
static KEY: Input = Input::new("key", "The Ed25519 public key: base64 of 32 bytes.", Kind::Bytes);
static PROOF: Input = Input::new(
    "proof",
    "Its signature, base64 of 64 bytes, over the DSSE encoding of `application/vnd.hourbook.key-possession.v1` and the\n\
     ledger's name, a newline, one's id, a newline.",
    Kind::Bytes,
);
pub(crate) static ROLE: Input =
    Input::new("role", "The role.", Kind::Role).asked(("职务", "Role"), ("请选择职务。", "Choose a role."));
pub(crate) static ORG: Input = Input::new(
    "org",
    "Over which organisation it is held; over the whole ledger if none is named.",
    Kind::OptionalId(Thing::Org),
)
.asked(("在哪个组织", "Over"), ("请选择组织。", "Choose the organisation."));
pub(crate) static PERSON: Input = Input::new("person", "The person.", Kind::Id(Thing::Person));
pub(crate) static KEY_ID: Input = Input::new("key", "The id of the key: 32 hexadecimal digits.", Kind::Text);
pub(crate) static COMMUNITY: Input = Input::new("community", "The community or grid.", Kind::Id(Thing::Org));
static HELPER: Input = Input::new("helper", "Who helps.", Kind::Id(Thing::Person));
static HELPED: Input = Input::new("for", "The person whom one helped.", Kind::Id(Thing::Person));
pub(crate) static ACT: Input = Input::new("act", "The act.", Kind::Id(Thing::Event));

/// Bytes of a fixed number in base64.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

pub(crate) static PUBLIC_NAME: Action = Action {
    name: "public-name",
    about: "Agrees to be named in public, or no longer does.",
    inputs: &[&AGREED],
    makes: BodyKind::Member(MemberKind::ConsentGiven),
    draft: |of| {
        let agreed = of.get(&AGREED)?;
        Ok(Body::Member(MemberEvent::ConsentGiven {
            person: of.person,
            kind: ConsentKind::PublicName,
            agreed,
        }))
    },
};

pub(crate) static REQUEST_ERASURE: Action = Action {
    name: "request-erasure",
    about: "Asks for the erasure of the own data. It waits for the term, as all does that cannot be undone and rests on a code.",
    inputs: &[],
    makes: BodyKind::Member(MemberKind::ErasureRequested),
    draft: |of| Ok(Body::Member(MemberEvent::ErasureRequested { person: of.person })),
};

pub(crate) static ENROL_KEY: Action = Action {
    name: "enrol-key",
    about: "Brings a key of one's own. It has signed who gains it.",
    inputs: &[&KEY, &PROOF],
    makes: BodyKind::Key(KeyKind::Enrolled),
    draft: |of| {
        let (key, proof) = (of.read(&KEY, bytes)?, of.read(&PROOF, bytes)?);
        Ok(Body::Key(KeyEvent::Enrolled { person: of.person, key: PublicKey(key), proof: Possession(proof) }))
    },
};

pub(crate) static LAY_DOWN_ROLE: Action = Action {
    name: "lay-down-role",
    about: "Lays down a role that one holds. By a code it waits for the term, if a key exercises the role.",
    inputs: &[&ROLE, &ORG],
    makes: BodyKind::Role(RoleKind::Revoked),
    draft: |of| {
        let role = of.read(&ROLE, role_named)?;
        Ok(Body::Role(RoleEvent::Revoked { person: of.person, role, scope: scope(of)? }))
    },
};

pub(crate) static NAME_HELPER: Action = Action {
    name: "name-helper",
    about: "Names a helper, who signs one up and withdraws that, and does nothing else: at most three. By a code it waits for the term.",
    inputs: &[&HELPER],
    makes: BodyKind::Member(MemberKind::HelperNamed),
    draft: |of| Ok(Body::Member(MemberEvent::HelperNamed { person: of.person, helper: of.get(&HELPER)? })),
};

pub(crate) static END_HELPER: Action = Action {
    name: "end-helper",
    about: "Ends that somebody is one's helper.",
    inputs: &[&HELPER],
    makes: BodyKind::Member(MemberKind::HelperEnded),
    draft: |of| Ok(Body::Member(MemberEvent::HelperEnded { person: of.person, helper: of.get(&HELPER)? })),
};

pub(crate) static STOP_HELPING: Action = Action {
    name: "stop-helping",
    about: "Lays down that one is somebody's helper.",
    inputs: &[&HELPED],
    makes: BodyKind::Member(MemberKind::HelperEnded),
    draft: |of| {
        let (helper, helped) = (of.person, of.get(&HELPED)?);
        Ok(Body::Member(MemberEvent::HelperEnded { person: of.subject(Some(helped)), helper }))
    },
};

pub(crate) static FILE_REPORT_IN: Action = Action {
    name: "file-report-in",
    about: "Reports to a community (报到), which answers.",
    inputs: &[&COMMUNITY],
    makes: BodyKind::ReportIn(ReportInKind::Filed),
    draft: |of| {
        Ok(Body::ReportIn(ReportInEvent::Filed { person: of.person, community: of.get(&COMMUNITY)? }))
    },
};

pub(crate) static ANSWER_REPORT_IN: Action = Action {
    name: "answer-report-in",
    about: "Answers a member who reported to a community (报到).",
    inputs: &[&PERSON, &COMMUNITY, &ACCEPTED],
    makes: BodyKind::ReportIn(ReportInKind::Answered),
    draft: |of| {
        let (person, community, accepted) = (of.get(&PERSON)?, of.get(&COMMUNITY)?, of.get(&ACCEPTED)?);
        Ok(Body::ReportIn(ReportInEvent::Answered { person, community, accepted }))
    },
};

pub(crate) static APPROVE_ACT: Action = Action {
    name: "approve-act",
    about: "Stands for an act that waits for one's word, such as belonging to a unit.",
    inputs: &[&ACT],
    makes: BodyKind::Act(ActKind::Approved),
    draft: |of| Ok(Body::Act(ActEvent::Approved { act: of.get(&ACT)? })),
};

pub(crate) static STOP_ACT: Action = Action {
    name: "stop-act",
    about: "Calls off an act about oneself that waits.",
    inputs: &[&ACT],
    makes: BodyKind::Act(ActKind::Stopped),
    draft: |of| Ok(Body::Act(ActEvent::Stopped { act: of.get(&ACT)? })),
};

pub(crate) static GRANT_ROLE: Action = Action {
    name: "grant-role",
    about: "Gives a person a role, exercised by a key of theirs; granted again, it gains the key.",
    inputs: &[&PERSON, &ROLE, &ORG, &KEY_ID],
    makes: BodyKind::Role(RoleKind::Granted),
    draft: |of| {
        let (role, keys) = (of.read(&ROLE, role_named)?, vec![of.get::<KeyId>(&KEY_ID)?]);
        Ok(Body::Role(RoleEvent::Granted { person: of.get(&PERSON)?, role, scope: scope(of)?, keys }))
    },
};

pub(crate) static TAKE_ROLE: Action = Action {
    name: "take-role",
    about: "Takes a role away from a person.",
    inputs: &[&PERSON, &ROLE, &ORG],
    makes: BodyKind::Role(RoleKind::Revoked),
    draft: |of| {
        let role = of.read(&ROLE, role_named)?;
        Ok(Body::Role(RoleEvent::Revoked { person: of.get(&PERSON)?, role, scope: scope(of)? }))
    },
};

pub(crate) static END_LOST_KEY: Action = Action {
    name: "end-lost-key",
    about: "Ends a key that was lost with its device. It waits for a second person, unless it is one's own.",
    inputs: &[&PERSON, &KEY_ID],
    makes: BodyKind::Key(KeyKind::Revoked),
    draft: |of| {
        let (person, key) = (of.get(&PERSON)?, of.get(&KEY_ID)?);
        Ok(Body::Key(KeyEvent::Revoked { person, key, reason: RevocationReason::Lost }))
    },
};

pub(crate) static NEW_PERSON: Input =
    Input::new("person", "The id of the new person; drawn if none is given.", Kind::NewId);
pub(crate) static HOME: Input =
    Input::new("home", "The community or grid where the person lives.", Kind::Id(Thing::Org))
        .asked(("社区或网格", "Community or grid"), ("请选择社区或网格。", "Choose a community or grid."));
pub(crate) static NAME: Input = Input::new("name", "The person's name, at most 120 bytes.", Kind::Text)
    .asked(("姓名", "Name"), ("请填写姓名，最多 40 个汉字。", "Give the name: at most 120 bytes."))
    .headed(&["姓名", "名字", "居民姓名", "志愿者姓名", "name"]);
pub(crate) static PHONE: Input = Input::new("phone", "A telephone number.", Kind::OptionalText)
    .asked(
        ("电话（可不填）", "Telephone (optional)"),
        ("请填写手机号或固定电话。", "Give a mobile or landline number."),
    )
    .headed(&[
        "电话",
        "手机",
        "手机号",
        "手机号码",
        "电话号码",
        "联系电话",
        "联系方式",
        "phone",
        "telephone",
    ]);
pub(crate) static VOLUNTEER_NUMBER: Input =
    Input::new("volunteer-number", "The number in the national volunteer system.", Kind::OptionalText)
        .asked(
            ("志愿者编号（可不填）", "Volunteer number (optional)"),
            ("只能有字母和数字。", "Letters and digits only."),
        )
        .headed(&["志愿者编号", "志愿者号", "志愿者证号", "volunteer number", "volunteer-number"]);

pub(crate) static REGISTER_PERSON: Action = Action {
    name: "register-person",
    about: "Somebody joins, at a community or grid. Name and numbers go to the vault, not to the log.",
    inputs: &[&NEW_PERSON, &HOME, &NAME, &PHONE, &VOLUNTEER_NUMBER],
    makes: BodyKind::Member(MemberKind::Registered),
    draft: |of| {
        let (person, home): (PersonId, OrgId) = (of.fresh(&NEW_PERSON, PersonId)?, of.get(&HOME)?);
        Ok(Body::Member(MemberEvent::Registered {
            person,
            home,
            name: of.seal(person.0, Field::Name, &NAME)?,
            phone: of.seal_if_given(person.0, Field::Phone, &PHONE)?,
            id_number: None,
            volunteer_number: of.seal_if_given(person.0, Field::VolunteerNumber, &VOLUNTEER_NUMBER)?,
        }))
    },
};

static CODE: Input = Input::new("code", "8 to 12 digits, drawn at random by whoever gives it.", Kind::Code);
static UNTIL: Input =
    Input::new("until", "Until when, in milliseconds since 1970 UTC: at most 7 days ahead.", Kind::Moment);

pub(crate) static GIVE_CODE: Action = Action {
    name: "give-code",
    about: "Gives somebody a one-time code to sign in with. A new code ends the one before.",
    inputs: &[&PERSON, &CODE, &UNTIL],
    makes: BodyKind::Session(SessionKind::Granted),
    draft: |of| {
        let person: PersonId = of.get(&PERSON)?;
        let code = of.seal(person.0, Field::Code, &CODE)?;
        Ok(Body::Session(SessionEvent::Granted { person, code, until: Millis(of.get(&UNTIL)?) }))
    },
};

pub(crate) static ACCEPTED: Input =
    Input::new("accepted", "Whether the community takes the member.", Kind::Flag);
static KIND: Input =
    Input::new("affiliation", "organisational, reported-in, resident or team.", Kind::Public);
static OF: Input = Input::new("org", "The organisation.", Kind::Id(Thing::Org));
static FROM: Input = Input::new("from", "The first day, as 2026-12-31.", Kind::Public);
static LAST: Input = Input::new("last", "The last day, as 2026-12-31.", Kind::OptionalPublic);
static ON: Input =
    Input::new("on", "The first day on which it no longer holds, as 2026-12-31.", Kind::Public);

static REASON: Input = Input::new("reason", "retired, lost or stolen.", Kind::Public);
static WHOSE: Input =
    Input::new("person", "Whose key it is; one's own if nobody is named.", Kind::OptionalId(Thing::Person));
static OLD_KEY: Input =
    Input::new("old-key", "The id of the key that ends: 32 hexadecimal digits.", Kind::Text);
static GRANT: Input = Input::new("grant", "The event that gave the code.", Kind::Id(Thing::Event));

/// What staff do for people at their desk, beside registering them.
pub(crate) static BY_STAFF: [Action; 7] = [
    Action {
        name: "end-key",
        about: "Ends a key: `stolen`, what it enrolled and asserted goes with it. One of somebody else waits for a second person.",
        inputs: &[&PERSON, &KEY_ID, &REASON],
        makes: BodyKind::Key(KeyKind::Revoked),
        draft: |of| {
            let (person, key) = (of.get(&PERSON)?, of.get(&KEY_ID)?);
            let reason = of.read(&REASON, revocation_named)?;
            Ok(Body::Key(KeyEvent::Revoked { person, key, reason }))
        },
    },
    Action {
        name: "rotate-key",
        about: "Replaces a key by another, which exercises its roles from then on. It is signed by the old key.",
        inputs: &[&WHOSE, &OLD_KEY, &KEY, &PROOF],
        makes: BodyKind::Key(KeyKind::Rotated),
        draft: |of| {
            let person = of.find(&WHOSE)?.unwrap_or(of.person);
            let (new, proof) = (PublicKey(of.read(&KEY, bytes)?), Possession(of.read(&PROOF, bytes)?));
            Ok(Body::Key(KeyEvent::Rotated { person, old: of.get(&OLD_KEY)?, new, proof }))
        },
    },
    Action {
        name: "end-session",
        about: "Ends a session that a code opened, or the code itself. By staff it waits for a second person, unless nobody \
                used the code.",
        inputs: &[&PERSON, &GRANT],
        makes: BodyKind::Session(SessionKind::Closed),
        draft: |of| {
            Ok(Body::Session(SessionEvent::Closed { person: of.get(&PERSON)?, grant: of.get(&GRANT)? }))
        },
    },
    Action {
        name: "erase-person",
        about: "Asks for the erasure of somebody's data, on their word. It waits for a second person and the term.",
        inputs: &[&PERSON],
        makes: BodyKind::Member(MemberKind::ErasureRequested),
        draft: |of| Ok(Body::Member(MemberEvent::ErasureRequested { person: of.get(&PERSON)? })),
    },
    Action {
        name: "report-member-in",
        about: "A member reports to a community (报到), filed by staff: the community answers, or the member if it invites.",
        inputs: &[&PERSON, &COMMUNITY],
        makes: BodyKind::ReportIn(ReportInKind::Filed),
        draft: |of| {
            let (person, community) = (of.get(&PERSON)?, of.get(&COMMUNITY)?);
            Ok(Body::ReportIn(ReportInEvent::Filed { person, community }))
        },
    },
    Action {
        name: "end-report-in",
        about: "Ends that a member reports to a community.",
        inputs: &[&PERSON, &COMMUNITY, &ON],
        makes: BodyKind::ReportIn(ReportInKind::Ended),
        draft: |of| {
            let (person, community, on) = (of.get(&PERSON)?, of.get(&COMMUNITY)?, of.get(&ON)?);
            Ok(Body::ReportIn(ReportInEvent::Ended { person, community, on }))
        },
    },
    Action {
        name: "affiliate",
        about: "Somebody belongs to an organisation for a span of days. The side that gains by it only proposes.",
        inputs: &[&PERSON, &OF, &KIND, &FROM, &LAST],
        makes: BodyKind::Member(MemberKind::Affiliated),
        draft: |of| {
            let (person, org, kind) =
                (of.get(&PERSON)?, of.get(&OF)?, of.read(&KIND, affiliation_kind_named)?);
            let span = Span { from: of.get(&FROM)?, to: of.find::<Date>(&LAST)?.map(|last| last.plus(1)) };
            Ok(Body::Member(MemberEvent::Affiliated { person, org, kind, span }))
        },
    },
];

/// Over an organisation; over the whole ledger if none is named.
fn scope(of: &Draft<'_>) -> Result<Scope, Wrong> {
    Ok(of.find(&ORG)?.map_or(Scope::Ledger, Scope::Org))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Given;

    #[test]
    fn a_helper_is_named_and_ended_for_oneself_and_help_is_laid_down_for_the_other() {
        let (me, other) = (PersonId([1; 16]), PersonId([2; 16]));
        let draft = |action: &Action, given: Given| action.draft(me, &given, || [0; 32]).unwrap();
        let named = draft(&NAME_HELPER, Given::default().with(&HELPER, other));
        let body = Body::Member(MemberEvent::HelperNamed { person: me, helper: other });
        assert_eq!((named.acting_for, named.body), (None, body));
        let ended = draft(&END_HELPER, Given::default().with(&HELPER, other));
        let body = Body::Member(MemberEvent::HelperEnded { person: me, helper: other });
        assert_eq!((ended.acting_for, ended.body), (None, body));
        let laid_down = draft(&STOP_HELPING, Given::default().with(&HELPED, other));
        let body = Body::Member(MemberEvent::HelperEnded { person: other, helper: me });
        assert_eq!((laid_down.acting_for, laid_down.body), (Some(other), body));
        assert!(STOP_HELPING.draft(me, &Given::default(), || [0; 32]).is_err(), "whom, has to be said");
    }
}

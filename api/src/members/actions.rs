//! What a person can do about the own name, data, keys, roles, helpers and report-in, and about what waits.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::domain::event::{
    ActEvent, Body, ConsentKind, KeyEvent, MemberEvent, ReportInEvent, RevocationReason, RoleEvent, Scope,
};
use hourbook_ledger::domain::ids::{KeyId, Possession, PublicKey};

use crate::commands::{Action, Draft, Input, Kind, Wrong};
use crate::http::names::role_named;

pub(crate) static AGREED: Input = Input::new("agreed", "Agrees.", Kind::Flag);
static KEY: Input = Input::new("key", "The Ed25519 public key: base64 of 32 bytes.", Kind::Bytes);
static PROOF: Input = Input::new(
    "proof",
    "Its signature, base64 of 64 bytes, over the DSSE encoding of `application/vnd.hourbook.key-possession.v1` and the\n\
     ledger's name, a newline, one's id, a newline.",
    Kind::Bytes,
);
pub(crate) static ROLE: Input = Input::new("role", "The role.", Kind::Role);
pub(crate) static ORG: Input = Input::new(
    "org",
    "Over which organisation it is held; over the whole ledger if none is named.",
    Kind::OptionalId,
);
pub(crate) static PERSON: Input = Input::new("person", "The person.", Kind::Id);
pub(crate) static KEY_ID: Input = Input::new("key", "The id of the key: 32 hexadecimal digits.", Kind::Text);
static COMMUNITY: Input = Input::new("community", "The community or grid.", Kind::Id);
static HELPER: Input = Input::new("helper", "Who helps.", Kind::Id);
static HELPED: Input = Input::new("for", "The person whom one helped.", Kind::Id);
pub(crate) static ACT: Input = Input::new("act", "The act.", Kind::Id);

/// Bytes of a fixed number in base64.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

pub(crate) static PUBLIC_NAME: Action = Action {
    name: "public-name",
    about: "Agrees to be named in public, or no longer does.",
    inputs: &[&AGREED],
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
    draft: |of| Ok(Body::Member(MemberEvent::ErasureRequested { person: of.person })),
};

pub(crate) static ENROL_KEY: Action = Action {
    name: "enrol-key",
    about: "Brings a key of one's own. It has signed who gains it.",
    inputs: &[&KEY, &PROOF],
    draft: |of| {
        let (key, proof) = (of.read(&KEY, bytes)?, of.read(&PROOF, bytes)?);
        Ok(Body::Key(KeyEvent::Enrolled { person: of.person, key: PublicKey(key), proof: Possession(proof) }))
    },
};

pub(crate) static LAY_DOWN_ROLE: Action = Action {
    name: "lay-down-role",
    about: "Lays down a role that one holds. By a code it waits for the term, if a key exercises the role.",
    inputs: &[&ROLE, &ORG],
    draft: |of| {
        let role = of.read(&ROLE, role_named)?;
        Ok(Body::Role(RoleEvent::Revoked { person: of.person, role, scope: scope(of)? }))
    },
};

pub(crate) static NAME_HELPER: Action = Action {
    name: "name-helper",
    about: "Names a helper, who signs one up and withdraws that, and does nothing else: at most three. By a code it waits for the term.",
    inputs: &[&HELPER],
    draft: |of| Ok(Body::Member(MemberEvent::HelperNamed { person: of.person, helper: of.get(&HELPER)? })),
};

pub(crate) static END_HELPER: Action = Action {
    name: "end-helper",
    about: "Ends that somebody is one's helper.",
    inputs: &[&HELPER],
    draft: |of| Ok(Body::Member(MemberEvent::HelperEnded { person: of.person, helper: of.get(&HELPER)? })),
};

pub(crate) static STOP_HELPING: Action = Action {
    name: "stop-helping",
    about: "Lays down that one is somebody's helper.",
    inputs: &[&HELPED],
    draft: |of| {
        let (helper, helped) = (of.person, of.get(&HELPED)?);
        Ok(Body::Member(MemberEvent::HelperEnded { person: of.subject(Some(helped)), helper }))
    },
};

pub(crate) static FILE_REPORT_IN: Action = Action {
    name: "file-report-in",
    about: "Reports to a community (报到), which answers.",
    inputs: &[&COMMUNITY],
    draft: |of| {
        Ok(Body::ReportIn(ReportInEvent::Filed { person: of.person, community: of.get(&COMMUNITY)? }))
    },
};

pub(crate) static APPROVE_ACT: Action = Action {
    name: "approve-act",
    about: "Stands for an act that waits for one's word, such as belonging to a unit.",
    inputs: &[&ACT],
    draft: |of| Ok(Body::Act(ActEvent::Approved { act: of.get(&ACT)? })),
};

pub(crate) static STOP_ACT: Action = Action {
    name: "stop-act",
    about: "Calls off an act about oneself that waits.",
    inputs: &[&ACT],
    draft: |of| Ok(Body::Act(ActEvent::Stopped { act: of.get(&ACT)? })),
};

pub(crate) static GRANT_ROLE: Action = Action {
    name: "grant-role",
    about: "Gives a person a role, exercised by a key of theirs; granted again, it gains the key.",
    inputs: &[&PERSON, &ROLE, &ORG, &KEY_ID],
    draft: |of| {
        let (role, keys) = (of.read(&ROLE, role_named)?, vec![of.get::<KeyId>(&KEY_ID)?]);
        Ok(Body::Role(RoleEvent::Granted { person: of.get(&PERSON)?, role, scope: scope(of)?, keys }))
    },
};

pub(crate) static TAKE_ROLE: Action = Action {
    name: "take-role",
    about: "Takes a role away from a person.",
    inputs: &[&PERSON, &ROLE, &ORG],
    draft: |of| {
        let role = of.read(&ROLE, role_named)?;
        Ok(Body::Role(RoleEvent::Revoked { person: of.get(&PERSON)?, role, scope: scope(of)? }))
    },
};

pub(crate) static END_LOST_KEY: Action = Action {
    name: "end-lost-key",
    about: "Ends a key that was lost with its device. It waits for a second person, unless it is one's own.",
    inputs: &[&PERSON, &KEY_ID],
    draft: |of| {
        let (person, key) = (of.get(&PERSON)?, of.get(&KEY_ID)?);
        Ok(Body::Key(KeyEvent::Revoked { person, key, reason: RevocationReason::Lost }))
    },
};

/// Over an organisation; over the whole ledger if none is named.
fn scope(of: &Draft<'_>) -> Result<Scope, Wrong> {
    Ok(of.find(&ORG)?.map_or(Scope::Ledger, Scope::Org))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::Given;
    use hourbook_ledger::domain::ids::PersonId;

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

//! Acts that wait.

use hourbook_proto::v1;

use crate::domain::event::Body;
use crate::domain::ids::EventId;

use super::read::{Read, fixed};

fn act(bytes: &[u8]) -> Read<EventId> {
    fixed("act", bytes, EventId)
}

pub(super) fn act_approved(m: v1::ActApproved) -> Read<Body> {
    Ok(Body::ActApproved { act: act(&m.act)? })
}

pub(super) fn act_stopped(m: v1::ActStopped) -> Read<Body> {
    Ok(Body::ActStopped { act: act(&m.act)? })
}

pub(super) fn act_took_effect(m: v1::ActTookEffect) -> Read<Body> {
    Ok(Body::ActTookEffect { act: act(&m.act)? })
}

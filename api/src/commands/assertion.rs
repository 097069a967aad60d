//! What a person may assert in a session, and the event that says so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::domain::event::{Body as EventBody, Claimer, ConsentKind, Role, Scope};
use hourbook_ledger::domain::ids::{
    ActivityId, EventId, OrgId, PersonId, Possession, PublicKey, ShiftId, WishId,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What a person may assert in a session: only what concerns the person.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Assertion {
    /// Takes a place in a shift, or one on the waiting list.
    SignUp {
        /// The activity.
        #[schema(value_type = String, format = "uuid")]
        activity: ActivityId,
        /// The shift.
        #[schema(value_type = String, format = "uuid")]
        shift: ShiftId,
    },
    /// Gives the place back.
    WithdrawSignUp {
        /// The activity.
        #[schema(value_type = String, format = "uuid")]
        activity: ActivityId,
        /// The shift.
        #[schema(value_type = String, format = "uuid")]
        shift: ShiftId,
    },
    /// Takes a wish on.
    ClaimWish {
        /// The wish.
        #[schema(value_type = String, format = "uuid")]
        wish: WishId,
    },
    /// Gives a wish back.
    ReleaseWish {
        /// The wish.
        #[schema(value_type = String, format = "uuid")]
        wish: WishId,
    },
    /// Says that a wish is done.
    FulfilWish {
        /// The wish.
        #[schema(value_type = String, format = "uuid")]
        wish: WishId,
        /// Effort in minutes.
        minutes: u32,
    },
    /// The resident says that it is done.
    ConfirmWish {
        /// The wish.
        #[schema(value_type = String, format = "uuid")]
        wish: WishId,
        /// 1 to 5.
        #[schema(minimum = 1, maximum = 5)]
        rating: u8,
    },
    /// Agrees to be named in public, or no longer does.
    PublicName {
        /// Agrees.
        agreed: bool,
    },
    /// Asks for the erasure of the own data. It waits for the term, as all does that cannot be undone and rests on a code.
    RequestErasure {},
    /// Brings a key of one's own. It has signed who gains it.
    EnrolKey {
        /// The Ed25519 public key: base64 of 32 bytes.
        #[schema(value_type = String, format = "byte")]
        key: Bytes<32>,
        /// Its signature, base64 of 64 bytes, over the DSSE encoding of `application/vnd.hourbook.key-possession.v1` and the
        /// ledger's name, a newline, one's id, a newline.
        #[schema(value_type = String, format = "byte")]
        proof: Bytes<64>,
    },
    /// Lays down a role that one holds. By a code it waits for the term, if a key exercises the role.
    LayDownRole {
        /// The role.
        role: RoleName,
        /// Over which organisation it is held; over the whole ledger if none is named.
        #[schema(value_type = Option<String>, format = "uuid")]
        org: Option<OrgId>,
    },
    /// Reports to a community (报到), which answers.
    FileReportIn {
        /// The community or grid.
        #[schema(value_type = String, format = "uuid")]
        community: OrgId,
    },
    /// Stands for an act that waits for one's word, such as belonging to a unit.
    ApproveAct {
        /// The act.
        #[schema(value_type = String, format = "uuid")]
        act: EventId,
    },
    /// Calls off an act about oneself that waits.
    StopAct {
        /// The act.
        #[schema(value_type = String, format = "uuid")]
        act: EventId,
    },
}

/// A role by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // each is that role
pub enum RoleName {
    Founder,
    Steward,
    Worker,
    Lead,
    UnitOfficer,
    Secretary,
    Auditor,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Founder => Self::Founder,
            RoleName::Steward => Self::Steward,
            RoleName::Worker => Self::Worker,
            RoleName::Lead => Self::Lead,
            RoleName::UnitOfficer => Self::UnitOfficer,
            RoleName::Secretary => Self::Secretary,
            RoleName::Auditor => Self::Auditor,
        }
    }
}

/// Bytes of a fixed number in base64.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bytes<const N: usize>(pub [u8; N]);

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text: std::borrow::Cow<'de, str> = Deserialize::deserialize(from)?;
        let bytes = STANDARD.decode(text.as_bytes()).map_err(D::Error::custom)?;
        let fixed =
            bytes.try_into().map_err(|_| D::Error::custom(format_args!("not base64 of {N} bytes")))?;
        Ok(Self(fixed))
    }
}

impl Assertion {
    /// The event's body, said by a person.
    #[must_use]
    pub fn by(self, person: PersonId) -> EventBody {
        match self {
            Self::SignUp { activity, shift } => EventBody::SignedUp { activity, shift, person },
            Self::WithdrawSignUp { activity, shift } => {
                EventBody::SignUpWithdrawn { activity, shift, person }
            }
            Self::ClaimWish { wish } => {
                EventBody::WishClaimed { wish, claimer: Claimer::Person(person), participants: Vec::new() }
            }
            Self::ReleaseWish { wish } => EventBody::WishReleased { wish },
            Self::FulfilWish { wish, minutes } => EventBody::WishFulfilled { wish, minutes, evidence: None },
            Self::ConfirmWish { wish, rating } => EventBody::WishConfirmed { wish, rating },
            Self::PublicName { agreed } => {
                EventBody::ConsentGiven { person, kind: ConsentKind::PublicName, agreed }
            }
            Self::RequestErasure {} => EventBody::ErasureRequested { person },
            Self::EnrolKey { key, proof } => {
                EventBody::KeyEnrolled { person, key: PublicKey(key.0), proof: Possession(proof.0) }
            }
            Self::LayDownRole { role, org } => {
                let scope = org.map_or(Scope::Ledger, Scope::Org);
                EventBody::RoleRevoked { person, role: role.into(), scope }
            }
            Self::FileReportIn { community } => EventBody::ReportInFiled { person, community },
            Self::ApproveAct { act } => EventBody::ActApproved { act },
            Self::StopAct { act } => EventBody::ActStopped { act },
        }
    }
}

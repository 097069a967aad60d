//! Credit.

use hourbook_proto::v1;

use crate::domain::event::{Account, Body, TransferKind};
use crate::domain::ids::{HoldId, OrgId, PersonId};

use super::error::Within;
use super::read::{Read, enumeration, fixed, millis, required};

enumeration!(transfer_kind, write_transfer_kind, TransferKind, Gift, Donation, Grant);

fn account(field: &str, message: Option<v1::Account>) -> Read<Account> {
    use v1::account::{Holder, Issuance};
    let account = match required(field, required(field, message)?.holder)? {
        Holder::Issuance(Issuance {}) => Ok(Account::Issuance),
        Holder::Person(id) => fixed("person", &id, |id| Account::Person(PersonId(id))),
        Holder::Fund(id) => fixed("fund", &id, |id| Account::Fund(OrgId(id))),
        Holder::Hold(id) => fixed("hold", &id, |id| Account::Hold(HoldId(id))),
    };
    account.within(field)
}

pub(super) fn write_account(account: Account) -> v1::Account {
    use v1::account::{Holder, Issuance};
    let holder = match account {
        Account::Issuance => Holder::Issuance(Issuance {}),
        Account::Person(id) => Holder::Person(id.0.to_vec()),
        Account::Fund(id) => Holder::Fund(id.0.to_vec()),
        Account::Hold(id) => Holder::Hold(id.0.to_vec()),
    };
    v1::Account { holder: Some(holder) }
}

fn hold(bytes: &[u8]) -> Read<HoldId> {
    fixed("hold", bytes, HoldId)
}

pub(super) fn credit_transferred(m: v1::CreditTransferred) -> Read<Body> {
    let (from, to) = (account("from", m.from)?, account("to", m.to)?);
    Ok(Body::CreditTransferred { from, to, minutes: m.minutes, kind: transfer_kind("kind", m.kind)? })
}

pub(super) fn credit_held(m: v1::CreditHeld) -> Read<Body> {
    Ok(Body::CreditHeld {
        hold: hold(&m.hold)?,
        from: fixed("from", &m.from, PersonId)?,
        to: fixed("to", &m.to, PersonId)?,
        minutes: m.minutes,
        until: millis("until_ms", m.until_ms)?,
    })
}

pub(super) fn credit_settled(m: v1::CreditSettled) -> Read<Body> {
    Ok(Body::CreditSettled { hold: hold(&m.hold)?, minutes: m.minutes })
}

pub(super) fn credit_voided(m: v1::CreditVoided) -> Read<Body> {
    Ok(Body::CreditVoided { hold: hold(&m.hold)? })
}

//! A served ledger with a community, two of its staff with their keys, and members who can be found by their phones.

use hourbook_ledger::domain::event::{Body, OrgKind, Role};
use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use hourbook::sheet::Row;
use hourbook::state::system_rng;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_ledger::domain::policy::{Policy, RecordPolicy, WishPolicy};
use hourbook_ledger::domain::time::Offset;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::ledger::{self, Ledger};

use super::clock::Founded;

pub(super) const HOME: OrgId = OrgId([7; 16]);
/// The ledger was founded so many days ago.
const DAYS: i64 = 20;
const SURNAMES: [char; 10] = ['赵', '钱', '孙', '李', '周', '吴', '郑', '王', '冯', '陈'];
const NAMES: [char; 10] = ['安', '宁', '康', '平', '和', '顺', '福', '乐', '清', '明'];

pub(super) struct Town {
    pub(super) ledger: Founded,
    /// Who records.
    pub(super) worker: Actor,
    /// Who has the same right.
    pub(super) second: Actor,
}

fn staff(n: u8) -> Actor {
    Actor::new(PersonId([n; 16]), "clock.test/town", SigningKey::from_bytes(&[n; 32]))
}

pub(super) fn member(n: u32) -> PersonId {
    let mut id = [9; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    PersonId(id)
}

fn name(n: u32) -> String {
    let part = |of: [char; 10], by: u32| of[(n / by % 10) as usize];
    [part(SURNAMES, 1), part(NAMES, 10), part(NAMES, 100)].iter().collect()
}

fn phone(n: u32) -> String {
    format!("139{n:08}")
}

impl Town {
    pub(super) fn with_members(count: u32) -> Self {
        let town = Self { ledger: Founded::from_now(-DAYS), worker: staff(10), second: staff(11) };
        let node = town.ledger.opened();
        town.settle_in(&node);
        let members: Vec<u32> = (0..count).collect();
        for some in members.chunks(500) {
            node.handle.submit_waiting(some.iter().map(|n| town.registration(*n)).collect()).wait().unwrap();
        }
        node.close();
        for who in [&town.worker, &town.second] {
            ledger::write_key(&town.key_of(who), &SigningKey::from_bytes(&[who.person.0[0]; 32])).unwrap();
        }
        town
    }

    pub(super) fn key_of(&self, who: &Actor) -> PathBuf {
        self.ledger.root.path().join(format!("staff-{}.pem", who.person.0[0]))
    }

    fn assert(&self, body: Body, openings: Vec<Opening>) -> Submission {
        let signed = self.ledger.founder.assert(self.ledger.clock.now(), &mut *system_rng(), body);
        Submission { signed, openings }
    }

    fn settle_in(&self, node: &Ledger) {
        let records = Policy::Records(RecordPolicy { due_working_days: 10, longest: 720 });
        let from = self.ledger.clock.now().date(Offset(480));
        let community = Body::org_registered(HOME, OrgKind::Community, "听蝉社区", None);
        let wishes = Policy::Wishes(WishPolicy { open_claims: 3, fulfil_days: 15, open_days: 60 });
        let policies = [records, wishes].map(|policy| Body::policy_adopted(from, policy));
        let mut batch = vec![self.assert(community, Vec::new())];
        batch.extend(policies.map(|policy| self.assert(policy, Vec::new())));
        for who in [&self.worker, &self.second] {
            let name = format!("工{}", NAMES[usize::from(who.person.0[0] % 10)]);
            batch.push(self.registered(who.person, &name, "13800000000"));
            batch.extend(self.enrolment(node, who));
            let role = Body::appointed(who.person, Role::Worker, HOME, vec![who.key_id()]);
            batch.push(self.assert(role, Vec::new()));
        }
        for submission in batch {
            node.handle.submit_waiting(vec![submission]).wait().unwrap();
        }
    }

    /// In a session by a code of the founder.
    fn enrolment(&self, node: &Ledger, holder: &Actor) -> Vec<Submission> {
        let (now, person) = (self.ledger.clock.now(), holder.person);
        let code = Opening::new(person.0, Field::Code, [person.0[0]; 32], "48392017").unwrap();
        holder.enrolled_by(&self.ledger.founder, &node.ledger, now, &mut *system_rng(), code).into()
    }

    fn registration(&self, n: u32) -> Submission {
        self.registered(member(n), &name(n), &phone(n))
    }

    fn registered(&self, person: PersonId, name: &str, phone: &str) -> Submission {
        let opening =
            |field, value: &str| Opening::new(person.0, field, person.0.repeat(2).try_into().unwrap(), value);
        let (name, phone) = (opening(Field::Name, name).unwrap(), opening(Field::Phone, phone).unwrap());
        let body = Body::registered(person, HOME, name.commitment(), Some(phone.commitment()));
        self.assert(body, vec![name, phone])
    }

    /// Service of a member in an activity of a day, of two hours.
    pub(super) fn row(&self, of: u32, activity: &str, days_ago: i32, hour: i32) -> Row {
        Row {
            line: 0,
            name: Some(name(of)),
            phone: Some(phone(of)),
            volunteer_number: None,
            activity: activity.to_owned(),
            date: SystemClock.now().date(Offset(480)).0 - days_ago,
            start_minute: hour * 60,
            end_minute: hour * 60 + 120,
            place: "听蝉社区".to_owned(),
            content: "清理楼道".to_owned(),
            lead: "周队长".to_owned(),
        }
    }
}

//! What somebody might want to assert, given what is on the log.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{
    Account, ActivityEvent, Attended, Attendee, Body, Claimer, CreditEvent, HoursEvent, Lead, RecordClass,
    ReportInEvent, Role, Row, Rows, TransferKind, WishEvent,
};
use hourbook_ledger::domain::ids::{
    ActivityId, BatchId, EventId, HoldId, OrgId, PersonId, RowKey, ShiftId, WishId,
};
use hourbook_ledger::domain::time::{Date, Interval, Millis, Minute};

use super::{Wanted, Workload};
use crate::model::Model;
use crate::model::register::Standing;
use crate::model::service::{Part, Phase, RowState};
use crate::model::wishes::Stage;

const STAFF: [Role; 3] = [Role::Steward, Role::Worker, Role::Lead];
pub(super) const OFFICE: [Role; 2] = [Role::Steward, Role::Worker];

pub(super) fn want(who: PersonId, body: Body) -> Option<Wanted> {
    Some(Wanted { who, body, openings: Vec::new() })
}

impl Workload {
    /// Nothing, if there is nothing to do of the kind that chance chose.
    pub(super) fn wanted(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        match self.dice.below(120) {
            100.. => self.waiting(model, now),
            0..=9 => self.planning(model, now),
            10..=24 => self.attending(model, now),
            25..=34 => self.recording(model, now),
            35..=44 => self.confirming(model, now),
            45..=48 => self.correcting(model, now),
            49..=60 => self.spending(model, now),
            61..=82 => self.wishing(model, now),
            83..=88 => self.reporting(model, now),
            89..=94 => self.administering(model, now),
            95..=97 => self.governing(model, now),
            98..=99 => self.rare(model, now),
        }
    }

    fn community(&mut self) -> OrgId {
        let all = [self.cast.communities[0], self.cast.communities[0], self.cast.communities[1]];
        *self.dice.pick(&all)
    }

    fn activity(&mut self, model: &Model, phases: &[Phase]) -> Option<ActivityId> {
        if self.dice.percent(2) {
            return Some(ActivityId(self.dice.id()));
        }
        let any = self.dice.percent(4);
        let all = model.service.activities.iter().filter(|(_, a)| any || phases.contains(&a.phase));
        self.dice.any(all.map(|(id, _)| *id))
    }

    fn activity_staff(&mut self, model: &Model, now: Millis, activity: ActivityId) -> PersonId {
        let org = model.service.activities.get(&activity).map_or(self.cast.city, |a| a.org);
        self.staff(model, now, org, &STAFF)
    }

    fn planning(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        match self.dice.below(10) {
            0..=2 => {
                let (activity, org) = (ActivityId(self.dice.id()), self.community());
                let title = self.open(activity.0, Field::Title, "清扫楼道");
                let lead = match self.dice.percent(70) {
                    true => Lead::Person(self.cast.lead.id()),
                    false => Lead::Person(PersonId(self.dice.id())),
                };
                let category = if self.dice.percent(4) { "Not A Category" } else { "cleaning" };
                let body = Body::planned(activity, org, category, title.commitment(), lead);
                let who = self.staff(model, now, org, &STAFF);
                Some(Wanted { who, body, openings: vec![title] })
            }
            3..=5 => {
                let activity = self.activity(model, &[Phase::Planned])?;
                want(
                    self.activity_staff(model, now, activity),
                    Body::Activity(ActivityEvent::Published { activity }),
                )
            }
            6..=8 => {
                let activity = self.activity(model, &[Phase::Planned, Phase::Published])?;
                let start = now.minute().0 + self.dice.between(0, 4_000) as i64 - 600;
                let end = start + self.dice.between(0, 24) as i64 * 10;
                let interval = Interval { start: Minute(start), end: Minute(end) };
                let capacity = self.dice.between(1, 3) as u16;
                let shift = ShiftId(self.dice.id());
                let who = self.activity_staff(model, now, activity);
                want(who, Body::shift_opened(activity, shift, interval, capacity))
            }
            _ => {
                let activity = self.activity(model, &[Phase::Planned, Phase::Published])?;
                let who = self.activity_staff(model, now, activity);
                if self.dice.percent(40) {
                    return want(who, Body::Activity(ActivityEvent::Closed { activity }));
                }
                let reason = self.open(activity.0, Field::Reason, "下雨");
                let body = Body::Activity(ActivityEvent::Cancelled { activity, reason: reason.commitment() });
                Some(Wanted { who, body, openings: vec![reason] })
            }
        }
    }

    fn attending(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let minute = now.minute().0;
        let choice = self.dice.below(10);
        let likely = |shift: &&crate::model::service::Shift| match choice {
            0..=5 => shift.interval.end.0 > minute,
            6..=7 => shift.interval.start.0 > minute && !shift.parts.is_empty(),
            _ => shift.interval.end.0 <= minute,
        };
        let any = self.dice.percent(5);
        let shifts = model.service.shifts.iter().filter(|(_, s)| any || likely(s));
        let (shift, found) = self.dice.any(shifts)?;
        let (activity, shift) = (found.activity, *shift);
        match choice {
            0..=5 => {
                let person = self.volunteer(model);
                want(person, Body::Activity(ActivityEvent::SignedUp { activity, shift, person }))
            }
            6..=7 => {
                let signed_up = found.parts.iter().filter(|p| matches!(p.1, Part::Placed | Part::Waiting));
                let person = self.dice.any(signed_up.map(|p| *p.0)).unwrap_or_else(|| self.volunteer(model));
                want(person, Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift, person }))
            }
            _ => {
                let mut people: Vec<PersonId> = found.parts.keys().copied().collect();
                people.push(self.volunteer(model));
                people.retain(|_| self.dice.percent(70));
                people.sort_unstable();
                people.dedup();
                let present = Attended::Present(Interval {
                    start: found.interval.start,
                    end: Minute(found.interval.end.0.min(minute)),
                });
                let mut note = |person: PersonId| {
                    let placed = found.places.contains(&person) || self.dice.percent(5);
                    let attended = if placed && self.dice.percent(30) { Attended::NoShow } else { present };
                    Attendee { person, attended }
                };
                let rows = people.into_iter().map(&mut note).collect();
                let who = self.activity_staff(model, now, activity);
                want(who, Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows }))
            }
        }
    }

    /// An interval of the last days that is over, often at the same hours as others', sometimes over midnight.
    fn interval(&mut self, now: Millis) -> Interval {
        let back = self.dice.between(0, 48) as i64 * 60 + self.dice.below(7) as i64;
        let length = *self.dice.pick(&[30, 60, 60, 60, 90, 90, 120, 120, 120, 180, 240, 400, 400, 720]);
        let late = if self.dice.percent(1) { 600 } else { 0 };
        let length = if self.dice.percent(1) { 800 } else { length };
        let end = now.minute().0 - back + late;
        Interval { start: Minute(end - length), end: Minute(end) }
    }

    fn recording(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let activity = self.activity(model, &[Phase::Published, Phase::Closed, Phase::Planned])?;
        let org = model.service.activities.get(&activity).map_or(self.cast.city, |a| a.org);
        let org = if self.dice.percent(5) { self.community() } else { org };
        let count = self.dice.between(1, 5);
        let rows = (0..count).map(|_| {
            let key = RowKey(if self.dice.percent(1) { [1; 16] } else { self.dice.id() });
            Row { key, person: self.volunteer(model), interval: self.interval(now) }
        });
        let rows: Vec<Row> = rows.filter(|row| row.interval.minutes() > 0).collect();
        let reason = self.open(activity.0, Field::Reason, "补录");
        let late = self.dice.percent(20);
        let class = if late { RecordClass::Late(reason.commitment()) } else { RecordClass::Normal };
        let batch = BatchId(self.dice.id());
        let (part, total, photos) = (0, 1, Vec::new());
        let body = HoursEvent::Recorded { batch, part, total, org, activity, class, rows, photos };
        let body = Body::Hours(body);
        let who = self.staff(model, now, org, &STAFF);
        Some(Wanted { who, body, openings: if late { vec![reason] } else { Vec::new() } })
    }

    fn row(&mut self, model: &Model, states: &[RowState]) -> Option<(EventId, u16, OrgId)> {
        let any = self.dice.percent(4);
        let rows = model.service.rows.iter().filter(|(_, row)| any || states.contains(&row.state));
        self.dice.any(rows.map(|((event, index), row)| (*event, *index, row.org)))
    }

    fn confirming(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let (recorded, index, org) = self.row(model, &[RowState::Recorded])?;
        let rows = match self.dice.below(10) {
            0..=5 => Rows::All,
            6..=8 => Rows::Some { indexes: vec![index] },
            _ => Rows::Some { indexes: vec![index, index + 1] },
        };
        want(self.staff(model, now, org, &STAFF), Body::Hours(HoursEvent::Confirmed { recorded, rows }))
    }

    fn correcting(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let (recorded, row, org) = self.row(model, &[RowState::Confirmed, RowState::Recorded])?;
        let replacement = if self.dice.percent(60) { Some(self.interval(now)) } else { None };
        let reason = self.open(recorded.0, Field::Reason, "时间有误");
        let body =
            Body::Hours(HoursEvent::Corrected { recorded, row, replacement, reason: reason.commitment() });
        let who = self.staff(model, now, org, &STAFF);
        Some(Wanted { who, body, openings: vec![reason] })
    }

    /// Somebody with credit.
    fn spender(&mut self, model: &Model) -> PersonId {
        let rich = model.books.balances.iter().filter_map(|(account, balance)| match account {
            Account::Person(person) if *balance > 0 => Some(*person),
            _ => None,
        });
        match self.dice.any(rich) {
            Some(person) if !self.dice.percent(10) => person,
            _ => self.volunteer(model),
        }
    }

    fn spending(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let (from, to) = (self.spender(model), self.volunteer(model));
        let balance = model.books.balance(Account::Person(from)).max(0) as u64;
        let minutes = self.dice.between(1, balance / 2 + 20) as u32;
        let gift = |to, kind| {
            Body::Credit(CreditEvent::Transferred { from: Account::Person(from), to, minutes, kind })
        };
        match self.dice.below(12) {
            0..=1 => want(from, gift(Account::Person(to), TransferKind::Gift)),
            2..=3 => want(from, gift(Account::Fund(self.community()), TransferKind::Donation)),
            4 => {
                let org = self.community();
                let who = self.staff(model, now, org, &OFFICE);
                let (from, to, kind) = (Account::Fund(org), Account::Person(to), TransferKind::Grant);
                want(who, Body::Credit(CreditEvent::Transferred { from, to, minutes, kind }))
            }
            5..=8 => {
                let hours = self.dice.between(1, 24 * 8) as i64;
                let late = if self.dice.percent(4) { 100 * 24 } else { 0 };
                let until = Millis(now.0 + (hours + late) * 3_600_000);
                want(
                    from,
                    Body::Credit(CreditEvent::Held {
                        hold: HoldId(self.dice.id()),
                        from,
                        to,
                        minutes,
                        until,
                    }),
                )
            }
            settle_or_void => {
                let any = self.dice.percent(15);
                let open = model.books.holds.iter().filter(|(_, hold)| any || hold.ended.is_none());
                let (hold, held) = self.dice.any(open)?;
                let (hold, minutes) = (*hold, self.dice.between(1, u64::from(held.minutes) + 1) as u32);
                match settle_or_void {
                    9 | 10 => want(held.from, Body::Credit(CreditEvent::Settled { hold, minutes })),
                    _ => want(held.from, Body::Credit(CreditEvent::Voided { hold })),
                }
            }
        }
    }

    pub(super) fn wish(&mut self, model: &Model, stages: &[Stage]) -> Option<WishId> {
        if self.dice.percent(2) {
            return Some(WishId(self.dice.id()));
        }
        let any = self.dice.percent(4);
        let all = model.wishes.all.iter().filter(|(_, wish)| any || stages.contains(&wish.stage));
        self.dice.any(all.map(|(id, _)| *id))
    }

    fn wishing(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let choice = self.dice.below(22);
        let stages: &[Stage] = match choice {
            0..=2 => &[],
            3..=5 => &[Stage::Draft],
            6..=9 => &[Stage::Open],
            10..=15 => &[Stage::Claimed],
            16..=18 => &[Stage::Fulfilled],
            20.. => &[Stage::Fulfilled, Stage::Disputed],
            _ => &[Stage::Draft, Stage::Open, Stage::Claimed],
        };
        if stages.is_empty() {
            return self.posting(model, now);
        }
        let wish = self.wish(model, stages)?;
        let found = model.wishes.all.get(&wish);
        let org = found.map_or(self.cast.city, |wish| wish.org);
        let claimer = found.and_then(|wish| wish.claimer);
        let claiming = match claimer {
            Some(Claimer::Person(person)) => person,
            Some(Claimer::Org(org)) => self.staff(model, now, org, &STAFF),
            None => self.volunteer(model),
        };
        let office = self.staff(model, now, org, &OFFICE);
        match choice {
            3..=5 => {
                let sentence = self.open(wish.0, Field::WishSentence, "想换一个灯泡");
                let body = Body::Wish(WishEvent::Vetted { wish, sentence: sentence.commitment() });
                Some(Wanted { who: office, body, openings: vec![sentence] })
            }
            6..=9 => self.claiming(model, now, wish),
            10..=11 => want(claiming, Body::Wish(WishEvent::Released { wish })),
            12..=15 => {
                let minutes = self.dice.between(0, 200) as u32;
                want(claiming, Body::Wish(WishEvent::Fulfilled { wish, minutes, evidence: None }))
            }
            16..=18 => {
                let resident = found.map_or_else(|| self.cast.residents[0].id(), |wish| wish.resident);
                want(
                    resident,
                    Body::Wish(WishEvent::Confirmed { wish, rating: self.dice.between(1, 5) as u8 }),
                )
            }
            20.. => self.disputing(model, wish, claiming, office),
            _ => {
                let reason = self.open(wish.0, Field::Reason, "不再需要");
                let body = Body::Wish(WishEvent::Withdrawn { wish, reason: reason.commitment() });
                Some(Wanted { who: office, body, openings: vec![reason] })
            }
        }
    }

    /// Either of the two disputes it, or staff decide.
    fn disputing(
        &mut self,
        model: &Model,
        wish: WishId,
        claiming: PersonId,
        office: PersonId,
    ) -> Option<Wanted> {
        let found = model.wishes.all.get(&wish)?;
        let opening = self.open(wish.0, Field::Reason, "不是这样");
        let reason = opening.commitment();
        let (who, event) = match (found.stage, self.dice.percent(50)) {
            (Stage::Disputed, true) => (office, WishEvent::DisputeUpheld { wish, reason }),
            (Stage::Disputed, false) => (office, WishEvent::DisputeRejected { wish, reason }),
            (_, true) => (claiming, WishEvent::Disputed { wish, reason }),
            (_, false) => (found.resident, WishEvent::Disputed { wish, reason }),
        };
        Some(Wanted { who, body: Body::Wish(event), openings: vec![opening] })
    }

    fn posting(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let who = self.dice.below(self.cast.residents.len() as u64) as usize;
        let resident = self.cast.residents[who].id();
        let org = self.cast.communities[usize::from(who == 2)];
        let text = self.open(resident.0, Field::WishText, "家里的灯坏了,够不着");
        let body = Body::posted(WishId(self.dice.id()), org, resident, "repair", text.commitment(), 60);
        let who = self.staff(model, now, org, &OFFICE);
        Some(Wanted { who, body, openings: vec![text] })
    }

    fn claiming(&mut self, model: &Model, now: Millis, wish: WishId) -> Option<Wanted> {
        let helpers = self.dice.below(3);
        let mut participants: Vec<PersonId> = (0..helpers).map(|_| self.volunteer(model)).collect();
        if self.dice.percent(90) {
            participants.sort_unstable();
            participants.dedup();
        }
        if self.dice.percent(70) {
            let person = self.volunteer(model);
            return want(
                person,
                Body::Wish(WishEvent::Claimed { wish, claimer: Claimer::Person(person), participants }),
            );
        }
        let org = *self.dice.pick(&[self.cast.team, self.cast.unit]);
        let roles = [Role::Lead, Role::UnitOfficer, Role::Worker, Role::Steward];
        let who = self.staff(model, now, org, &roles);
        want(who, Body::Wish(WishEvent::Claimed { wish, claimer: Claimer::Org(org), participants }))
    }

    fn reporting(&mut self, model: &Model, now: Millis) -> Option<Wanted> {
        let choice = self.dice.below(10);
        if choice <= 3 {
            let person = self.volunteer(model);
            let places =
                [self.cast.communities[0], self.cast.communities[1], self.cast.grids[0], self.cast.unit];
            return want(
                person,
                Body::ReportIn(ReportInEvent::Filed { person, community: *self.dice.pick(&places) }),
            );
        }
        let fits = |standing: &Standing| match choice {
            4..=7 => *standing == Standing::Filed,
            _ => matches!(standing, Standing::Filed | Standing::Accepted(_)),
        };
        let any = self.dice.percent(4);
        let all = model.register.report_ins.iter().flat_map(|(p, all)| all.iter().map(|r| (*p, r.0, r.1)));
        let (person, community, _) = self.dice.any(all.filter(|r| any || fits(&r.2)))?;
        if choice <= 7 {
            let accepted = self.dice.percent(80);
            let who = self.staff(model, now, community, &OFFICE);
            return want(who, Body::ReportIn(ReportInEvent::Answered { person, community, accepted }));
        }
        let on = Date(model.register.day(now).0 + self.dice.between(0, 6) as i32 - 1);
        want(person, Body::ReportIn(ReportInEvent::Ended { person, community, on }))
    }
}

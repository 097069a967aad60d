//! Activities that people sign up for: planned two weeks ahead, a roll call, hours for those who came. What lies ahead
//! when the history ends is open for sign-up.

use std::collections::BTreeMap;

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{
    ActivityEvent, Attended, Attendee, Body, HoursEvent, Lead, RecordClass, Row,
};
use hourbook_ledger::domain::ids::{ActivityId, BatchId, EventId, PersonId, RowKey, ShiftId};
use hourbook_ledger::domain::time::{Date, Interval};

use super::DemoError;
use super::founding::is_early;
use super::history::moment;
use super::submitter::EventSubmitter;
use super::town::{Community, Town};
use super::week::DESK;

/// What is offered: title, place, content, category.
const OFFERS: [(&str, &str, &str, &str); 5] = [
    ("银龄手机课堂", "党群服务中心二楼", "一对一教老人用手机挂号、缴费、视频", "elderly"),
    ("社区图书整理日", "社区书屋", "整理图书、修补旧书、布置阅读角", "culture"),
    ("旧物维修集市", "便民广场", "修自行车、修雨伞、缝补衣物", "repair"),
    ("飞线整治行动", "老旧小区", "清理电动车飞线、宣传充电安全", "patrol"),
    ("亲子护河队", "萤溪河步道", "捡拾垃圾、记录水质、认识水鸟", "environment"),
];
/// Every community offers something every so many weeks.
const EVERY: usize = 6;
/// Days from the planning, on a Tuesday, to the afternoon of the second Saturday.
const AHEAD: i32 = 11;

/// A roll that will be called.
struct Roll {
    community: usize,
    activity: ActivityId,
    shift: ShiftId,
    interval: Interval,
    /// Those with a place.
    placed: Vec<PersonId>,
}

/// The rolls to be called, by day.
#[derive(Default)]
pub(super) struct Rolls {
    ahead: BTreeMap<Date, Vec<Roll>>,
    planned: u64,
}

impl Rolls {
    /// What is planned on a Tuesday; in the `last` week every community has something ahead.
    pub(super) fn plan(
        &mut self,
        submitter: &mut EventSubmitter,
        town: &Town,
        today: Date,
        last: bool,
    ) -> Result<(), DemoError> {
        let week = today.0.unsigned_abs() as usize / 7;
        for (at, community) in town.communities.iter().enumerate() {
            if last || (week + at).is_multiple_of(EVERY) {
                let roll = self.open(submitter, town, at, community, today)?;
                self.ahead.entry(today.plus(AHEAD + 1)).or_default().push(roll);
            }
        }
        Ok(())
    }

    fn open(
        &mut self,
        submitter: &mut EventSubmitter,
        town: &Town,
        at: usize,
        community: &Community,
        today: Date,
    ) -> Result<Roll, DemoError> {
        self.planned += 1;
        let activity = ActivityId(town.seeds.id("activity", self.planned));
        let shift = ShiftId(town.seeds.id("shift", self.planned));
        let (title, place, content, category) = *submitter.dice.pick(&OFFERS);
        let place = format!("{}{place}", community.name);
        let title = submitter.seal(activity.0, Field::Title, title)?;
        let place = submitter.seal(activity.0, Field::Place, &place)?;
        let content = submitter.seal(activity.0, Field::Content, content)?;
        let lead = community.lead.actor();
        let body = Body::Activity(ActivityEvent::Planned {
            activity,
            org: community.id,
            category: category.to_owned(),
            title: title.commitment(),
            place: Some(place.commitment()),
            content: Some(content.commitment()),
            lead: Lead::Person(community.lead.id),
        });
        submitter.write_with(&lead, body, vec![title, place, content])?;
        submitter.write(&lead, Body::Activity(ActivityEvent::Published { activity }))?;
        let afternoon = |minute| moment(today.plus(AHEAD), minute).minute();
        let interval = Interval { start: afternoon(14 * 60 + 30), end: afternoon(16 * 60 + 30) };
        let capacity = 10 + submitter.dice.below(6) as u16;
        submitter.write(
            &lead,
            Body::Activity(ActivityEvent::ShiftOpened { activity, shift, interval, capacity }),
        )?;
        let mut placed = sign_up(submitter, community, activity, shift)?;
        placed.truncate(usize::from(capacity));
        Ok(Roll { community: at, activity, shift, interval, placed })
    }

    /// Calls the rolls of yesterday's activities; gives the recordings of those who came. The last one of the first community
    /// before the end is left to whoever comes to its desk.
    pub(super) fn call(
        &mut self,
        submitter: &mut EventSubmitter,
        town: &Town,
        today: Date,
        end: Date,
    ) -> Result<Vec<(usize, EventId)>, DemoError> {
        let is_last = today.plus(7 * EVERY as i32) > end;
        let mut rolls = self.ahead.remove(&today).unwrap_or_default();
        rolls.retain(|roll| !(is_last && roll.community == DESK));
        let recorded = rolls.iter().map(|roll| call(submitter, town, roll));
        recorded.filter_map(Result::transpose).collect()
    }
}

/// Members sign up, the recorder acting for them; some end up on the waiting list.
fn sign_up(
    submitter: &mut EventSubmitter,
    community: &Community,
    activity: ActivityId,
    shift: ShiftId,
) -> Result<Vec<PersonId>, DemoError> {
    let recorder = community.recorder.actor();
    let early: Vec<PersonId> =
        community.members.iter().filter(|m| is_early(m)).map(|m| m.person.id).collect();
    let first = submitter.dice.below(early.len());
    let wanted = 8 + submitter.dice.below(9);
    let persons: Vec<PersonId> =
        early.iter().cycle().skip(first).take(wanted.min(early.len())).copied().collect();
    for person in &persons {
        submitter.write_for(
            &recorder,
            *person,
            Body::Activity(ActivityEvent::SignedUp { activity, shift, person: *person }),
        )?;
    }
    Ok(persons)
}

fn call(
    submitter: &mut EventSubmitter,
    town: &Town,
    roll: &Roll,
) -> Result<Option<(usize, EventId)>, DemoError> {
    let Roll { community: at, activity, shift, interval, ref placed } = *roll;
    let community = &town.communities[at];
    let attend = |person: &PersonId| {
        let attended = if submitter.dice.chance(60) { Attended::NoShow } else { Attended::Present(interval) };
        Attendee { person: *person, attended }
    };
    let rows: Vec<Attendee> = placed.iter().map(attend).collect();
    let present = rows.iter().filter(|row| row.attended != Attended::NoShow).map(|row| row.person);
    let present: Vec<PersonId> = present.collect();
    let lead = community.lead.actor();
    if !rows.is_empty() {
        submitter.write(&lead, Body::Activity(ActivityEvent::AttendanceTaken { activity, shift, rows }))?;
    }
    submitter.write(&lead, Body::Activity(ActivityEvent::Closed { activity }))?;
    if present.is_empty() {
        return Ok(None);
    }
    let key = |person: &PersonId| Row { key: RowKey(submitter.dice.bytes()), person: *person, interval };
    let body = Body::Hours(HoursEvent::Recorded {
        rows: present.iter().map(key).collect(),
        batch: BatchId(submitter.dice.bytes()),
        part: 0,
        total: 1,
        org: community.id,
        activity,
        class: RecordClass::Normal,
        photos: Vec::new(),
    });
    let recorded = submitter.write(&community.recorder.actor(), body)?;
    Ok(Some((at, recorded)))
}

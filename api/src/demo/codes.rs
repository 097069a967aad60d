//! One-time codes, for whoever wants to look at the town with somebody's eyes.

use std::path::Path;

use hourbook_ledger::actor::Actor;
use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::Millis;
use hourbook_ledger::ledger;
use hourbook_ledger::sequencer::Handle;
use rustc_hash::FxHashSet;

use super::DemoError;
use super::founding::{is_early, officers, secretaries};
use super::seeded::Seeds;
use super::submitter::EventSubmitter;
use super::town::{Member, Person, Town};

/// Days that a code is good for.
const DAYS: u32 = 7;

/// A one-time code, for whoever tries the demo out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Whom it lets in, in Chinese.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// The person.
    pub person: PersonId,
    /// Eight digits.
    pub code: String,
    /// When it runs out.
    pub until: Millis,
}

/// Grants a code each to a volunteer, a worker, a unit officer and an auditor.
pub(super) fn grant(submitter: &mut EventSubmitter, town: &Town) -> Result<Vec<Code>, DemoError> {
    let (steward, recorder) = (&town.steward, &town.communities[0].recorder);
    let officer = officers(town).first().map(|(_, officer)| *officer);
    let wanted = [
        ("志愿者", "volunteer", volunteer(town, officer)),
        ("社区工作者", "community worker", Some((recorder, steward))),
        ("单位负责人", "unit officer", officer.map(|officer| (officer, steward))),
        ("审计员", "auditor", Some((&town.auditor, &town.founders[0]))),
    ];
    let mut codes = Vec::with_capacity(wanted.len());
    for (zh, en, wanted) in wanted {
        if let Some((&Person { id: person, .. }, giver)) = wanted {
            let until = submitter.now.plus_days(DAYS);
            let (code, _) = submitter.grant_code(&giver.actor(), person, until)?;
            codes.push(Code { zh, en, person, code, until });
        }
    }
    submitter.settle()?;
    Ok(codes)
}

/// Somebody with much to see and, if the town is large enough, no office; not one who joins after the history's end, nor the
/// officer, whose own code would end this one. With whoever gives the code.
fn volunteer<'a>(town: &'a Town, officer: Option<&Person>) -> Option<(&'a Person, &'a Person)> {
    let offices: FxHashSet<PersonId> =
        officers(town).iter().chain(&secretaries(town)).map(|(_, holder)| holder.id).collect();
    let is_free = |member: &Member| !offices.contains(&member.person.id);
    let (first, all) = (town.communities[0].id, &town.communities);
    let members =
        all.iter().flat_map(|community| community.members.iter().map(move |member| (community, member)));
    let others =
        members.filter(|(_, m)| is_early(m) && officer.is_none_or(|officer| officer.id != m.person.id));
    let chosen = others.max_by_key(|(community, m)| (is_free(m), community.id == first, m.zeal));
    chosen.map(|(community, m)| (&m.person, if is_free(m) { &community.recorder } else { &town.steward }))
}

/// Directory of the key files, within the ledger's. They hold no names.
pub const KEYS: &str = "demo-keys";

/// Writes the keys of a few people whose part one may want to play: signing, importing, confirming.
pub(super) fn write_keys(town: &Town, data: &Path) -> Result<(), DemoError> {
    let dir = data.join(KEYS);
    std::fs::create_dir_all(&dir).map_err(|source| DemoError::Io { path: dir.clone(), source })?;
    let community = &town.communities[0];
    let officers = officers(town);
    let people = [
        ("founder-1", Some(&town.founders[0])),
        ("founder-2", Some(&town.founders[1])),
        ("steward", Some(&town.steward)),
        ("second-steward", Some(&town.second_steward)),
        ("worker", Some(&community.recorder)),
        ("confirmer", Some(&community.confirmer)),
        ("secretary", Some(&community.secretary)),
        ("officer", officers.first().map(|(_, officer)| *officer)),
        ("auditor", Some(&town.auditor)),
    ];
    for (name, person) in people {
        if let Some(key) = person.and_then(|person| person.key.as_ref()) {
            ledger::write_key(&dir.join(format!("{name}.pem")), key)?;
        }
    }
    Ok(())
}

/// Grants fresh codes in a town that was built before, as of now.
///
/// # Errors
/// [`DemoError`].
pub fn again(
    seed: u64,
    people: usize,
    handle: &Handle,
    ledger: &Actor,
    now: Millis,
) -> Result<Vec<Code>, DemoError> {
    let seeds = Seeds(seed);
    let town = Town::draw(seeds, people);
    let dice = seeds.dice("codes", now.0.unsigned_abs());
    grant(&mut EventSubmitter::new(handle.clone(), ledger.clone(), dice, now), &town)
}

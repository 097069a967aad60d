//! The town as it is drawn up before anything is recorded: organisations and people, decided by the seed alone.

use ed25519_dalek::SigningKey;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::domain::event::OrgKind;
use hourbook_ledger::domain::ids::{OrgId, PersonId};

use super::ORIGIN;
use super::divisions::{self, CITY, CODE, Division, SHORT_CITY};
use super::names::{Numbers, name};
use super::seeded::{SeededRng, Seeds};

/// Figures in the proportions of a county-level city.
pub(super) const MEMBERS: usize = 6_400;
const GRIDS: usize = 84;
const BUILDINGS: usize = 149;
const MUNICIPAL_UNITS: usize = 94;
const LOCAL_UNITS: usize = 22;
const TEAMS: usize = 286;
const WISHES: usize = 978;
/// Residents for whom wishes are posted.
const RESIDENTS: usize = 640;

/// An organisation to be registered.
#[derive(Clone, Debug)]
pub(super) struct Org {
    pub(super) id: OrgId,
    pub(super) kind: OrgKind,
    pub(super) name: String,
    pub(super) code: Option<String>,
    pub(super) parent: Option<OrgId>,
    /// Reports to this community (双报到).
    pub(super) reports_to: Option<OrgId>,
}

/// A person to be registered.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) id: PersonId,
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) number: Option<String>,
    /// Where the person is registered.
    pub(super) home: OrgId,
    pub(super) key: Option<SigningKey>,
}

/// An in-service Party member.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) person: Person,
    pub(super) unit: OrgId,
    pub(super) team: OrgId,
    /// Days after the founding on which the member joins.
    pub(super) joins: i32,
    /// How often the member comes: of a thousand weeks.
    pub(super) zeal: usize,
    pub(super) consents: bool,
}

/// A community with its people.
pub(super) struct Community {
    pub(super) id: OrgId,
    pub(super) name: String,
    pub(super) grids: Vec<OrgId>,
    pub(super) teams: Vec<OrgId>,
    /// Records and posts.
    pub(super) recorder: Person,
    /// Confirms and vets.
    pub(super) confirmer: Person,
    /// Leads activities.
    pub(super) lead: Person,
    /// Secretary of the community's Party committee.
    pub(super) secretary: Person,
    pub(super) members: Vec<Member>,
    pub(super) residents: Vec<Person>,
}

/// Everything that is drawn up beforehand.
pub(super) struct Town {
    pub(super) seeds: Seeds,
    pub(super) city: OrgId,
    /// In an order in which each comes after what contains it.
    pub(super) orgs: Vec<Org>,
    pub(super) founders: [Person; 2],
    pub(super) steward: Person,
    pub(super) second_steward: Person,
    pub(super) auditor: Person,
    pub(super) communities: Vec<Community>,
    pub(super) wishes: usize,
}

impl Person {
    /// The person as one who signs.
    pub(super) fn actor(&self) -> Actor {
        let key = self.key.clone().expect("only persons with keys sign");
        Actor::new(self.id, ORIGIN, key)
    }
}

impl Town {
    pub(super) fn draw(seeds: Seeds, people: usize) -> Self {
        Drawing::new(seeds, people).town()
    }

    /// All in-service members, by community.
    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.communities.iter().flat_map(|community| &community.members)
    }

    /// How many organisations of a kind there are.
    pub(super) fn count(&self, kind: OrgKind) -> usize {
        self.orgs.iter().filter(|org| org.kind == kind).count()
    }
}

struct Drawing {
    seeds: Seeds,
    dice: SeededRng,
    numbers: Numbers,
    people: usize,
    orgs: Vec<Org>,
    persons: u64,
}

impl Drawing {
    fn new(seeds: Seeds, people: usize) -> Self {
        let dice = seeds.dice("town", 0);
        Self { seeds, dice, numbers: Numbers::default(), people, orgs: Vec::new(), persons: 0 }
    }

    /// A figure of the whole town, scaled to the number of members.
    fn scaled(&self, figure: usize, least: usize) -> usize {
        (figure * self.people).div_ceil(MEMBERS).max(least)
    }

    fn org(&mut self, kind: OrgKind, name: String, code: Option<&str>, parent: Option<OrgId>) -> OrgId {
        let id = OrgId(self.seeds.id("org", self.orgs.len() as u64));
        let code = code.map(str::to_owned);
        self.orgs.push(Org { id, kind, name, code, parent, reports_to: None });
        id
    }

    fn person(&mut self, home: OrgId, has_key: bool) -> Person {
        self.persons += 1;
        let index = self.persons;
        Person {
            id: PersonId(self.seeds.id("person", index)),
            name: name(&mut self.dice),
            phone: self.numbers.phone(&mut self.dice),
            number: None,
            home,
            key: has_key.then(|| self.seeds.key("key", index)),
        }
    }

    fn town(mut self) -> Town {
        let city = self.org(OrgKind::City, CITY.into(), Some(CODE), None);
        let founders = [self.person(city, true), self.person(city, true)];
        let [steward, second_steward, auditor] = std::array::from_fn(|_| self.person(city, true));
        let mut communities = self.communities(city);
        let units = self.units(city, &communities);
        self.members(&mut communities, &units);
        self.residents(&mut communities);
        let wishes = self.scaled(WISHES, 26);
        Town {
            seeds: self.seeds,
            city,
            orgs: self.orgs,
            founders,
            steward,
            second_steward,
            auditor,
            communities,
            wishes,
        }
    }

    fn communities(&mut self, city: OrgId) -> Vec<Community> {
        let divisions = divisions::communities();
        let count = divisions.len();
        let teams = self.scaled(TEAMS, count);
        let mut street: Option<(String, OrgId)> = None;
        let mut all = Vec::with_capacity(count);
        for (at, division) in divisions.into_iter().enumerate() {
            let above = match &street {
                Some((code, id)) if *code == division.street_code => *id,
                _ => {
                    self.org(OrgKind::Street, division.street.into(), Some(&division.street_code), Some(city))
                }
            };
            street = Some((division.street_code.clone(), above));
            all.push(self.community(&division, above, |figure| share(figure, count, at), teams));
        }
        all
    }

    fn community(
        &mut self,
        division: &Division,
        above: OrgId,
        of: impl Fn(usize) -> usize,
        teams: usize,
    ) -> Community {
        let name = division.name.to_owned();
        let id = self.org(OrgKind::Community, name.clone(), Some(&division.code), Some(above));
        let grids: Vec<OrgId> = (1..=of(GRIDS))
            .map(|n| {
                let grid = self.org(OrgKind::Grid, format!("{name}第{n}网格"), None, Some(id));
                self.org(OrgKind::PartyBranch, format!("{name}第{n}网格党支部"), None, Some(grid));
                grid
            })
            .collect();
        for n in 0..of(BUILDINGS) {
            let grid = grids[n % grids.len()];
            self.org(OrgKind::Building, format!("{name}{}号楼党小组", n + 1), None, Some(grid));
        }
        let short = name.trim_end_matches("社区").to_owned();
        let teams = (0..of(teams)).map(|n| {
            self.org(
                OrgKind::Team,
                format!("{short}{}{}", TEAM_NAMES[n % TEAM_NAMES.len()], ordinal(n)),
                None,
                Some(id),
            )
        });
        let teams: Vec<OrgId> = teams.collect();
        Community {
            id,
            grids,
            teams,
            recorder: self.person(id, true),
            confirmer: self.person(id, true),
            lead: self.person(id, true),
            secretary: self.person(id, true),
            members: Vec::new(),
            residents: Vec::new(),
            name,
        }
    }

    fn units(&mut self, city: OrgId, communities: &[Community]) -> Vec<OrgId> {
        let mut units = Vec::new();
        for n in 0..MUNICIPAL_UNITS + LOCAL_UNITS {
            let name = match n.checked_sub(MUNICIPAL_UNITS) {
                None => unit_name(n),
                Some(local) => format!(
                    "{}{}",
                    communities[local % communities.len()].name.trim_end_matches("社区"),
                    LOCAL_NAMES[local % LOCAL_NAMES.len()]
                ),
            };
            let unit = self.org(OrgKind::WorkUnit, name, None, Some(city));
            let community = &communities[n % communities.len()];
            if let Some(org) = self.orgs.last_mut() {
                org.reports_to = Some(community.id);
            }
            units.push(unit);
        }
        units
    }

    fn members(&mut self, communities: &mut [Community], units: &[OrgId]) {
        let count = communities.len();
        for n in 0..self.people {
            let community = &communities[n % count];
            let at = community.members.len();
            let home = community.grids[at % community.grids.len()];
            let team = community.teams[at % community.teams.len()];
            // The first of each community always has a key, so that even the smallest town has somebody to claim.
            let has_key = at == 0 || self.dice.chance(60);
            let mut person = self.person(home, has_key);
            person.number = Some(self.numbers.volunteer());
            let unit = *self.dice.pick(units);
            let joins =
                if at > 2 && self.dice.chance(120) { self.dice.between(40, 600) } else { 2 + (n % 4) as i32 };
            let zeal = self.zeal();
            let consents = self.dice.chance(820);
            communities[n % count].members.push(Member { person, unit, team, joins, zeal, consents });
        }
    }

    /// Most come every third or fourth week, some hardly ever, a few nearly always.
    fn zeal(&mut self) -> usize {
        match self.dice.below(100) {
            0..4 => 0,
            4..14 => self.dice.below(60),
            14..86 => 160 + self.dice.below(260),
            86..97 => 420 + self.dice.below(200),
            _ => 700 + self.dice.below(200),
        }
    }

    fn residents(&mut self, communities: &mut [Community]) {
        let count = communities.len();
        for n in 0..self.scaled(RESIDENTS, count) {
            let grids = &communities[n % count].grids;
            let home = grids[(n / count) % grids.len()];
            let person = self.person(home, false);
            communities[n % count].residents.push(person);
        }
    }
}

/// The share of the `at`th of `count` in a figure, so that all shares add up to it.
fn share(figure: usize, count: usize, at: usize) -> usize {
    figure * (at + 1) / count - figure * at / count
}

const TEAM_NAMES: [&str; 11] = [
    "党员先锋队",
    "红色管家队",
    "平安巡逻队",
    "环境守护队",
    "暖心助老队",
    "护学志愿队",
    "文明劝导队",
    "健康服务队",
    "便民维修队",
    "邻里调解队",
    "文化传播队",
];
const LOCAL_NAMES: [&str; 4] = ["卫生院", "小学", "供电所", "农商行网点"];

fn ordinal(n: usize) -> String {
    match n / TEAM_NAMES.len() {
        0 => String::new(),
        more => format!("{}分队", more + 1),
    }
}

fn unit_name(n: usize) -> String {
    let names: Vec<&str> = include_str!("units.txt").lines().collect();
    let name = names[n % names.len()];
    if n < names.len() { format!("{SHORT_CITY}{name}") } else { format!("{SHORT_CITY}{name}所属单位") }
}

//! What staff, teams and units do with a wish on its page, by where it stands. Each step is signed with a key; whether it is
//! allowed is for the rules.

use std::collections::BTreeSet;

use hourbook_ledger::domain::event::{Claimer, OrgKind, Role};
use hourbook_ledger::domain::ids::{OrgId, PersonId};
use hourbook_projections::Models;
use hourbook_projections::wishes::{Wish, WishState};

use super::actions::{BY_STAFF, CONFIRM, FULFIL, RELEASE, WISH};
use crate::auth::visibility::{STAFF, Visibility};
use crate::commands::{Action, Given, Words};
use crate::ui::request::PageRequest;
use crate::ui::signing::Signed;
use crate::ui::{names, paths};

/// A step that is taken at a desk.
pub(crate) struct AtDesk {
    pub(crate) action: &'static Action,
    from: &'static [WishState],
    by: By,
    pub(crate) button: Words,
    /// It stands folded behind its name: something else is rather meant.
    pub(crate) folded: bool,
    pub(crate) fine: Words,
    /// It is done for the resident, by whoever was there (代办).
    for_resident: bool,
}

/// Whose a step is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// Staff of the community.
    Staff,
    /// The same, but for whoever posted it.
    Vetter,
    /// Staff of the resident's home who neither posted nor took it on.
    Door,
    /// Staff who had no part in it.
    Uninvolved,
    /// Whoever speaks for a team or unit.
    ForOrg,
    /// Whoever speaks for the team or unit that took it on.
    OfClaimer,
}

use WishState::{Claimed, Disputed, Draft, Fulfilled, Open};

/// The steps.
static STEPS: [AtDesk; 8] = [
    AtDesk {
        action: VET,
        from: &[Draft],
        by: By::Vetter,
        button: ("审核通过并发布", "Pass and publish"),
        folded: false,
        fine: (
            "公众只看到这句话。不要写姓名、电话、住址、证件号和病情。",
            "The public reads this sentence alone: no name, telephone, address, number of a document or illness.",
        ),
        for_resident: false,
    },
    AtDesk {
        action: TOGETHER,
        from: &[Open],
        by: By::ForOrg,
        button: ("以组织名义认领", "Take it on for an organisation"),
        folded: false,
        fine: (
            "单位和队伍认领没有件数上限；谁去办了，登记时长时再写明。",
            "Units and teams may take on as many as they will; who did it is said when the hours are recorded.",
        ),
        for_resident: false,
    },
    AtDesk {
        action: FULFIL,
        from: &[Claimed],
        by: By::OfClaimer,
        button: ("已经办好了", "It is done"),
        folded: false,
        fine: ("下一步由住户确认。", "The resident confirms it next."),
        for_resident: false,
    },
    AtDesk {
        action: RELEASE,
        from: &[Claimed],
        by: By::OfClaimer,
        button: ("放下这个心愿", "Let it go"),
        folded: true,
        fine: ("放下后别人可以认领。", "Somebody else can then take it on."),
        for_resident: false,
    },
    AtDesk {
        action: CONFIRM,
        from: &[Fulfilled],
        by: By::Door,
        button: ("住户当面确认", "The resident says so at the door"),
        folded: false,
        fine: (
            "您替住户签名（代办），日志上写明两个人，住户看得到。",
            "You sign for the resident: the log names both of you, and the resident sees it.",
        ),
        for_resident: true,
    },
    AtDesk {
        action: REJECT,
        from: &[Disputed],
        by: By::Uninvolved,
        button: ("异议不成立，按已办好继续", "Reject the objection: it stands as done"),
        folded: false,
        fine: ("双方都看得到您写的话。", "Both sides read what you write."),
        for_resident: false,
    },
    AtDesk {
        action: UPHOLD,
        from: &[Disputed],
        by: By::Uninvolved,
        button: ("异议成立，重新办理", "Uphold the objection: to be done again"),
        folded: true,
        fine: ("认领重新有效，期限重新计算。", "The claim is in force again, with a fresh term."),
        for_resident: false,
    },
    AtDesk {
        action: WITHDRAW,
        from: &[Draft, Open, Claimed],
        by: By::Staff,
        button: ("撤回这个心愿", "Withdraw it"),
        folded: true,
        fine: ("撤回后不能恢复，可以重新发布。", "It cannot be undone; it can be posted anew."),
        for_resident: false,
    },
];

pub(super) static POST: &Action = &BY_STAFF[0];
pub(super) static TOGETHER: &Action = &BY_STAFF[1];
pub(super) static VET: &Action = &BY_STAFF[2];
static WITHDRAW: &Action = &BY_STAFF[3];
static UPHOLD: &Action = &BY_STAFF[4];
static REJECT: &Action = &BY_STAFF[5];

/// Who speaks for a team, a unit or a branch.
const SPEAKERS: [Role; 5] = [Role::Lead, Role::UnitOfficer, Role::Secretary, Role::Worker, Role::Steward];
/// For what wishes are taken on.
const TAKERS: [OrgKind; 3] = [OrgKind::Team, OrgKind::WorkUnit, OrgKind::PartyBranch];
/// So many are offered to choose from.
const OFFERED: usize = 60;

/// What the reader can do with a wish at a desk.
#[derive(Default)]
pub(crate) struct Desk {
    /// The steps, and what is signed by each.
    pub(crate) steps: Vec<(&'static AtDesk, Signed)>,
    /// The organisations for which the reader could take it on: id and name.
    pub(crate) orgs: Vec<(String, String)>,
}

/// What the reader can do with a wish, by the roles that the reader's key exercises.
pub(super) fn desk(request: &PageRequest, models: &Models, wish: &Wish) -> Desk {
    let visibility = request.visibility(models);
    let orgs = speaks_for(request, models);
    let of = Of { models, visibility, wish, today: request.today(models), speaks: !orgs.is_empty() };
    let here = paths::wish(&wish.id.to_string());
    let steps = STEPS.iter().filter(|step| step.from.contains(&wish.state) && of.may(step.by));
    let steps = steps.map(|step| {
        let signed = Signed::new(step.action, Given::default().with(&WISH, wish.id), here.clone());
        match step.for_resident {
            true => (step, signed.on_behalf(wish.resident)),
            false => (step, signed),
        }
    });
    Desk { steps: steps.collect(), orgs }
}

/// The teams, units and branches for which the reader speaks: id and name.
pub(super) fn speaks_for(request: &PageRequest, models: &Models) -> Vec<(String, String)> {
    let covered = request.covered(models, &SPEAKERS).unwrap_or_default();
    let is_taker = |org: OrgId| models.directory.org(org).is_some_and(|entry| TAKERS.contains(&entry.kind));
    let orgs = covered.into_iter().map(|(org, _)| org).filter(|org| is_taker(*org)).take(OFFERED);
    orgs.map(|org| (org.to_string(), names::org(&models.directory, org))).collect()
}

fn poster(wish: &Wish) -> Option<PersonId> {
    wish.timeline.first().map(|step| step.act.actor)
}

/// Whether the reader works for the community and did not post it.
pub(super) fn vets(visibility: &Visibility<'_>, wish: &Wish) -> bool {
    visibility.holds(&STAFF, wish.org) && !poster(wish).is_some_and(|poster| visibility.is(poster))
}

/// Whether the reader neither posted a wish nor has it.
pub(super) fn is_of_others(visibility: &Visibility<'_>, wish: &Wish) -> bool {
    let parties = [poster(wish), Some(wish.resident)];
    !parties.into_iter().flatten().any(|person| visibility.is(person))
}

struct Of<'a> {
    models: &'a Models,
    visibility: Visibility<'a>,
    wish: &'a Wish,
    today: hourbook_ledger::domain::time::Date,
    speaks: bool,
}

impl Of<'_> {
    fn may(&self, by: By) -> bool {
        let here = self.visibility.holds(&STAFF, self.wish.org);
        match by {
            By::Staff => here,
            By::Vetter => vets(&self.visibility, self.wish),
            By::Door => self.is_at_the_door() && !self.is_one_of(self.parties()),
            By::Uninvolved => here && !self.is_one_of(self.parties()),
            By::ForOrg => self.speaks && is_of_others(&self.visibility, self.wish),
            By::OfClaimer => match self.wish.claimer {
                Some(Claimer::Org(org)) => self.visibility.holds(&SPEAKERS, org),
                _ => false,
            },
        }
    }

    fn is_one_of(&self, persons: impl IntoIterator<Item = Option<PersonId>>) -> bool {
        persons.into_iter().flatten().any(|person| self.visibility.is(person))
    }

    /// Who posted, took on, fulfilled or disputed it; whoever vetted it is none of them.
    fn parties(&self) -> BTreeSet<Option<PersonId>> {
        let vetted = VET.makes;
        let steps = self.wish.timeline.iter().filter(|step| step.kind != vetted);
        let hands = steps.flat_map(|step| [Some(step.act.actor), step.act.acting_for]);
        hands.chain(self.wish.people().into_iter().map(Some)).collect()
    }

    fn is_at_the_door(&self) -> bool {
        let people = &self.models.directory.register().people;
        let home = people.residence(self.wish.resident, self.today);
        home.is_some_and(|home| self.visibility.holds(&STAFF, home))
    }
}

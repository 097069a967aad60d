//! No chain of acts gains a right over somebody of another home, or does on one person's word what cannot be undone.
//!
//! A small town, everybody who might try, and every event that they could assert about somebody: chains of up to three
//! acts are tried one by one against the rules, and what came of them is judged by an oracle that knows no table of
//! roles. Whoever hands out a code may type it in.

#[path = "rights/acts.rs"]
mod acts;
#[path = "rights/oracle.rs"]
mod oracle;
#[path = "rights/search.rs"]
mod search;
#[path = "rights/town.rs"]
mod town;

use hourbook_ledger::domain::event::BodyKind;
use search::{Bounds, search_all};

const LONGEST: usize = 3;

#[test]
fn no_chain_of_three_acts_gains_a_right_or_does_alone_what_cannot_be_undone() {
    let outcome = search_all(Bounds { longest: LONGEST, thorough: false });
    println!(
        "{} cells of {} scenes and sides: {} acts tried, {} accepted, {} chains of up to {LONGEST} judged",
        outcome.cells, outcome.searches, outcome.tried, outcome.accepted, outcome.chains
    );
    assert!(outcome.found.is_empty(), "{} attacks:\n{}", outcome.found.len(), outcome.found.join("\n"));
    let left_out: Vec<_> = BodyKind::all().filter(|kind| !outcome.kinds.contains(kind)).collect();
    assert!(left_out.is_empty(), "nobody ever tried {left_out:?}");
    assert!(outcome.chains > 50_000, "it tried next to nothing: {}", outcome.chains);
}

/// The same without leaving anything out; it takes many minutes.
#[test]
#[ignore = "takes long: for the night"]
fn no_chain_whatever_gains_a_right() {
    let outcome = search_all(Bounds { longest: LONGEST, thorough: true });
    println!("{} acts tried, {} chains judged", outcome.tried, outcome.chains);
    assert!(outcome.found.is_empty(), "{} attacks:\n{}", outcome.found.len(), outcome.found.join("\n"));
}

/// The attacks that were made, each by whom and where Ann stood.
#[cfg(feature = "planted-bugs")]
mod planted {
    use super::LONGEST;
    use super::oracle::{HELPED, PLAIN, scenes};
    use super::search::{Bounds, search_one};
    use super::town::*;
    use hourbook_ledger::domain::ids::PersonId;
    use hourbook_ledger::domain::planted::{Planted, plant};

    fn attack(bug: Planted) -> (PersonId, &'static str) {
        match bug {
            Planted::AffiliatedByGainer
            | Planted::FiledByReceiver
            | Planted::RoleByAnyKey
            | Planted::SessionCarriesAll => (WORKER_B, PLAIN),
            Planted::ProxyOfAnyAffiliation => (WORKER_B, "of a team elsewhere"),
            Planted::KeyByStaff
            | Planted::ErasedAtOnce
            | Planted::CodeIsOwnHand
            | Planted::CorrectedByOne
            | Planted::PaidByOne
            | Planted::SecondIsFirst
            | Planted::TwoByOneIssuer
            | Planted::FourEyesByName
            | Planted::LaidDownAtOnce
            | Planted::SecondByCodeOfFirst => (WORKER_A, PLAIN),
            Planted::LentKeyIsOwn => (OTHER_WORKER_A, PLAIN),
            Planted::GrantedToOneself => (STEWARD, PLAIN),
            Planted::PublishedByOne => (STEWARD, PLAIN),
            Planted::ExemptedByOne => (SECRETARY, "of a branch"),
            Planted::ErasedSigns => (NEIGHBOUR, PLAIN),
            Planted::SessionClosedAtOnce => (WORKER_A, "at home, in a session"),
            Planted::YoungerStops => (WORKER_A, "at home, having asked to be erased"),
            Planted::HelperBySubject => (NEIGHBOUR, HELPED),
        }
    }

    #[test]
    fn each_planted_attack_is_found_where_it_was_made() {
        let scenes = scenes();
        for bug in Planted::ALL {
            let (attacker, name) = attack(bug);
            let scene = scenes.iter().find(|scene| scene.name == name).expect("it is among the scenes");
            let bounds = Bounds { longest: LONGEST, thorough: false };
            plant(Some(bug));
            let outcome = search_one(scene, &[attacker], bounds);
            plant(None);
            let found = outcome.found.first().unwrap_or_else(|| panic!("{bug:?} is not found"));
            println!("{bug:?} after {} acts tried: {found}", outcome.tried);
        }
    }
}

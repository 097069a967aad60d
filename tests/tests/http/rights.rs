//! Who sees what and who may do what, as whole requests to a whole server: everybody who might try, everybody whom it might
//! be about, every route and every event; each answer is held against an oracle that knows no code of the product.

/// An enum of plain variants, and the list of all of them.
macro_rules! every {
    ($(#[$of_all:meta])* $visible:vis enum $name:ident { $($(#[$of_one:meta])* $one:ident,)* }) => {
        $(#[$of_all])*
        $visible enum $name { $($(#[$of_one])* $one,)* }

        impl $name {
            $visible const ALL: [Self; [$(Self::$one),*].len()] = [$(Self::$one),*];
        }
    };
}

#[path = "rights/acts.rs"]
mod acts;
#[path = "rights/cast.rs"]
mod cast;
#[path = "rights/entries.rs"]
mod entries;
#[path = "rights/gains.rs"]
mod gains;
#[path = "rights/oracle.rs"]
mod oracle;
#[path = "rights/reads.rs"]
mod reads;
#[path = "rights/routes.rs"]
mod routes;
#[path = "rights/states.rs"]
mod states;
#[path = "rights/takes.rs"]
mod takes;
#[path = "rights/verdicts.rs"]
mod verdicts;
#[path = "rights/writes.rs"]
mod writes;

use entries::Grpc;
use hourbook_ledger::domain::event::BodyKind;
use reads::{Outcome, Reader, Scene};
use std::sync::atomic::{AtomicUsize, Ordering};
use writes::Tried;

/// Has all viewers do something, two at a time.
fn all_at_work<T: Send>(scene: &Scene, work: impl Fn(&cast::Viewer, &Grpc) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let one_by_one = || {
        let (grpc, mut done) = (Grpc::to(scene), Vec::new());
        while let Some(viewer) = scene.viewers.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push(work(viewer, &grpc));
        }
        done
    };
    std::thread::scope(|threads| {
        let working = [threads.spawn(one_by_one), threads.spawn(one_by_one)];
        working.into_iter().flat_map(|thread| thread.join().expect("whoever works ends")).collect()
    })
}

fn read_everything(scene: &Scene) -> Outcome {
    let mut all = Outcome::default();
    let done = all_at_work(scene, |viewer, grpc| Reader::new(scene, viewer).read_all(grpc));
    done.into_iter().for_each(|one| all.add(one));
    all
}

/// The first of many findings.
fn some_of(found: &[String]) -> String {
    let first: Vec<_> = found.iter().take(60).map(String::as_str).collect();
    format!("{} findings:\n{}", found.len(), first.join("\n"))
}

#[test]
fn nobody_is_shown_what_is_not_theirs_and_whoever_is_shown_leaves_a_trace() {
    let scene = Scene::new();
    let outcome = read_everything(&scene);
    println!(
        "{} viewers, {} states, {} paths: {} cells tried, {} showed somebody, {} traces; {} requests",
        scene.viewers.len(),
        scene.subjects.len(),
        routes::about(&scene.subjects[0]).len() + routes::whole().len(),
        outcome.cells,
        outcome.shown,
        outcome.traces,
        outcome.requests
    );
    assert!(outcome.found.is_empty(), "{}", some_of(&outcome.found));
    assert!(scene.viewers.len() > 90 && scene.subjects.len() > 20, "who reads, and about whom");
    assert!(outcome.cells > 100_000 && outcome.shown > 5_000, "it tried next to nothing");
}

#[test]
fn every_event_is_refused_waits_or_has_its_effect_as_is_owed_to_whoever_signs_it() {
    let scene = Scene::new();
    let mut tried = Tried::default();
    all_at_work(&scene, |viewer, _| writes::try_all(&scene, viewer))
        .into_iter()
        .for_each(|one| tried.add(one));
    println!(
        "{} viewers, {} kinds of event: {} cells tried, {} accepted or waiting",
        scene.viewers.len(),
        tried.tried.len(),
        tried.cells,
        tried.accepted
    );
    assert!(tried.found.is_empty(), "{}", some_of(&tried.found));
    let left_out: Vec<_> = BodyKind::all().filter(|kind| !tried.once_accepted.contains(kind)).collect();
    let left_out: Vec<_> = left_out.into_iter().filter(|kind| !acts::is_never_right_here(*kind)).collect();
    assert!(left_out.is_empty(), "nobody may ever do {left_out:?}");
    assert!(tried.cells > 10_000 && tried.accepted > 500, "it tried next to nothing");
}

#[test]
fn nobody_reads_more_after_all_that_one_of_another_place_can_do() {
    let scene = Scene::new();
    let tried = gains::try_to_gain(&scene);
    println!(
        "{} attackers: {} acts handed in, {} accepted, {} readings compared",
        tried.attackers, tried.acts, tried.accepted, tried.compared
    );
    assert!(tried.found.is_empty(), "{}", some_of(&tried.found));
    assert!(tried.attackers > 8 && tried.accepted > 30 && tried.compared > 3_000, "it tried next to nothing");
}

/// Faults that were built in, each by whom it is noticed. What is planted is planted for the whole process, so this is run
/// by its name alone.
#[cfg(feature = "planted-bugs")]
mod planted {
    use super::*;
    use hourbook::auth::visibility::planted::{Planted as Shown, plant};
    use hourbook_ledger::domain::planted::{Planted, plant_everywhere};

    fn viewer<'a>(scene: &'a Scene, name: &str) -> &'a cast::Viewer {
        scene.viewers.iter().find(|viewer| viewer.name == name).expect("somebody reads by this name")
    }

    fn read(scene: &Scene, name: &str) -> Vec<String> {
        Reader::new(scene, viewer(scene, name)).read_all(&Grpc::to(scene)).found
    }

    fn attempt(scene: &Scene, name: &str) -> Vec<String> {
        writes::try_all(scene, viewer(scene, name)).found
    }

    fn tell(what: &dyn std::fmt::Debug, found: &[String]) {
        let first = found.first().unwrap_or_else(|| panic!("{what:?} is not found"));
        println!("{what:?}: {} findings, the first: {first}", found.len());
    }

    #[test]
    fn each_planted_fault_of_rights_is_found_by_whole_requests() {
        let scene = Scene::new();
        // Whoever has looked today leaves no second trace: that fault comes first.
        let by = [
            (Shown::LookLeftOut, "worker of the community"),
            (Shown::RoleByAnyKey, "ByAnotherKey"),
            (Shown::TiesWithoutTerm, "unit officer of the unit"),
        ];
        assert_eq!(by.len(), Shown::ALL.len());
        for (bug, name) in by {
            plant(Some(bug));
            tell(&bug, &read(&scene, name));
            plant(None);
            assert!(read(&scene, name).is_empty(), "without {bug:?} nothing is found");
        }
        plant_everywhere(Some(Planted::SessionCarriesAll));
        tell(&Planted::SessionCarriesAll, &read(&scene, "ByCodeOfColleague"));
        plant_everywhere(None);
        for (bug, name) in [
            (Planted::AffiliatedByGainer, "unit officer of the unit"),
            (Planted::FiledByReceiver, "worker of the other community"),
            (Planted::RoleByAnyKey, "ByAnotherKey"),
            (Planted::KeyByStaff, "worker of the community"),
            (Planted::ProxyOfAnyAffiliation, "worker of the other community"),
            (Planted::ErasedAtOnce, "worker of the community"),
            (Planted::CorrectedByOne, "lead of the community"),
            (Planted::PublishedByOne, "secretary of the grid"),
            (Planted::ExemptedByOne, "secretary of the unit"),
            (Planted::PaidByOne, "steward of the community"),
            (Planted::HelperBySubject, "Helper"),
        ] {
            plant_everywhere(Some(bug));
            tell(&bug, &attempt(&scene, name));
            plant_everywhere(None);
            assert!(attempt(&scene, name).is_empty(), "without {bug:?} nothing is found");
        }
    }
}

//! One id names one thing. Whoever makes an id chooses its bytes, and what is kept beside the log goes by them alone: a
//! person with the id of an activity would share its vault key, and the person's erasure would destroy the title.

use super::rejection::{Code, Verdict};

/// Tells what an id names already, whatever kind it was made for.
pub(super) trait Names {
    fn named(&self, id: [u8; 16]) -> Option<&'static str>;
}

/// Whether a new thing may have this id: it is free, and not the zeros that stand for the ledger itself. An event has its
/// id for itself among events; where later ones go by it, as with a recording, it is asked for here too.
pub(super) fn check(names: &dyn Names, id: [u8; 16]) -> Verdict {
    check_not_zeros(id)?;
    match names.named(id) {
        Some(what) => Err(Code::AlreadyExists.because(format_args!("the id is that of {what}"))),
        None => Ok(()),
    }
}

/// Zeros stand for the ledger among streams, and for the source of credit among accounts.
pub(super) fn check_not_zeros(id: [u8; 16]) -> Verdict {
    if id == [0; 16] { Err(Code::OutOfRange.because("an id of zeros")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::event::{Account, Body, Lead, OrgKind, Row};
    use super::super::ids::{
        ActivityId, BatchId, Commitment, EventId, HoldId, OrgId, PersonId, RowKey, ShiftId, WishId,
    };
    use super::super::testing::*;
    use super::super::time::{Interval, Minute};
    use super::*;
    use crate::domain::event::CreditEvent;

    use crate::domain::session::SessionEvent;

    const TEXT: Commitment = Commitment([7; 32]);

    fn plan(id: [u8; 16]) -> Body {
        Body::planned(ActivityId(id), COMMUNITY, "care", TEXT, Lead::Named(TEXT))
    }

    fn shift(activity: [u8; 16], id: [u8; 16], town: &Town) -> Body {
        let start = town.now.minute();
        let interval = Interval { start, end: Minute(start.0 + 60) };
        Body::shift_opened(ActivityId(activity), ShiftId(id), interval, 1)
    }

    /// Everything that brings an id of its own, with that id, and who may.
    fn makers(id: [u8; 16], town: &Town) -> [(PersonId, Body); 6] {
        let register = Body::registered(PersonId(id), GRID, TEXT, None);
        let org = Body::org_registered(OrgId(id), OrgKind::Team, "队", None);
        let (wish, resident) = (WishId(id), RESIDENT);
        let wish = Body::posted(wish, COMMUNITY, resident, "care", TEXT, 30);
        let until = town.now.plus_days(1);
        let hold = Body::Credit(CreditEvent::Held { hold: HoldId(id), from: ANN, to: BO, minutes: 1, until });
        let activity = [0xac; 16];
        [
            (WORKER, register),
            (FOUNDER, org),
            (WORKER, wish),
            (ANN, hold),
            (WORKER, plan(id)),
            (WORKER, shift(activity, id, town)),
        ]
    }

    fn record(activity: [u8; 16], town: &Town) -> Body {
        let end = town.now.minute();
        let interval = Interval { start: Minute(end.0 - 60), end };
        Body::recorded(
            BatchId([1; 16]),
            COMMUNITY,
            ActivityId(activity),
            vec![Row { person: ANN, interval, key: RowKey([1; 16]) }],
        )
    }

    #[test]
    fn an_id_of_any_kind_names_nothing_of_another_kind() {
        let mut town = Town::new();
        let activity = [0xac; 16];
        town.must(WORKER, plan(activity));
        town.must(WORKER, shift(activity, [0x5f; 16], &town));
        let post = makers([0x3a; 16], &town)[2].1.clone();
        town.must(WORKER, post);
        let recording = town.given(WORKER, record(activity, &town));
        let until = town.now.plus_days(1);
        let grant =
            town.given(WORKER, Body::Session(SessionEvent::Granted { person: ANN, code: TEXT, until }));
        let kinds = [
            ANN.0,
            WORKER.0,
            FOUNDER.0,
            LEDGER.0,
            GRID.0,
            activity,
            [0x5f; 16],
            [0x3a; 16],
            recording.0,
            grant.0,
        ];
        for id in kinds {
            for (actor, body) in makers(id, &town) {
                let name = body.kind().name();
                // Whoever is not a founder may not even try.
                let of_the_ledger = name == "member-registered" && (id == FOUNDER.0 || id == LEDGER.0);
                if of_the_ledger {
                    continue;
                }
                let refused = code(&mut town, actor, body.clone());
                assert_eq!(refused, Err(Code::AlreadyExists), "{id:02x?} {body:?}");
            }
        }
        for (actor, body) in makers([0; 16], &town) {
            let refused = code(&mut town, actor, body);
            assert_eq!(refused, Err(Code::OutOfRange), "zeros stand for the ledger");
        }
    }

    #[test]
    fn a_hold_keeps_its_id_to_itself() {
        let mut town = Town::new();
        let until = town.now.plus_days(1);
        super::super::credit::post(
            &mut town.state.credit,
            &mut Vec::<crate::domain::Effect>::new(),
            Account::Issuance,
            Account::Person(ANN),
            60,
        );
        town.must(
            ANN,
            Body::Credit(CreditEvent::Held {
                hold: HoldId([0x40; 16]),
                from: ANN,
                to: BO,
                minutes: 1,
                until,
            }),
        );
        for (actor, body) in makers([0x40; 16], &town) {
            let refused = code(&mut town, actor, body);
            assert_eq!(refused, Err(Code::AlreadyExists));
        }
    }

    #[test]
    fn an_event_that_later_ones_go_by_has_an_id_of_its_own() {
        let mut town = Town::new();
        let until = town.now.plus_days(1);
        town.must(WORKER, plan([0xac; 16]));
        for body in [
            record([0xac; 16], &town),
            Body::Session(SessionEvent::Granted { person: ANN, code: TEXT, until }),
        ] {
            for id in [ANN.0, COMMUNITY.0, [0xac; 16]] {
                let mut event = town.event(WORKER, body.clone());
                event.id = EventId(id);
                event.stream = event.body.stream(event.id);
                let refused = town.submit(WORKER, &event).map(drop).map_err(|r| r.code);
                assert_eq!(refused, Err(Code::AlreadyExists));
            }
        }
    }

    #[test]
    fn a_founder_is_registered_once_as_the_same_person() {
        let mut town = Town::new();
        town.must(FOUNDER, makers(FOUNDER.0, &town)[0].1.clone());
        assert!(town.state.people.get(FOUNDER).is_some());
    }
}

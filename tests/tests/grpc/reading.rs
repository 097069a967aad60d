//! Pages of streams and of the log.

use hourbook_ledger::domain::event::{Body, MemberEvent, RoleEvent, StreamKind};
use hourbook_ledger::merkle::leaf_hash;
use hourbook_ledger::wire;
use hourbook_proto::v1;
use hourbook_tests::server::person;
use hourbook_tests::town::*;
use tonic::Code;

use crate::client::*;

fn all() -> v1::ReadAllRequest {
    v1::ReadAllRequest { limit: 1_000, ..Default::default() }
}

fn of_ann(direction: v1::Direction, from_revision: Option<u64>, limit: u32) -> v1::ReadStreamRequest {
    let stream = Some(stream(StreamKind::Person, person(ANN).0));
    v1::ReadStreamRequest { stream, direction: direction.into(), from_revision, limit }
}

fn revisions(entries: &[v1::LoggedEntry]) -> Vec<u64> {
    entries.iter().map(|entry| wire::decode_entry(&entry.entry).unwrap().revision).collect()
}

#[test]
fn entries_are_for_auditors() {
    let town = Town::start();
    let nobody = Client::new(&town.server);
    let refused = nobody.read_all(all()).unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unauthenticated, "sign-in-required"));
    for seed in [ANN, WORKER, STEWARD] {
        let client = Client::new(&town.server).signed_in(&town.server, seed);
        let refused = [
            client.read_all(all()).unwrap_err(),
            client.read_stream(of_ann(v1::Direction::Forward, None, 1)).unwrap_err(),
            client.subscribe(0, None).unwrap_err(),
        ];
        for refused in refused {
            assert_eq!(
                (refused.code(), reason(&refused).as_str()),
                (Code::PermissionDenied, "auditors-only")
            );
        }
    }
}

#[test]
fn a_stream_is_read_forward_backward_and_from_a_revision() {
    let town = Town::start();
    grow(&town, 1, 10);
    let client = Client::new(&town.server).signed_in(&town.server, AUDITOR);
    let forward = client.read_stream(of_ann(v1::Direction::Forward, None, 0)).unwrap();
    let count = forward.entries.len() as u64;
    assert!(count >= 12);
    assert_eq!(revisions(&forward.entries), (0..count).collect::<Vec<_>>());
    assert_eq!((forward.next_revision, forward.as_of_position), (None, size(&town.server)));
    for entry in &forward.entries {
        let decoded = wire::decode_entry(&entry.entry).unwrap();
        let event = wire::decode_event(&decoded.signed.payload).unwrap();
        assert_eq!((decoded.position, event.stream.id), (entry.position, person(ANN).0));
    }
    let backward = client.read_stream(of_ann(v1::Direction::Backward, None, 0)).unwrap();
    assert_eq!(revisions(&backward.entries), (0..count).rev().collect::<Vec<_>>());

    let mut paged = Vec::new();
    let mut next = Some(3);
    while let Some(from) = next {
        let page = client.read_stream(of_ann(v1::Direction::Forward, Some(from), 4)).unwrap();
        assert!(page.entries.len() <= 4);
        paged.extend(revisions(&page.entries));
        next = page.next_revision;
    }
    assert_eq!(paged, (3..count).collect::<Vec<_>>());
    let back = client.read_stream(of_ann(v1::Direction::Backward, Some(5), 4)).unwrap();
    assert_eq!((revisions(&back.entries), back.next_revision), (vec![5, 4, 3, 2], Some(1)));
    let beyond = client.read_stream(of_ann(v1::Direction::Forward, Some(count), 4)).unwrap();
    assert_eq!((beyond.entries.len(), beyond.next_revision), (0, None));

    for request in [
        v1::ReadStreamRequest::default(),
        v1::ReadStreamRequest { direction: 3, ..of_ann(v1::Direction::Forward, None, 1) },
        of_ann(v1::Direction::Forward, None, 1_001),
        v1::ReadStreamRequest {
            stream: Some(v1::Stream { kind: 99, id: vec![0; 16] }),
            ..of_ann(v1::Direction::Forward, None, 1)
        },
    ] {
        let refused = client.read_stream(request).unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "bad-request"));
    }
}

#[test]
fn the_log_is_read_whole_from_both_ends_and_its_entries_are_the_leaves() {
    let town = Town::start();
    grow(&town, 3, 200);
    let client = Client::new(&town.server).signed_in(&town.server, AUDITOR);
    // The auditor's first look of the day is put on the log.
    let first = v1::ReadAllRequest { from_position: None, direction: 0, limit: 1, filter: None };
    client.read_all(first).unwrap();
    let size = size(&town.server);
    for direction in [v1::Direction::Forward, v1::Direction::Backward] {
        let (mut read, mut next) = (Vec::new(), None);
        loop {
            let request = v1::ReadAllRequest {
                from_position: next,
                direction: direction.into(),
                limit: 137,
                filter: None,
            };
            let page = client.read_all(request).unwrap();
            assert_eq!(page.as_of_position, size);
            read.extend(page.entries);
            next = page.next_position;
            if next.is_none() {
                break;
            }
        }
        if direction == v1::Direction::Backward {
            read.reverse();
        }
        assert_eq!(positions(&read), (0..size).collect::<Vec<_>>());
        let tile = town.server.get("/tile/0/000").bytes;
        for (leaf, entry) in tile.chunks(32).zip(&read) {
            assert_eq!(leaf_hash(&entry.entry)[..], *leaf);
        }
    }
    let from = |direction: v1::Direction, from| {
        let request = v1::ReadAllRequest {
            from_position: Some(from),
            direction: direction.into(),
            limit: 3,
            filter: None,
        };
        let page = client.read_all(request).unwrap();
        (positions(&page.entries), page.next_position)
    };
    assert_eq!(from(v1::Direction::Forward, 5), (vec![5, 6, 7], Some(8)));
    assert_eq!(from(v1::Direction::Backward, 5), (vec![5, 4, 3], Some(2)));
    assert_eq!(from(v1::Direction::Backward, 1), (vec![1, 0], None));
    assert_eq!(from(v1::Direction::Forward, size - 1), (vec![size - 1], None));
    assert_eq!(from(v1::Direction::Forward, u64::MAX), (vec![], None));
}

#[test]
fn a_filter_finds_what_a_look_at_everything_finds() {
    let town = Town::start();
    grow(&town, 1, 6);
    let client = Client::new(&town.server).signed_in(&town.server, AUDITOR);
    let everything = client.read_all(all()).unwrap().entries;
    let event = |entry: &v1::LoggedEntry| {
        let decoded = wire::decode_entry(&entry.entry).unwrap();
        wire::decode_event(&decoded.signed.payload).unwrap()
    };
    let wanted = |wants: &dyn Fn(&hourbook_ledger::domain::Event) -> bool| -> Vec<u64> {
        positions(&everything.iter().filter(|entry| wants(&event(entry))).cloned().collect::<Vec<_>>())
    };
    let found = |filter: v1::Filter| {
        positions(&client.read_all(v1::ReadAllRequest { filter: Some(filter), ..all() }).unwrap().entries)
    };
    let kinds = vec!["consent-given".to_owned(), "role-granted".to_owned()];
    let by_kind = wanted(&|e| {
        matches!(
            e.body,
            Body::Member(MemberEvent::ConsentGiven { .. }) | Body::Role(RoleEvent::Granted { .. })
        )
    });
    assert!(by_kind.len() > 6);
    assert_eq!(found(v1::Filter { kinds: kinds.clone(), ..Default::default() }), by_kind);
    let streams = vec![stream(StreamKind::Person, person(ANN).0), stream(StreamKind::Org, CITY.0)];
    let by_stream = wanted(&|e| {
        (e.stream.id == person(ANN).0 && e.stream.kind == StreamKind::Person)
            || (e.stream.id == CITY.0 && e.stream.kind == StreamKind::Org)
    });
    assert_eq!(found(v1::Filter { streams: streams.clone(), ..Default::default() }), by_stream);
    let by_both = wanted(&|e| {
        e.stream.id == person(ANN).0 && matches!(e.body, Body::Member(MemberEvent::ConsentGiven { .. }))
    });
    assert_eq!(found(v1::Filter { kinds, streams, ..Default::default() }), by_both);
    let by_actor = wanted(&|e| e.actor == person(WORKER) || e.acting_for == Some(person(WORKER)));
    assert_eq!(found(v1::Filter { actors: vec![person(WORKER).0.to_vec()], ..Default::default() }), by_actor);
    let by_org = found(v1::Filter { orgs: vec![GRID.0.to_vec()], ..Default::default() });
    assert!(by_org.len() >= 4, "its registration and its members: {by_org:?}");
    for position in &by_org {
        let body = event(&everything[*position as usize]).body;
        assert!(format!("{body:?}").contains(&format!("{GRID:?}")), "{body:?}");
    }
    for (filter, why) in [
        (v1::Filter { kinds: vec!["party".to_owned()], ..Default::default() }, "party"),
        (v1::Filter { orgs: vec![vec![1; 15]], ..Default::default() }, "15 bytes"),
        (v1::Filter { actors: vec![vec![1; 16]; 65], ..Default::default() }, "65 values"),
    ] {
        let refused = client.read_all(v1::ReadAllRequest { filter: Some(filter), ..all() }).unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "bad-request"));
        assert!(refused.message().contains(why), "{refused:?}");
    }
}

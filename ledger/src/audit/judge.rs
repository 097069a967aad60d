//! The part of an audit that follows the order of the log: the same checks as when the events were accepted.

use crate::domain::event::{ActEvent, Body, CreditEvent, Event, Founding, LedgerEvent, WishEvent};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::books::Books;
use super::chunk::{Item, Said};
use super::counts::Counts;
use super::finding::{Finding, Findings, Kind};
use super::ids::Ids;
use super::openings::Openings;
use super::tree::Tree;
use crate::domain::clock;
use crate::domain::ids::KeyId;
use crate::domain::time::Millis;
use crate::domain::{self, Code, Context, Effect, Rejection, State, rules as versions, timer};
use crate::envelope::{KeyBook, Signature, faulty_key, verify};
use crate::follower::LoggedEvent;
use crate::merkle::Frontier;
use crate::recent_ids::in_window_of;
use crate::snapshot::KeptState;

/// Follows the log.
pub(super) struct Judge<'a> {
    pub(super) findings: Findings,
    pub(super) counts: Counts,
    pub(super) tree: Tree,
    pub(super) ids: Ids,
    pub(super) state: State,
    pub(super) books: Books,
    pub(super) openings: Option<Openings>,
    pub(super) founding: Option<(String, Founding)>,
    /// Where the rules could not be followed any more.
    pub(super) stopped: Option<u64>,
    /// What the rules made of the events since it was last emptied, for who wants to be told.
    pub(super) told: Option<Vec<LoggedEvent>>,
    keys: &'a KeyBook,
    /// Entries before this one were not looked at.
    pub(super) begun: u64,
    last_recorded: Millis,
    /// Something due that was reported as skipped.
    skipped: Option<Body>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(keys: &'a KeyBook, tree: Tree, findings: Findings, with_openings: bool) -> Self {
        let mut state = State::default();
        state.keep_digest();
        Self {
            findings,
            counts: Counts::default(),
            tree,
            ids: Ids::default(),
            state,
            books: Books::default(),
            openings: with_openings.then(Openings::default),
            founding: None,
            stopped: None,
            told: None,
            keys,
            begun: 0,
            last_recorded: Millis(i64::MIN),
            skipped: None,
        }
    }

    /// Goes on from the state of a snapshot. What came before it is trusted.
    pub(super) fn begin(&mut self, kept: KeptState, frontier: Frontier) {
        self.begun = kept.position;
        self.tree.begin(frontier);
        kept.state.keys.iter().for_each(|(_, key)| self.keys.add(key.public));
        self.founding = kept.state.founded.as_ref().map(|f| (f.origin.clone(), f.founding.clone()));
        self.last_recorded = kept.last_recorded;
        self.books = Books::of(&kept.state, &mut self.findings);
        self.state = kept.state;
    }

    /// Takes the next entry.
    pub(super) fn take(&mut self, item: Item) {
        if item.position < self.begun {
            return;
        }
        self.tree.append(item.leaf);
        let Some(said) = item.said else {
            return self.stop_rules(item.position, "the entry cannot be read");
        };
        self.counts.entries += 1;
        self.check_place(item.position, &said);
        self.ids.add(said.event.id, item.position);
        self.check_signature(item.position, &said);
        if let Some(openings) = &mut self.openings {
            openings.note(item.position, &said.event);
        }
        let effects = if self.stopped.is_none() { self.check_rules(item.position, &said) } else { None };
        self.last_recorded = match said.event.body {
            Body::Ledger(LedgerEvent::ClockCorrected { .. }) => said.recorded_at,
            _ => self.last_recorded.max(said.recorded_at),
        };
        if let (Some(told), Some(effects)) = (&mut self.told, effects) {
            let Said { recorded_at, revision, signer, event, .. } = said;
            told.push(LoggedEvent { position: item.position, recorded_at, revision, signer, event, effects });
        }
    }

    /// At the end: which looks are sealed beyond the day that was set for them, as of the last entry.
    pub(super) fn check_seals(&mut self) {
        let today = self.last_recorded.date(self.state.offset());
        for (look, sealed) in self.state.looks.overdue(today) {
            self.find(sealed.position, Kind::LookOverdue, format_args!("{look}, until {}", sealed.until));
        }
    }

    fn find(&mut self, position: u64, kind: Kind, detail: impl std::fmt::Display) {
        self.findings.add(Finding::at(position, kind, detail));
    }

    fn stop_rules(&mut self, position: u64, why: &str) {
        if self.stopped.is_none() {
            self.stopped = Some(position);
            self.find(position, Kind::RulesStopped, why);
        }
    }

    /// What an entry says of itself.
    fn check_place(&mut self, position: u64, said: &Said) {
        if said.position != position {
            self.find(position, Kind::WrongPosition, format_args!("it says {}", said.position));
        }
        let event = &said.event;
        if clock::goes_back(self.last_recorded, said.recorded_at, event.body.corrects_clock()) {
            let back = self.last_recorded.0 - said.recorded_at.0;
            self.find(position, Kind::TimeWentBack, format_args!("by {back} ms"));
        }
        if let Err(rejection) =
            clock::check_correction(self.last_recorded, said.recorded_at, event.body.corrects_clock())
        {
            self.refused(position, event, &rejection);
        }
        if !event.id.is_v7() {
            self.find(position, Kind::EventMalformed, "id: not a UUIDv7");
        } else if !in_window_of(event.id, said.recorded_at) {
            let off = event.id.millis() - said.recorded_at.0;
            self.find(position, Kind::IdOutOfWindow, format_args!("{off} ms from when it was recorded"));
        }
        if let Some(what) = faulty_key(event) {
            self.find(position, Kind::EventMalformed, what);
        }
        match (&event.body, &self.founding) {
            (Body::Ledger(LedgerEvent::Founded(founding)), None) if position == 0 => {
                self.founding = Some((event.ledger.clone(), founding.clone()));
            }
            (_, Some((origin, _))) if *origin != event.ledger => {
                let what = format!("it names {}, this ledger is {origin}", event.ledger);
                self.find(position, Kind::WrongLedger, what);
            }
            _ => {}
        }
    }

    fn check_signature(&mut self, position: u64, said: &Said) {
        let verdict = match (said.signature, &said.unverified) {
            (Signature::NoKey, Some(signed)) => verify(self.keys.get(said.signer), signed),
            (known, _) => known,
        };
        self.counts.signatures += u64::from(verdict != Signature::NoKey);
        if verdict == Signature::Bad {
            self.find(position, Kind::BadSignature, format_args!("key {}", said.signer));
        }
        // A key that is not known is reported where the state is asked for it. Behind an entry that cannot be read nobody
        // can tell: that entry may have enrolled it.
    }

    /// The checks of the sequencer, in its order, on the state as it was, at the time as it was. Gives what follows from
    /// the event, unless the rules cannot be followed.
    fn check_rules(&mut self, position: u64, said: &Said) -> Option<Vec<Effect>> {
        let cx = Context { position, recorded_at: said.recorded_at, signer: said.signer };
        let event = &said.event;
        self.check_digest(position, event);
        let judged = catch_unwind(AssertUnwindSafe(|| {
            (self.key_fault(&cx), self.skipped_timer(&cx, event), domain::decide(&self.state, &cx, event))
        }));
        let Ok((key_fault, skipped, decided)) = judged else {
            self.stop_rules(position, "the rules cannot judge this event");
            return None;
        };
        self.counts.decided += 1;
        self.counts.own += u64::from(Some(event.actor) == self.state.ledger_person());
        if let Some((kind, what)) = key_fault {
            self.find(position, kind, what);
        }
        if let Some(due) = skipped {
            self.find(position, Kind::TimerSkipped, format_args!("{} was due", due.kind().name()));
            self.skipped = Some(due);
        }
        if let Err(rejection) = decided {
            self.refused(position, event, &rejection);
        }
        // What is on the log has its effect, rightly or not: so does a ledger that reads it.
        let evolved = catch_unwind(AssertUnwindSafe(|| domain::evolve(&mut self.state, &cx, event)));
        match &evolved {
            Ok(effects) => self.follow(position, said, effects),
            Err(_) => self.stop_rules(position, "the rules cannot apply this event"),
        }
        evolved.ok()
    }

    fn follow(&mut self, position: u64, said: &Said, effects: &[Effect]) {
        self.books.follow(position, effects, &self.state, &mut self.findings);
        let revision = self.state.revision(&said.event.stream).unwrap_or(0);
        if revision != said.revision {
            let what = format!("it says {}, the stream is at {revision}", said.revision);
            self.find(position, Kind::WrongRevision, what);
        }
    }

    fn key_fault(&self, cx: &Context) -> Option<(Kind, String)> {
        self.state.founded.as_ref()?;
        let Some(key) = self.state.keys.get(cx.signer) else {
            return Some((Kind::KeyUnknown, format!("key {}", cx.signer)));
        };
        let until = key.until?;
        Some((Kind::KeyEnded, format!("key {}, ended at position {until}", cx.signer)))
    }

    fn refused(&mut self, position: u64, event: &Event, rejection: &Rejection) {
        let kind = match rejection.code {
            // Told already, by the key itself.
            Code::KeyUnknown => return,
            Code::NotAuthorised | Code::BeyondOwnRole => Kind::NotAuthorised,
            Code::Malformed => Kind::EventMalformed,
            _ => Kind::RuleBroken,
        };
        self.find(position, kind, format_args!("{}: {rejection}", event.body.kind().name()));
    }

    /// Something that was due before this event was recorded, if the ledger could have recorded it.
    fn skipped_timer(&self, cx: &Context, event: &Event) -> Option<Body> {
        let due = timer::due(&self.state, Millis(cx.recorded_at.0 - 1), 1).pop()?;
        let ledger = self.state.ledger_person()?;
        let is_timer = event.actor == ledger
            && matches!(
                event.body,
                Body::Credit(CreditEvent::Voided { .. })
                    | Body::Wish(WishEvent::Lapsed { .. })
                    | Body::Act(ActEvent::TookEffect { .. })
                    | Body::Act(ActEvent::Stopped { .. })
                    // What is due at once takes several steps, and a digest may fall between two of them.
                    | Body::Ledger(LedgerEvent::StateDigest { .. })
            );
        let signer: KeyId = self.state.keys.of(ledger).find(|(_, key)| key.until.is_none())?.0;
        if is_timer || self.skipped.as_ref() == Some(&due) {
            return None;
        }
        let stream = due.stream(event.id);
        let own = Event {
            stream,
            expected: domain::event::Expected::Any,
            actor: ledger,
            acting_for: None,
            assurance: domain::event::Assurance::DeviceKey,
            grant: None,
            body: due,
            ..event.clone()
        };
        domain::decide(&self.state, &Context { signer, ..*cx }, &own).ok()?;
        Some(own.body)
    }

    /// Holds a digest of the state that the ledger put on its log against the state derived here.
    fn check_digest(&mut self, position: u64, event: &Event) {
        let Body::Ledger(LedgerEvent::StateDigest { position: of, rules, digest }) = &event.body else {
            return;
        };
        self.counts.digests += 1;
        if *rules > versions::NEWEST {
            return self.find(position, Kind::RulesUnknown, format_args!("rules version {rules}"));
        }
        // One of an earlier state, which is gone, cannot be judged.
        if of.checked_add(1) != Some(position) {
            return;
        }
        let found = self.state.settle_digest();
        if found == *digest && *rules == self.state.rules.version() {
            self.counts.reproduced += 1;
        } else {
            let (logged, found) = (hex::encode(digest), hex::encode(found));
            let what = format!("of position {of}: on the log {logged}, derived {found}");
            self.find(position, Kind::DigestDiffers, what);
        }
    }
}

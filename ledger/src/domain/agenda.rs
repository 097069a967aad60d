//! Moments at which something is due, in order, so that finding what has come due scans nothing.

use super::table::Trial;
use super::time::Millis;
use std::collections::BTreeSet;

/// An ordered set of (moment, what) with an undo journal. Outside a trial nothing is journalled.
#[derive(Debug, Clone)]
pub struct Agenda<K> {
    entries: BTreeSet<(Millis, K)>,
    undo: Option<Vec<Change<K>>>,
}

#[derive(Debug, Clone)]
enum Change<K> {
    Added(Millis, K),
    Removed(Millis, K),
}

impl<K> Default for Agenda<K> {
    fn default() -> Self {
        Self { entries: BTreeSet::new(), undo: None }
    }
}

impl<K: PartialEq> PartialEq for Agenda<K> {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl<K: Ord + Copy> Agenda<K> {
    /// Notes that `what` is due at `at`.
    pub fn add(&mut self, at: Millis, what: K) {
        let is_new = self.entries.insert((at, what));
        if let (Some(undo), true) = (&mut self.undo, is_new) {
            undo.push(Change::Added(at, what));
        }
    }

    /// Strikes what was noted with the same moment.
    pub fn remove(&mut self, at: Millis, what: K) {
        let was_there = self.entries.remove(&(at, what));
        if let (Some(undo), true) = (&mut self.undo, was_there) {
            undo.push(Change::Removed(at, what));
        }
    }

    /// What is due at `now` or was before, earliest first.
    pub fn due(&self, now: Millis) -> impl Iterator<Item = K> {
        self.entries.iter().take_while(move |(at, _)| *at <= now).map(|(_, what)| *what)
    }

    /// The earliest moment noted.
    #[must_use]
    pub fn next(&self) -> Option<Millis> {
        self.entries.first().map(|(at, _)| *at)
    }
}

impl<K: Ord + Copy> Trial for Agenda<K> {
    fn begin(&mut self) {
        self.undo = Some(Vec::new());
    }

    fn keep(&mut self) {
        self.undo = None;
    }

    fn undo(&mut self) {
        for change in self.undo.take().into_iter().flatten().rev() {
            match change {
                Change::Added(at, what) => self.entries.remove(&(at, what)),
                Change::Removed(at, what) => self.entries.insert((at, what)),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_earliest_first() {
        let mut agenda = Agenda::default();
        [(30, 'c'), (10, 'a'), (20, 'b')].into_iter().for_each(|(at, what)| agenda.add(Millis(at), what));
        assert_eq!(agenda.due(Millis(20)).collect::<String>(), "ab");
        assert_eq!(agenda.due(Millis(9)).next(), None);
        agenda.remove(Millis(10), 'a');
        agenda.remove(Millis(11), 'b');
        assert_eq!(
            (agenda.due(Millis(99)).collect::<String>(), agenda.next()),
            ("bc".into(), Some(Millis(20)))
        );
    }

    #[test]
    fn undo_restores_the_agenda() {
        let mut agenda = Agenda::default();
        agenda.add(Millis(1), 'a');
        let before = agenda.clone();
        agenda.begin();
        agenda.add(Millis(1), 'a');
        agenda.add(Millis(2), 'b');
        agenda.remove(Millis(1), 'a');
        agenda.remove(Millis(2), 'b');
        agenda.add(Millis(2), 'b');
        agenda.undo();
        assert_eq!(agenda, before);
        agenda.begin();
        agenda.add(Millis(3), 'c');
        agenda.keep();
        agenda.undo();
        assert_eq!(agenda.due(Millis(9)).collect::<String>(), "ac", "what was kept is not undone");
    }
}

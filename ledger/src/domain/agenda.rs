//! Moments at which something is due, in order, so that finding what has come due scans nothing.

use super::lazy::Key;
use super::table::{OrderedTable, tables};
use super::time::Millis;

/// An ordered set of (moment, what). `N` is its number in the digest.
#[derive(Debug, Clone)]
pub struct Agenda<const N: u8, K> {
    entries: OrderedTable<N, (Millis, K), ()>,
}

impl<const N: u8, K> Default for Agenda<N, K> {
    fn default() -> Self {
        Self { entries: OrderedTable::default() }
    }
}

impl<const N: u8, K: PartialEq> PartialEq for Agenda<N, K> {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl<const N: u8, K: Key + Ord + Copy> Agenda<N, K> {
    /// Notes that `what` is due at `at`.
    pub fn add(&mut self, at: Millis, what: K) {
        self.entries.insert((at, what), ());
    }

    /// Strikes what was noted with the same moment.
    pub fn remove(&mut self, at: Millis, what: K) {
        self.entries.remove(&(at, what));
    }

    /// What is due at `now` or was before, earliest first.
    pub fn due(&self, now: Millis) -> impl Iterator<Item = K> {
        self.entries
            .iter()
            .map(|(entry, ())| *entry)
            .take_while(move |(at, _)| *at <= now)
            .map(|(_, what)| what)
    }

    /// The earliest moment noted.
    #[must_use]
    pub fn next(&self) -> Option<Millis> {
        self.entries.first().map(|((at, _), ())| *at)
    }
}

tables!({const N: u8, K: Key + Ord + Copy} Agenda<N, K> { entries });

#[cfg(test)]
mod tests {
    use super::super::table::Trial;
    use super::*;

    #[test]
    fn what_is_due_comes_earliest_first() {
        let mut agenda = Agenda::<1, _>::default();
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
        let mut agenda = Agenda::<1, _>::default();
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

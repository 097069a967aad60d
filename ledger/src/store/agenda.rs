//! Moments at which something is due, in order, so that finding what has come due scans nothing.

use super::lazy::Key;
use super::table::{OrderedTable, tables};

/// An ordered set of (moment, what), of moments of any kind. `N` is its number in the digest.
#[derive(Debug, Clone, Default)]
pub struct Agenda<const N: u8, T, K> {
    entries: OrderedTable<N, (T, K), ()>,
}

impl<const N: u8, T: Key, K: Key> PartialEq for Agenda<N, T, K> {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl<const N: u8, T: Key + Ord + Copy, K: Key + Ord + Copy> Agenda<N, T, K> {
    /// Notes that `what` is due at `at`.
    pub fn add(&mut self, at: T, what: K) {
        self.entries.insert((at, what), ());
    }

    /// Strikes what was noted with the same moment.
    pub fn remove(&mut self, at: T, what: K) {
        self.entries.remove(&(at, what));
    }

    /// What is due at `now` or was before, earliest first.
    pub fn due(&self, now: T) -> impl Iterator<Item = K> {
        self.entries
            .iter()
            .map(|(entry, ())| *entry)
            .take_while(move |(at, _)| *at <= now)
            .map(|(_, what)| what)
    }

    /// The earliest moment noted.
    #[must_use]
    pub fn next(&self) -> Option<T> {
        self.entries.iter().next().map(|((at, _), ())| *at)
    }
}

tables!({const N: u8, T: Key + Ord + Copy, K: Key + Ord + Copy} Agenda<N, T, K> { entries });

#[cfg(test)]
mod tests {
    use super::super::table::Transaction;
    use super::*;

    #[test]
    fn what_is_due_comes_earliest_first() {
        let mut agenda = Agenda::<1, _, _>::default();
        [(30, 'c'), (10, 'a'), (20, 'b')].into_iter().for_each(|(at, what)| agenda.add(at, what));
        assert_eq!(agenda.due(20).collect::<String>(), "ab");
        assert_eq!(agenda.due(9).next(), None);
        agenda.remove(10, 'a');
        agenda.remove(11, 'b');
        assert_eq!((agenda.due(99).collect::<String>(), agenda.next()), ("bc".into(), Some(20)));
    }

    #[test]
    fn undo_restores_the_agenda() {
        let mut agenda = Agenda::<1, _, _>::default();
        agenda.add(1, 'a');
        let before = agenda.clone();
        agenda.begin();
        agenda.add(1, 'a');
        agenda.add(2, 'b');
        agenda.remove(1, 'a');
        agenda.remove(2, 'b');
        agenda.add(2, 'b');
        agenda.rollback();
        assert_eq!(agenda, before);
        agenda.begin();
        agenda.add(3, 'c');
        agenda.commit();
        agenda.rollback();
        assert_eq!(agenda.due(9).collect::<String>(), "ac", "what was kept is not undone");
    }
}

//! The bytes of a list draft, so that whoever has the log can recompute its digest.
//!
//! Numbers are big-endian, lists and texts carry their length as `u64`, options and enum variants one leading byte.

use hourbook_ledger::domain::event::Span;
use hourbook_ledger::domain::ids::{EventId, OrgId, PersonId};
use hourbook_ledger::domain::policy::{Basis, Membership, NoService, PointsPolicy};
use hourbook_ledger::domain::time::{Date, Period};
use sha2::{Digest, Sha256};

/// Has one canonical byte string.
pub trait Canonical {
    /// Writes the canonical bytes.
    fn write(&self, out: &mut Vec<u8>);

    /// The canonical bytes.
    fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    /// SHA-256 of the canonical bytes.
    fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.canonical_bytes()).into()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Canonical for $number {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
        })*
    };
}

numbers!(u8, u16, u32, u64, i32, i64);

macro_rules! plain_enums {
    ($($plain:ty),*) => {
        $(impl $crate::canonical::Canonical for $plain {
            fn write(&self, out: &mut Vec<u8>) {
                out.push(*self as u8);
            }
        })*
    };
}
pub(crate) use plain_enums;

/// Writes a struct field by field.
macro_rules! fields {
    ($($name:ty { $($field:tt),* $(,)? })*) => {
        $(impl $crate::canonical::Canonical for $name {
            fn write(&self, out: &mut Vec<u8>) {
                $($crate::canonical::Canonical::write(&self.$field, out);)*
            }
        })*
    };
}
pub(crate) use fields;

fields!(
    Date { 0 }
    EventId { 0 }
    OrgId { 0 }
    PersonId { 0 }
    Span { from, to }
    Basis { document, issuer }
    PointsPolicy {
        base, minutes_num, minutes_den, wish, absence, floor, ceiling, red_from, yellow_to, basis, covers, no_service
    }
);

plain_enums!(Membership, NoService);

impl Canonical for String {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_bytes().to_vec().write(out);
    }
}

impl<const N: usize> Canonical for [u8; N] {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl<T: Canonical> Canonical for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.is_some()));
        if let Some(value) = self {
            value.write(out);
        }
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        (self.len() as u64).write(out);
        self.iter().for_each(|item| item.write(out));
    }
}

impl Canonical for Period {
    fn write(&self, out: &mut Vec<u8>) {
        self.to_string().write(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::{Colour, Draft, Item, ItemKind, Line, Standing};

    #[test]
    fn the_bytes_of_a_draft_are_what_published_digests_are_made_of() {
        let points = PointsPolicy {
            base: 1,
            minutes_num: 2,
            minutes_den: 3,
            wish: 4,
            absence: -5,
            floor: -6,
            ceiling: Some(7),
            red_from: 8,
            yellow_to: 9,
            basis: Some(Basis { document: "3号".to_owned(), issuer: "镇".to_owned() }),
            covers: None,
            no_service: Some(NoService::NotListed),
        };
        let item = Item { kind: ItemKind::Minutes, hundredths: 250, amount: 60, events: vec![3, 258] };
        let line = Line {
            person: PersonId([3; 16]),
            total: -2,
            standing: Standing::Scored,
            colour: Colour::Red,
            items: vec![item],
            exempt: vec![Span::since(Date(1)), Span { from: Date(2), to: Some(Date(3)) }],
        };
        let (scope, policy, period) = (OrgId([1; 16]), EventId([2; 16]), Period::Month(2026, 3));
        let draft = Draft { scope, period, cutoff: 7, policy, points, lines: vec![line] };
        let number = |number: i64| number.to_be_bytes().to_vec();
        let small = |numbers: &[i32]| numbers.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
        let head = [vec![1; 16], number(7), b"2026-03".to_vec(), number(7), vec![2; 16]];
        let points = [small(&[1, 2, 3, 4, -5, -6]), vec![1], small(&[7, 8, 9])];
        let basis = [vec![1], number(4), "3号".into(), number(3), "镇".into(), vec![0, 1, 2]];
        let line = [number(1), vec![3; 16], number(-2), vec![1, 1]];
        let items = [number(1), vec![2], number(250), small(&[60]), number(2), number(3), number(258)];
        let exempt = [number(2), small(&[1]), vec![0], small(&[2]), vec![1], small(&[3])];
        let expected =
            [head.concat(), points.concat(), basis.concat(), line.concat(), items.concat(), exempt.concat()];
        assert_eq!(draft.canonical_bytes(), expected.concat());
    }
}

//! The weekday that people write beside a date.

use hourbook_ledger::domain::time::Date;

/// Days since Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weekday(usize);

impl Weekday {
    /// Whether a day (days since 1970-01-01) is one.
    pub(super) fn is_of(self, day: i32) -> bool {
        Date(day).weekday() as usize == self.0
    }
}

const CHINESE: [&str; 5] = ["星期", "礼拜", "禮拜", "周", "週"];
const ENGLISH: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A text in small letters without its first weekday and the brackets around that.
pub(super) fn taken_out(shown: &str) -> (String, Option<Weekday>) {
    let Some((from, to, weekday)) = chinese(shown).or_else(|| english(shown)) else {
        return (shown.to_owned(), None);
    };
    let (before, after) = (shown[..from].trim_end(), shown[to..].trim_start());
    let inner = [('(', ')'), ('[', ']'), ('【', '】')]
        .into_iter()
        .find_map(|(open, close)| Some((before.strip_suffix(open)?, after.strip_prefix(close)?)));
    let (before, after) =
        inner.unwrap_or((before.trim_end_matches([',', '，']), after.trim_start_matches([',', '，'])));
    let gap = if before.is_empty() || after.is_empty() { "" } else { " " };
    (format!("{}{gap}{}", before.trim_end(), after.trim_start()), Some(weekday))
}

fn chinese(shown: &str) -> Option<(usize, usize, Weekday)> {
    let words = CHINESE.iter().flat_map(|word| shown.match_indices(word));
    let named = words.filter_map(|(at, word)| {
        let name = shown[at + word.len()..].chars().next()?;
        let day = "一二三四五六日".chars().position(|day| day == name).or((name == '天').then_some(6))?;
        Some((at, at + word.len() + name.len_utf8(), Weekday(day)))
    });
    named.min_by_key(|(at, ..)| *at)
}

/// The whole word or its first three letters.
fn english(shown: &str) -> Option<(usize, usize, Weekday)> {
    let mut from = 0;
    for word in shown.split(|c: char| !c.is_ascii_alphabetic()) {
        let at = from + shown[from..].find(word)?;
        from = at + word.len();
        let day = ENGLISH.iter().position(|day| word.len() >= 3 && (*day == word || &day[..3] == word));
        if let Some(day) = day {
            return Some((at, from, Weekday(day)));
        }
    }
    None
}

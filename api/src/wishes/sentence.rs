//! What a sentence that everybody may read should not have in it. It warns, and a person decides.

use crate::commands::Words;

/// Marks of an address behind a number.
pub(super) const PLACES: [&str; 8] = ["栋", "幢", "号楼", "单元", "室", "号", "楼", "弄"];
/// Words that say something of somebody's health or need.
pub(super) const HEALTH: [&str; 24] = [
    "自闭症",
    "癌",
    "肿瘤",
    "残疾",
    "残障",
    "精神病",
    "抑郁",
    "糖尿病",
    "高血压",
    "心脏病",
    "中风",
    "偏瘫",
    "瘫痪",
    "痴呆",
    "失能",
    "失明",
    "聋",
    "艾滋",
    "乙肝",
    "肝炎",
    "尿毒症",
    "透析",
    "低保",
    "特困",
];

/// What to look at twice in a sentence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Warning {
    /// A row of digits as long as a telephone's or a document's.
    Number,
    /// A number of a house or flat.
    Address,
    /// The resident's whole name.
    Name,
    /// An illness, or what somebody lives on.
    Health,
}

impl Warning {
    pub(crate) const ALL: [Self; 4] = [Self::Number, Self::Address, Self::Name, Self::Health];

    /// The name under which the page shows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Address => "address",
            Self::Name => "name",
            Self::Health => "health",
        }
    }

    /// What it says.
    pub(crate) fn words(self) -> Words {
        match self {
            Self::Number => {
                ("句子里有像电话或证件号的数字。", "It has digits like a telephone or a document number.")
            }
            Self::Address => ("句子里有像门牌的数字。", "It has a number like that of a house or flat."),
            Self::Name => ("句子里有住户的姓名。", "It has the resident's name."),
            Self::Health => {
                ("句子里提到病情或困难情况。", "It tells of an illness or of what somebody lives on.")
            }
        }
    }
}

/// Digits of a telephone or a document number, at least.
pub(super) const DIGITS: usize = 7;

/// The warnings of a sentence about a resident of a name.
pub(crate) fn warnings(sentence: &str, name: Option<&str>) -> Vec<Warning> {
    let plain: String = sentence.chars().filter(|c| !c.is_whitespace() && !"-－—".contains(*c)).collect();
    let name: Option<String> = name.map(|name| name.chars().filter(|c| !c.is_whitespace()).collect());
    let found = [
        (Warning::Number, longest_number(&plain) >= DIGITS),
        (Warning::Address, has_address(&plain)),
        (Warning::Name, name.is_some_and(|name| name.chars().count() > 1 && plain.contains(&name))),
        (Warning::Health, HEALTH.iter().any(|word| plain.contains(word))),
    ];
    found.into_iter().filter(|(_, holds)| *holds).map(|(warning, _)| warning).collect()
}

/// A sentence is no longer, in characters.
pub(super) const LONGEST: usize = 120;
/// What stands before a number or an address and means nothing without it.
const LABELS: [&str; 12] = [
    "联系电话",
    "手机号码",
    "手机号",
    "电话",
    "手机",
    "家庭住址",
    "住址",
    "地址",
    "家住",
    "住在",
    "住",
    "请打",
];
/// Between the parts of a number or an address.
const JOINTS: [char; 7] = ['-', '－', '—', '#', '＃', ' ', '\u{3000}'];

/// What of the resident's words the public could read: without the name, numbers and addresses.
pub(crate) fn proposed(words: &str, name: Option<&str>) -> String {
    let name = name.filter(|name| name.chars().count() > 1);
    let nameless = name.map_or_else(|| words.to_owned(), |name| words.replace(name, ""));
    let mut said = String::new();
    let mut rest = nameless.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let number = &from[..end_of_number(from)];
        said.push_str(before);
        match tells_who(number) {
            true => drop_label(&mut said),
            false => said.push_str(number),
        }
        rest = &from[number.len()..];
    }
    said.push_str(rest);
    let said = said.trim_matches(|c: char| c.is_whitespace() || "，。,.;；:：、-－—".contains(c));
    said.chars().take(LONGEST).collect()
}

/// Where a number ends, with the marks of an address in it.
fn end_of_number(text: &str) -> usize {
    let mut end = 0;
    loop {
        let rest = &text[end..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let place =
            PLACES.iter().find(|place| end > 0 && rest.starts_with(**place)).map_or(0, |place| place.len());
        let joint = rest.chars().next().filter(|c| JOINTS.contains(c)).map_or(0, char::len_utf8);
        let goes_on = rest[joint..].starts_with(|c: char| c.is_ascii_digit());
        let more = if digits > 0 {
            digits
        } else if place > 0 {
            place
        } else if goes_on {
            joint
        } else {
            0
        };
        if more == 0 {
            return end;
        }
        end += more;
    }
}

/// Whether a number is one of a telephone, a document, a house or a flat.
fn tells_who(number: &str) -> bool {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let joints = number.chars().filter(|c| JOINTS.contains(c) && !c.is_whitespace()).count();
    digits >= DIGITS || joints > 1 || PLACES.iter().any(|place| number.contains(place))
}

fn drop_label(said: &mut String) {
    let plain = said.trim_end_matches(|c: char| c.is_whitespace() || "：:".contains(c));
    let kept = LABELS.iter().find_map(|label| plain.strip_suffix(label)).unwrap_or(said);
    said.truncate(kept.len());
}

fn longest_number(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

fn has_address(text: &str) -> bool {
    PLACES.iter().any(|place| {
        text.match_indices(place).any(|(at, _)| text[..at].ends_with(|c: char| c.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_proposed_without_who_and_where() {
        let of = |words| proposed(words, Some("王秀芳"));
        assert_eq!(of("王秀芳想换一盏亮一点的灯"), "想换一盏亮一点的灯");
        assert_eq!(of("想要 2 本书和 1 个台灯，鞋码 38"), "想要 2 本书和 1 个台灯，鞋码 38");
        assert_eq!(of("想有人陪着散步，家住3栋2单元501室，电话：139 0563 0001。"), "想有人陪着散步");
        assert_eq!(of("3-2-501，想理发"), "想理发");
        assert_eq!(of("住 3#2#501 的老人想理发 1 次"), "的老人想理发 1 次");
        assert_eq!(proposed(&"想".repeat(200), None).chars().count(), LONGEST);
        assert_eq!(warnings(&of("王秀芳 13905630001 想要一双鞋"), Some("王秀芳")), []);
    }

    #[test]
    fn what_a_sentence_should_not_say_is_noticed_and_the_rest_is_not() {
        let of = |sentence| warnings(sentence, Some("王 秀芳"));
        assert_eq!(of("独居老人想换一盏亮一点的灯"), []);
        assert_eq!(of("想要 2 本书和 1 个台灯，鞋码 38"), []);
        assert_eq!(of("请打 139 0563 0001 联系"), [Warning::Number]);
        assert_eq!(of("住 3栋2单元501室"), [Warning::Address]);
        assert_eq!(of("王秀芳想有人陪"), [Warning::Name]);
        assert_eq!(of("孙子有自闭症，想要画笔"), [Warning::Health]);
    }
}

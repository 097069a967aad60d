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

//! Kinds of wishes and of service, as an action is told them and as pages show them.

use super::action::{Draft, Input, Kind, Wrong};

macro_rules! categories {
    ($($code:literal $zh:literal $en:literal;)*) => {
        /// Each by its code, in Chinese and in English; those that wishes have come first.
        pub const ALL: &[(&str, &str, &str)] = &[$(($code, $zh, $en)),*];

        /// Which kind it is.
        pub static CATEGORY: Input = Input::new(
            "category",
            concat!("Its category: ", $($code, ", ",)* "its words in either language, or a code of one's own, 1 to 32 of a-z, 0-9 and hyphen."),
            Kind::Public,
        )
        .asked(("类别", "Category"), ("请选一个类别。", "Choose a category."));

        /// The same in Chinese.
        pub const ABOUT: &str = concat!("类别：", $($zh, "（", $code, "）、",)* "或自定的代码，1 至 32 个小写字母、数字或连字符");
    };
}

categories! {
    "repair" "修修补补" "Repairs";
    "company" "陪伴" "Company";
    "errand" "代办跑腿" "Errands";
    "goods" "物品" "Things needed";
    "study" "课业辅导" "Study";
    "phone" "数字助老" "Phone and internet";
    "barber" "上门理发" "Haircuts";
    "cleaning" "清洁打扫" "Cleaning";
    "health" "健康" "Health";
    "patrol" "平安巡逻" "Patrols";
    "elderly" "敬老助老" "For the elderly";
    "children" "关爱儿童" "For children";
    "environment" "环境整治" "Environment";
    "traffic" "文明交通" "Traffic";
    "culture" "文化活动" "Culture";
    "outreach" "宣传宣讲" "Outreach";
    "emergency" "应急救援" "Emergencies";
    "community" "社区服务" "Community service";
    "wish" "微心愿" "Micro-wishes";
    "other" "其他" "Other";
}

/// The code of the category: of its words, or what was told, if it can be one.
///
/// # Errors
/// [`Wrong`] if it is neither.
pub fn told(of: &Draft<'_>) -> Result<String, Wrong> {
    of.read(&CATEGORY, code)
}

fn code(typed: &str) -> Option<String> {
    let is = |words: &str| words.to_lowercase() == typed.to_lowercase();
    if let Some((code, ..)) = ALL.iter().find(|(code, zh, en)| is(code) || is(zh) || is(en)) {
        return Some((*code).to_owned());
    }
    let slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    ((1..=32).contains(&typed.len()) && typed.bytes().all(slug)).then(|| typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_told_by_its_words_or_a_code() {
        for (typed, read) in [
            ("修修补补", Some("repair")),
            ("Things needed", Some("goods")),
            ("Cleaning", Some("cleaning")),
            ("cleaning", Some("cleaning")),
            ("tree-planting", Some("tree-planting")),
            ("种树", None),
            ("Tree planting", None),
            ("", None),
            (&"a".repeat(33), None),
        ] {
            assert_eq!(code(typed).as_deref(), read, "{typed}");
        }
    }

    #[test]
    fn whoever_told_none_is_told_all() {
        for (code, zh, _) in ALL {
            assert!(CATEGORY.about.contains(code) && ABOUT.contains(zh) && ABOUT.contains(code));
        }
    }
}

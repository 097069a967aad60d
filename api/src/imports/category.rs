//! Which kind of service an activity is, told from the words of its name and content: sheets have no column for it.

/// Words that show a kind, in the order in which they are tried.
const WORDS: &[(&str, &[&str])] = &[
    ("patrol", &["巡逻", "平安", "夜巡", "patrol"]),
    ("health", &["义诊", "健康", "献血", "急救", "血压", "health", "clinic"]),
    ("elderly", &["敬老", "老人", "助老", "养老", "助餐", "elderly"]),
    ("children", &["儿童", "辅导", "青少年", "托管", "护学", "children", "tutoring"]),
    ("environment", &["清洁", "环境", "环保", "垃圾", "河道", "植树", "卫生", "clean", "environment"]),
    ("traffic", &["交通", "文明劝导", "斑马线", "traffic"]),
    ("repair", &["维修", "理发", "磨刀", "缝补", "repair"]),
    ("culture", &["文化", "阅读", "书", "演出", "舞", "culture", "library"]),
    ("outreach", &["宣传", "宣讲", "反诈", "普法", "政策", "outreach"]),
    ("emergency", &["防汛", "扫雪", "防火", "除冰", "应急", "emergency", "flood"]),
];

/// The category of an activity, of those in the catalogue; `community` where no word tells.
#[must_use]
pub fn category(title: &str, content: &str) -> &'static str {
    let title = title.to_lowercase();
    let content = content.to_lowercase();
    let of = |text: &str| WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word)));
    of(&title).or_else(|| of(&content)).map_or("community", |(category, _)| *category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_before_the_content() {
        assert_eq!(category("红色星期六·环境清洁", "陪老人聊天"), "environment");
        assert_eq!(category("红色星期六", "为老人送餐，助老"), "elderly");
        assert_eq!(category("红色星期六", "帮忙"), "community");
    }
}

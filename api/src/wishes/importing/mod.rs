//! Wishes from the register that a community keeps (微心愿征集认领台账).

pub mod page;
pub mod sheet;
pub(crate) mod web;

use crate::commands::category;
use crate::ui::labels;

/// What a service is called where a register only says 服务, by a word of the wish.
const SERVICES: [(&str, &[&str]); 7] = [
    ("barber", &["理发", "剪头"]),
    ("cleaning", &["打扫", "清洁", "保洁", "擦窗", "擦玻璃"]),
    ("repair", &["修", "换灯", "安装", "疏通"]),
    ("phone", &["手机", "微信", "上网"]),
    ("study", &["辅导", "作业", "功课"]),
    ("errand", &["取药", "跑腿", "代买", "代购", "代办"]),
    ("company", &["陪", "聊天", "谈心"]),
];

/// The category that a register means by what it says of it and of the wish.
fn category_of(told: &str, words: &str) -> &'static str {
    let known = labels::wish_categories().find_map(|code| {
        let (code, zh, en) = category::ALL.iter().find(|(known, ..)| *known == code)?;
        [*code, *zh, *en].contains(&told).then_some(*code)
    });
    if let Some(code) = known {
        return code;
    }
    if ["物", "品", "实物"].iter().any(|part| told.contains(part)) {
        return "goods";
    }
    let service = SERVICES.iter().find(|(_, signs)| signs.iter().any(|sign| words.contains(sign)));
    service.map_or("other", |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_tells_goods_and_the_wish_tells_the_service() {
        assert_eq!(category_of("物品", "想要一双棉鞋"), "goods");
        assert_eq!(category_of("服务", "想有人上门理发"), "barber");
        assert_eq!(category_of("服务类", "家里水管要修"), "repair");
        assert_eq!(category_of("陪伴", "想下棋"), "company");
        assert_eq!(category_of("", "想下棋"), "other");
    }
}

//! What the town did on each weekly service day (红色星期六): who served where, when and what was done, as the sheets of
//! the communities tell it.

use hourbook_ledger::domain::time::Date;

use super::seeded::SeededRng;
use super::town::{Community, Town};
use crate::sheet::Row;

/// One kind of weekly activity.
struct Kind {
    title: &'static str,
    place: &'static str,
    content: &'static str,
    /// Months in which it takes place: first and last, over the new year if the first is greater.
    months: (u32, u32),
    /// Usual beginning, in minutes of the day.
    start: i32,
    /// Shortest and longest, in minutes.
    lasts: (i32, i32),
}

const DAY_KINDS: [Kind; 16] = [
    kind("环境清洁", "老旧小区", "清理楼道杂物、擦洗公共设施", (1, 12), 510, (90, 180)),
    kind("敬老助餐", "助餐点", "为行动不便的老人送餐、陪聊", (1, 12), 630, (60, 120)),
    kind("文明劝导", "学校路口", "劝导文明过马路、规范停放电动车", (1, 12), 450, (60, 120)),
    kind("反诈宣传", "便民广场", "发放反诈资料、帮老人识别骗局", (1, 12), 540, (90, 150)),
    kind("健康义诊", "社区卫生站", "量血压、测血糖、用药咨询", (3, 11), 510, (120, 210)),
    kind("便民维修", "便民服务点", "修小家电、磨刀、缝补、理发", (1, 12), 540, (120, 240)),
    kind("垃圾分类督导", "分类投放点", "站桶督导、入户讲解分类", (1, 12), 420, (60, 120)),
    kind("河道清漂", "萤溪河沿岸", "打捞漂浮物、清理岸边垃圾", (4, 10), 480, (120, 210)),
    kind("植树护绿", "沿河绿地", "植树、培土、浇水、修剪", (2, 4), 480, (120, 240)),
    kind("暑期托管辅导", "社区书屋", "辅导作业、陪儿童阅读", (7, 8), 510, (150, 210)),
    kind("防汛巡查", "低洼路段", "疏通雨水口、转移物资、巡查险情", (6, 7), 480, (120, 300)),
    kind("扫雪除冰", "主干道和坡道", "扫雪、撒盐、搀扶老人", (12, 2), 400, (60, 180)),
    kind("高温送清凉", "环卫驿站", "为户外劳动者送水送药", (7, 8), 840, (60, 120)),
    kind("政策宣讲", "党群服务中心", "讲解医保、养老政策，代办手续", (1, 12), 540, (60, 120)),
    kind("文艺演出保障", "文化广场", "搭台布景、秩序维护、清场", (9, 11), 1_020, (150, 240)),
    kind("迎新春写春联", "党群服务中心", "为居民写春联、剪窗花、送福字", (1, 2), 510, (120, 210)),
];

const NIGHT: Kind =
    kind("平安夜巡", "背街小巷", "夜间巡逻、查看消防通道、提醒关好门窗", (1, 12), 1_290, (120, 180));

const fn kind(
    title: &'static str,
    place: &'static str,
    content: &'static str,
    months: (u32, u32),
    start: i32,
    lasts: (i32, i32),
) -> Kind {
    Kind { title, place, content, months, start, lasts }
}

/// What a community's sheet of one week holds.
pub(super) struct WeekSheet {
    /// Index of the community.
    pub(super) community: usize,
    pub(super) rows: Vec<Row>,
    /// The sheet is handed in so many weeks late.
    pub(super) late: Option<usize>,
}

/// An occasion of the week.
struct Occasion {
    title: String,
    place: String,
    content: &'static str,
    lead: String,
    date: i32,
    start: i32,
    minutes: i32,
}

/// The sheets of one week, by community; those in which nobody served are left out.
pub(super) fn week(town: &Town, number: usize, saturday: Date, since: Date) -> Vec<WeekSheet> {
    let sheet = |(at, community): (usize, &Community)| {
        let mut dice = town.seeds.dice("week", (number * 64 + at) as u64);
        let rows = rows(&mut dice, community, saturday, since);
        let late = dice.chance(25).then(|| 3 + dice.below(3));
        (!rows.is_empty()).then_some(WeekSheet { community: at, rows, late })
    };
    town.communities.iter().enumerate().filter_map(sheet).collect()
}

fn rows(dice: &mut SeededRng, community: &Community, saturday: Date, since: Date) -> Vec<Row> {
    let occasions = occasions(dice, community, saturday);
    let night = occasion(dice, community, &NIGHT, saturday.plus(-1));
    let age = saturday.0 - since.0;
    let season = season(saturday);
    let mut rows = Vec::new();
    for member in community.members.iter().filter(|member| member.joins + 1 < age) {
        if !dice.chance(member.zeal * season / 100) {
            continue;
        }
        // A team mostly serves together.
        let team = usize::from(member.team.0[0]) % occasions.len();
        let at = if dice.chance(700) { team } else { dice.below(occasions.len()) };
        rows.push(row(dice, member, &occasions[at]));
        if dice.chance(60) {
            rows.push(row(dice, member, &night));
        }
    }
    // Sheets are filled in as people come, not in the order of any list.
    for at in (1..rows.len()).rev() {
        rows.swap(at, dice.below(at + 1));
    }
    rows
}

/// How many come, in percent of the usual: fewer in the heat and around the spring festival, more in spring and autumn.
fn season(day: Date) -> usize {
    match day.ymd().1 {
        1 | 7 | 8 => 82,
        2 => 62,
        3..=5 => 115,
        10 | 11 => 118,
        _ => 100,
    }
}

fn takes_place(kind: &Kind, day: Date) -> bool {
    let month = day.ymd().1;
    let (first, last) = kind.months;
    if first <= last { (first..=last).contains(&month) } else { month >= first || month <= last }
}

fn occasions(dice: &mut SeededRng, community: &Community, saturday: Date) -> Vec<Occasion> {
    let mut kinds: Vec<&Kind> = DAY_KINDS.iter().filter(|kind| takes_place(kind, saturday)).collect();
    let wanted = (community.members.len() / 110 + 2).min(kinds.len());
    let chosen: Vec<&Kind> = (0..wanted).map(|_| kinds.swap_remove(dice.below(kinds.len()))).collect();
    chosen.into_iter().map(|kind| occasion(dice, community, kind, saturday)).collect()
}

fn occasion(dice: &mut SeededRng, community: &Community, kind: &Kind, day: Date) -> Occasion {
    let (shortest, longest) = kind.lasts;
    let minutes = dice.between(shortest / 15, longest / 15) * 15;
    let lead = [&community.lead, &community.recorder, &community.confirmer][dice.below(3)].name.clone();
    Occasion {
        title: format!("红色星期六·{}", kind.title),
        place: format!("{}{}", community.name, kind.place),
        content: kind.content,
        lead,
        date: day.0,
        start: kind.start + dice.between(-2, 2) * 15,
        minutes,
    }
}

fn row(dice: &mut SeededRng, member: &super::town::Member, occasion: &Occasion) -> Row {
    let person = &member.person;
    // Some come late, some leave early.
    let start = occasion.start + if dice.chance(150) { dice.between(1, 4) * 5 } else { 0 };
    let early = if dice.chance(150) { dice.between(1, 4) * 5 } else { 0 };
    let end = (occasion.start + occasion.minutes - early).max(start + 15);
    let habit = dice.below(100);
    let number = person.number.clone().filter(|_| habit < 85);
    Row {
        line: 0,
        name: Some(person.name.clone()),
        phone: (habit >= 25 || number.is_none()).then(|| person.phone.clone()),
        volunteer_number: number,
        activity: occasion.title.clone(),
        date: occasion.date,
        start_minute: start,
        end_minute: end,
        place: occasion.place.clone(),
        content: occasion.content.to_owned(),
        lead: occasion.lead.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::seeded::Seeds;
    use super::*;

    #[test]
    fn weeks_are_decided_by_the_seed_and_some_cross_midnight() {
        let town = Town::draw(Seeds(7), 300);
        let (monday, saturday) = (Date(20_000), Date(20_110));
        let weeks = |n| week(&town, n, saturday, monday);
        let rows = |n| weeks(n).into_iter().map(|sheet| sheet.rows).collect::<Vec<_>>();
        assert_eq!(rows(1), rows(1));
        assert_ne!(rows(1), rows(2));
        let all: Vec<Row> = (0..20).flat_map(rows).flatten().collect();
        assert!(all.iter().any(|row| row.end_minute > 1_440));
        assert!(all.iter().all(|row| row.end_minute > row.start_minute));
    }
}

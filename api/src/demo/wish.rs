//! The micro-wishes of the town: what is wished for, and on which day each step happens.

use hourbook_ledger::domain::ids::WishId;

use super::town::Town;

/// Category, what the resident says, and the sentence that everybody may read.
const WISHES: [(&str, &str, &str, u32); 14] = [
    ("repair", "家里的灯坏了，晚上看不清，想换一盏亮一点的。", "独居老人想换一盏亮一点的灯", 60),
    ("repair", "水龙头一直滴水，自己拧不动。", "一位老人家的水龙头需要修理", 60),
    ("company", "孩子在外地，想有人周末来说说话。", "希望有人周末陪老人聊聊天", 120),
    ("company", "想去公园走走，一个人不敢出门。", "想有人陪着到公园走一走", 120),
    ("errand", "腿脚不便，想请人帮忙取药。", "行动不便，需要有人帮忙取药", 60),
    ("errand", "冬天的煤气罐搬不上楼。", "需要帮忙把煤气罐搬上楼", 45),
    ("goods", "孙子上学缺一个台灯和几本书。", "一名小学生想要一盏台灯和几本书", 60),
    ("goods", "轮椅坏了，想借一辆用几个月。", "想借一辆轮椅用几个月", 90),
    ("study", "孩子数学跟不上，想有人辅导几次。", "一名初中生希望有人辅导数学", 180),
    ("phone", "想学用手机和外地的女儿视频。", "想学会用手机视频通话", 90),
    ("phone", "不会在手机上挂号，想有人教。", "想学会在手机上预约挂号", 60),
    ("barber", "卧床，想请人上门理发。", "希望有人上门理发", 60),
    ("cleaning", "过年前想把厨房窗户擦一擦，够不着。", "年前想请人帮忙擦厨房和窗户", 150),
    ("health", "想有人教我怎么量血压、记下来。", "希望有人上门教量血压", 60),
];

/// Days before the end of the story in which a wish may still be open.
const RECENT: i32 = 35;

/// What happens to a wish, a day each, counted from the founding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Post,
    Vet,
    Claim,
    Release,
    Fulfil,
    Confirm,
    Withdraw,
    Dispute,
}

/// One wish.
pub(super) struct Wish {
    pub(super) id: WishId,
    pub(super) community: usize,
    pub(super) resident: usize,
    pub(super) category: &'static str,
    pub(super) text: &'static str,
    pub(super) sentence: &'static str,
    pub(super) minutes: u32,
    pub(super) rating: u8,
    /// Days after the founding, ascending.
    pub(super) steps: Vec<(i32, Step)>,
    /// Number of the claimer among those of the community with keys.
    pub(super) claimer: usize,
    /// A team takes it on instead of a person.
    pub(super) by_team: bool,
    /// The second worker posts it and the first one vets it.
    pub(super) swapped: bool,
}

/// Days before the end on which a claim is made that is then near its own end.
const CLAIMED: i32 = 8;
/// What waits in the first community when the story ends: for the second worker, and the same for the first.
const WAITING: [&[(i32, Step)]; 4] = [
    &[(0, Step::Post)],
    &[(2, Step::Post), (2, Step::Vet), (1, Step::Claim), (0, Step::Fulfil)],
    &[(3, Step::Post), (3, Step::Vet), (2, Step::Claim), (1, Step::Fulfil), (0, Step::Dispute)],
    &[(CLAIMED, Step::Post), (CLAIMED, Step::Vet), (CLAIMED, Step::Claim)],
];

/// All wishes from the `first` day up to the `last`.
pub(super) fn wishes(town: &Town, first: i32, last: i32) -> Vec<Wish> {
    let mut all: Vec<Wish> = (0..town.wishes).map(|number| wish(town, number, first, last)).collect();
    let waiting = WAITING.iter().flat_map(|steps| [(*steps, false), (*steps, true)]);
    // A story that is too short has no claim that is old.
    let told = waiting.filter(|(steps, _)| last - steps[0].0 >= first);
    let number = |at: usize| town.wishes + at;
    all.extend(
        told.enumerate().map(|(at, (steps, swapped))| at_the_end(town, number(at), steps, swapped, last)),
    );
    all
}

/// A wish that waits for somebody when the story ends.
fn at_the_end(town: &Town, number: usize, steps: &[(i32, Step)], swapped: bool, last: i32) -> Wish {
    let (category, text, sentence, minutes) = WISHES[number % WISHES.len()];
    Wish {
        id: WishId(town.seeds.id("wish", number as u64)),
        community: 0,
        resident: number % town.communities[0].residents.len(),
        category,
        text,
        sentence,
        minutes,
        rating: 5,
        steps: steps.iter().map(|(before, step)| (last - before, *step)).collect(),
        claimer: number,
        by_team: true,
        swapped,
    }
}

fn wish(town: &Town, number: usize, first: i32, last: i32) -> Wish {
    let mut dice = town.seeds.dice("wish", number as u64);
    let count = town.communities.len();
    let community = number % count;
    let (category, text, sentence, minutes) = *dice.pick(&WISHES);
    let span = usize::try_from(last - first).unwrap_or(0).max(1);
    // Spread evenly, so that no claimer has more at a time than the policy allows.
    let posted = first + (span * (number / count) / town.wishes.div_ceil(count)) as i32 + dice.between(0, 3);
    let mut steps = vec![(posted, Step::Post)];
    let mut day = posted;
    let mut then = |days: i32, step: Step| {
        day += days;
        steps.push((day, step));
    };
    then(dice.between(1, 3), Step::Vet);
    let is_recent = last - posted < RECENT;
    match dice.below(100) {
        // What was posted lately mostly waits for somebody: whoever looks at the town finds wishes to claim.
        _ if is_recent && dice.chance(600) => {}
        0..2 => then(dice.between(2, 20), Step::Withdraw),
        // Nobody claims it: its term runs out.
        2..4 => {}
        fate => {
            then(dice.between(0, 6), Step::Claim);
            if fate < 8 {
                then(dice.between(1, 5), Step::Release);
                then(dice.between(1, 5), Step::Claim);
            }
            then(dice.between(1, 11), Step::Fulfil);
            then(dice.between(0, 4), Step::Confirm);
        }
    }
    steps.retain(|(day, _)| *day <= last);
    Wish {
        id: WishId(town.seeds.id("wish", number as u64)),
        community,
        resident: number / count % town.communities[community].residents.len(),
        category,
        text,
        sentence,
        minutes,
        rating: [5, 5, 5, 5, 4, 4, 3][dice.below(7)],
        steps,
        claimer: number / count,
        by_team: dice.chance(150),
        swapped: false,
    }
}

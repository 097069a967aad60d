//! Names and numbers of people who do not exist.

use rustc_hash::FxHashSet;

use super::divisions::CODE;
use super::seeded::SeededRng;

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文斌辉鹏飞宇浩然欣怡雪琴云莲珍春秋生荣发祥福贵成林森海波峰岩晓东晨旭阳光亮宁安康乐诗雨佳慧颖琳倩婷薇凤仙巧蓉翠喜庆德义仁礼信忠诚厚朴";

/// A name of two or three characters.
pub(super) fn name(dice: &mut SeededRng) -> String {
    let surnames: Vec<char> = SURNAMES.chars().collect();
    let given: Vec<char> = GIVEN.chars().collect();
    let mut name = String::from(*dice.pick(&surnames));
    name.push(*dice.pick(&given));
    if dice.chance(800) {
        name.push(*dice.pick(&given));
    }
    name
}

/// Mobile numbers begin with it, and no operator has been given it: a number of the demo rings nobody.
const UNASSIGNED: &str = "154";

/// Numbers that nobody else has, neither in the town nor outside.
#[derive(Default)]
pub(super) struct Numbers {
    phones: FxHashSet<u32>,
    issued: u32,
}

impl Numbers {
    /// A mobile number of 11 digits.
    pub(super) fn phone(&mut self, dice: &mut SeededRng) -> String {
        loop {
            let number = dice.below(1_000_000) as u32;
            if self.phones.insert(number) {
                return format!("{UNASSIGNED}00{number:06}");
            }
        }
    }

    /// The next volunteer number: the city's code and a counter.
    pub(super) fn volunteer(&mut self) -> String {
        self.issued += 1;
        format!("{CODE}{:08}", 90_000_000 + self.issued)
    }
}

#[cfg(test)]
mod tests {
    use super::super::seeded::Seeds;
    use super::*;

    #[test]
    fn no_number_can_be_that_of_somebody_real() {
        let (mut numbers, mut dice) = (Numbers::default(), Seeds(7).dice("test", 0));
        let phones: FxHashSet<String> = (0..500).map(|_| numbers.phone(&mut dice)).collect();
        assert_eq!(phones.len(), 500);
        assert!(phones.iter().all(|phone| phone.len() == 11 && phone.starts_with("154")), "{phones:?}");
        assert_eq!([numbers.volunteer(), numbers.volunteer()], ["99018190000001", "99018190000002"]);
    }
}

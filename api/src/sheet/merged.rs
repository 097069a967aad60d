//! Merged cells: what people mean to hold for all rows of an area, a file holds in its first cell only.

/// Corners of a merged area: line (1-based) and column (0-based).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Area {
    pub(super) from: (u32, u32),
    pub(super) to: (u32, u32),
}

impl Area {
    fn contains(&self, line: u32, column: u32) -> bool {
        (self.from.0..=self.to.0).contains(&line) && (self.from.1..=self.to.1).contains(&column)
    }

    /// As a spreadsheet program writes it, such as `D2:D3`.
    pub(super) fn address(&self) -> String {
        let corner =
            |(line, column): (u32, u32)| format!("{}{line}", super::letters::letters(column as usize));
        format!("{}:{}", corner(self.from), corner(self.to))
    }
}

/// Areas by their first row. Areas never overlap in a file that a program wrote, so the one above a cell is among the
/// few that begin last before it. A hostile file has millions of them: looking at all for each cell would take hours.
pub(super) struct Areas(Vec<Area>);

impl Areas {
    /// All areas of some hundred rows, however densely they are merged.
    const NEAR: usize = 4_096;

    pub(super) fn new(mut areas: Vec<Area>) -> Self {
        areas.sort_unstable();
        Self(areas)
    }

    pub(super) fn find(&self, line: u32, column: u32) -> Option<&Area> {
        let before = self.0.partition_point(|area| area.from <= (line, column));
        let near = &self.0[before.saturating_sub(Self::NEAR)..before];
        near.iter().rev().find(|area| area.contains(line, column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merged_area_is_found_among_very_many() {
        let area = |line: u32, column: u32, to: u32| Area { from: (line, column), to: (line + 1, to) };
        let merged: Vec<_> =
            (0..200_000).flat_map(|row| [area(row * 2, 5, 6), area(row * 2, 1, 3)]).collect();
        let areas = Areas::new(merged);
        assert_eq!(areas.find(399_999, 3), Some(&area(399_998, 1, 3)));
        assert_eq!(areas.find(400_000, 3), None);
        assert_eq!(areas.find(11, 4), None);
        // Every cell of a large sheet against every area, as a hostile workbook would have it.
        let found = (0..400_000).filter(|row| areas.find(*row, 6).is_some()).count();
        assert_eq!(found, 400_000);
    }
}

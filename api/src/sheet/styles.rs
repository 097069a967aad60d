//! What a number format shows of a number: an amount, a day, a time of day, both, or a length of time.

use rustc_hash::FxHashMap;

use super::faults::SheetError;
use super::grid::Shown;
use super::package::{Node, Xml, attribute};

/// More formats than these no program writes (Excel's own bound is 65,490).
const MOST: usize = 70_000;

/// How the cells of each style show a number, by the style's index.
#[derive(Default)]
pub(super) struct Styles(Vec<Shown>);

impl Styles {
    pub(super) fn shown(&self, style: usize) -> Shown {
        self.0.get(style).copied().unwrap_or(Shown::Amount)
    }

    pub(super) fn read(xml: &mut Xml<'_, '_>) -> Result<Styles, SheetError> {
        let mut own: FxHashMap<u32, Shown> = FxHashMap::default();
        let mut styles = Vec::new();
        let mut in_cells = false;
        loop {
            match xml.next()? {
                Node::Start(element, empty) => match element.local_name().as_ref() {
                    "numFmt" if own.len() < MOST => {
                        let code = attribute(&element, "formatCode")?.unwrap_or_default();
                        let id = attribute(&element, "numFmtId")?.and_then(|id| id.parse().ok());
                        own.extend(id.map(|id| (id, of_code(&code))));
                    }
                    "cellXfs" => in_cells = !empty,
                    "xf" if in_cells && styles.len() < MOST => {
                        let id = attribute(&element, "numFmtId")?.and_then(|id| id.parse().ok()).unwrap_or(0);
                        styles.push(own.get(&id).copied().unwrap_or_else(|| built_in(id)));
                    }
                    _ => {}
                },
                Node::End(element) if element.local_name().as_ref() == "cellXfs" => in_cells = false,
                Node::Over => return Ok(Styles(styles)),
                Node::End(_) | Node::Text(_) => {}
            }
        }
    }
}

/// ECMA-376 section 18.8.30, and what the ids from 27 on are in Chinese.
fn built_in(id: u32) -> Shown {
    match id {
        14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => Shown::Day,
        18..=21 | 32..=35 | 45 | 47 | 55 | 56 => Shown::Time,
        22 => Shown::DayAndTime,
        46 => Shown::Length,
        _ => Shown::Amount,
    }
}

/// By the letters of a format's first section, outside of quotes, brackets and escapes.
fn of_code(code: &str) -> Shown {
    let code = code.to_ascii_lowercase();
    if code.starts_with("general") || code.starts_with("g/通用格式") {
        return Shown::Amount;
    }
    let (mut day, mut time, mut month) = (false, false, false);
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' | '_' | '*' => drop(chars.next()),
            '"' => drop(chars.by_ref().find(|&c| c == '"')),
            '[' => {
                let inner: String = chars.by_ref().take_while(|&c| c != ']').collect();
                let elapsed =
                    !inner.is_empty() && ['h', 'm', 's'].iter().any(|unit| inner.chars().all(|c| c == *unit));
                if elapsed {
                    return Shown::Length;
                }
            }
            ';' => break,
            'y' | 'd' | 'b' => day = true,
            'h' | 's' => time = true,
            'm' => month = true,
            _ => {}
        }
    }
    // Beside hours or seconds m means minutes; am/pm has an m, too.
    match (day, time) {
        (true, true) => Shown::DayAndTime,
        (true, false) => Shown::Day,
        (false, true) => Shown::Time,
        (false, false) if month => Shown::Day,
        (false, false) => Shown::Amount,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("yyyy/m/d h:mm", Shown::DayAndTime)]
    #[case("yyyy\"年\"m\"月\"d\"日\";@", Shown::Day)]
    #[case("[$-804]aaaa;@", Shown::Amount)]
    #[case("h:mm", Shown::Time)]
    #[case("上午/下午h\"时\"mm\"分\"", Shown::Time)]
    #[case("h:mm AM/PM", Shown::Time)]
    #[case("[h]:mm", Shown::Length)]
    #[case("[$-F400]h:mm:ss\\ AM/PM", Shown::Time)]
    #[case("mmm", Shown::Day)]
    #[case("0.00E+00", Shown::Amount)]
    #[case("#,##0.00_);[Red]\\(#,##0.00\\)", Shown::Amount)]
    #[case("0\"小时 hours\"", Shown::Amount)]
    #[case("General", Shown::Amount)]
    #[case("@", Shown::Amount)]
    fn a_format_is_told_by_its_letters(#[case] code: &str, #[case] shown: Shown) {
        assert_eq!(of_code(code), shown, "{code}");
    }
}

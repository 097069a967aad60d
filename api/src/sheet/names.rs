//! Names as they stand on lists: one person's, or why not.

use super::faults::Fault;
use super::{person, text};

/// What stands in brackets behind a name and says nothing of who is meant.
const BESIDE: [&str; 9] = ["党员", "中共党员", "预备党员", "团员", "群众", "志愿者", "队长", "领队", "组长"];
/// Somebody signed for another.
const FOR_ANOTHER: [&str; 4] = ["代", "代签", "代签到", "替"];

/// One person's name, without what is known to stand beside it.
pub(super) fn name(raw: &str) -> Result<String, Fault> {
    let (bare, beside) = parted(raw);
    if beside.as_deref().is_some_and(|beside| FOR_ANOTHER.contains(&beside)) {
        return Err(Fault::SignedForAnother);
    }
    let is_known = beside.is_some_and(|beside| BESIDE.contains(&&*beside));
    person::name(if is_known { bare } else { raw }).map_err(|fault| refined(raw, fault))
}

/// The same, where nothing but the name says who is meant: a form of address is none.
pub(super) fn name_alone(raw: &str) -> Result<String, Fault> {
    let name = name(raw)?;
    if is_address(&name) { Err(Fault::Nickname) } else { Ok(name) }
}

/// A name and what stands in brackets behind it.
fn parted(raw: &str) -> (&str, Option<String>) {
    let end = raw.trim_end();
    let inner = end.strip_suffix([')', '）']).and_then(|open| open.rfind(['(', '（']).map(|at| (at, open)));
    match inner {
        Some((at, open)) if at > 0 => {
            let beside = open[at..].trim_start_matches(['(', '（']);
            (raw[..at].trim_end(), Some(text::plain(beside)))
        }
        _ => (raw, None),
    }
}

fn refined(raw: &str, fault: Fault) -> Fault {
    let plain = text::plain(raw);
    let digits = |text: &str| text.ends_with(|c: char| c.is_ascii_digit());
    if plain.rsplit_once('+').is_some_and(|(before, more)| !before.is_empty() && digits(more)) {
        return Fault::PlusOthers;
    }
    if plain.strip_suffix(['人', '名', '位']).is_some_and(digits) {
        return Fault::TeamNotPerson;
    }
    let parts: Vec<&str> = raw.split(['、', ',', '，', ';', '；', '/', '&', '\n']).map(str::trim).collect();
    let several = parts.len() > 1 && parts.iter().all(|part| person::name(part).is_ok());
    if several { Fault::SeveralPeople } else { fault }
}

/// 老张, 小李, 王姐, 李师傅, 陈阿姨.
fn is_address(name: &str) -> bool {
    const ENDS: [&str; 10] = ["姐", "哥", "阿姨", "叔", "师傅", "大爷", "大妈", "主任", "书记", "老师"];
    let short = name.chars().count() == 2;
    let begins = name.starts_with(['老', '小']) && short;
    begins || ENDS.iter().any(|end| name.strip_suffix(end).is_some_and(|before| before.chars().count() == 1))
}

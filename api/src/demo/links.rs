//! Links that sign in as somebody of the town, for whoever tries the demo out. What a link carries stands after `#`, which
//! no browser sends; the page of a ledger that holds demo data reads it there.

use std::io::ErrorKind;
use std::path::Path;

use hourbook_ledger::keys::signing_key_from_pem;

use super::{Code, DemoError, KEYS};

/// Whose keys are linked: the file's name, and the role in Chinese and in English.
const ROLES: [(&str, &str, &str); 6] = [
    ("worker", "社区工作者", "community worker"),
    ("confirmer", "另一名社区工作者（审核人）", "second community worker, who confirms"),
    ("steward", "管理员", "steward"),
    ("officer", "单位负责人", "unit officer"),
    ("secretary", "党组织书记", "secretary"),
    ("auditor", "审计员", "auditor"),
];

/// A link that signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// As whom, in Chinese.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// Where to, with the key or the code.
    pub url: String,
}

/// The link of a volunteer, who has no key but a one-time code.
#[must_use]
pub fn by_code(site: &str, codes: &[Code]) -> Option<Link> {
    let Code { zh, en, code, .. } = codes.first()?;
    Some(Link { zh, en, url: url(site, "volunteer", code) })
}

/// The links of those who sign with a key, as far as the files are in the directory of a town that was built.
///
/// # Errors
/// A file that cannot be read.
pub fn by_key(site: &str, data: &Path) -> Result<Vec<Link>, DemoError> {
    let link = |(file, zh, en): (&str, &'static str, &'static str)| {
        let seed = seed(&data.join(KEYS).join(format!("{file}.pem"))).transpose()?;
        Some(seed.map(|seed| Link { zh, en, url: url(site, file, &hex::encode(seed)) }))
    };
    ROLES.into_iter().filter_map(link).collect()
}

fn url(site: &str, whom: &str, secret: &str) -> String {
    format!("{site}{}?as={whom}#demo={secret}", crate::ui::paths::SIGN_IN)
}

fn seed(path: &Path) -> Result<Option<[u8; 32]>, DemoError> {
    let failed = |source| DemoError::Io { path: path.to_owned(), source };
    let pem = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(failed)?,
    };
    let key = signing_key_from_pem(&pem);
    let key = key.map_err(|error| failed(std::io::Error::new(ErrorKind::InvalidData, error)))?;
    Ok(Some(key.to_bytes()))
}

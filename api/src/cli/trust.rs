//! How devices come to trust the ledger's own authority, as a terminal says it.

use std::path::Path;

use hourbook_ledger::domain::time::Offset;

use super::failure::Failure;
use super::standing::Standing;
use crate::server::certificates::Certificate;
use crate::ui::trust::WAYS;

/// The systems that stand first, which nearly everybody has.
const TOLD: usize = 3;

/// The fingerprint, where the certificate is to be had, and what to do with it; nothing without such an authority.
pub(super) fn trust(data: &Path, standing: &Standing) -> Result<String, Failure> {
    let Some((own, server)) = standing.authority(data).zip(standing.certificate(data)) else {
        return Ok(String::new());
    };
    let (own, server) = (Certificate::read(&own)?, Certificate::read(&server)?);
    let day = server.until.date(Offset(0));
    let plain: Vec<String> = standing
        .addresses(standing.listen.port())
        .iter()
        .map(|address| address.replacen("https://", "http://", 1))
        .collect();
    let first = plain.first().map_or("", String::as_str);
    let mut text = format!(
        "\n每台电脑和手机信任一次 / each computer and phone trusts it once\n\
         \x20 说明 how it is done   {first}/https\n\
         \x20 下载 to download      {first}/ca.crt\n\
         \x20 核对指纹 fingerprint  SHA-256 {}\n\
         \x20 证书有效至 certificate good until {day}；到期前更新 / before that: hourbook certificate renew --data {} --authority-key FILE\n",
        own.fingerprint(),
        data.display()
    );
    // Other systems stand on the page.
    for way in &WAYS[..TOLD] {
        text.push_str(&format!("\n{} / {}\n", way.system.0, way.system.1));
        for (zh, en) in way.steps {
            text.push_str(&format!("  {zh}\n  {en}\n"));
        }
    }
    Ok(text)
}

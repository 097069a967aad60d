//! Says in time that the server's certificate nears its end: at the start, and each day.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::domain::time::{Millis, Offset};

use super::standing::Standing;
use crate::server::certificates::Certificate;

/// So long before its end it is said: time to get the key out of the safe.
const NEAR_DAYS: i64 = 30;
/// How often.
const EACH: Duration = Duration::from_secs(86_400);

/// What has to be said of a certificate at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Said {
    Nothing,
    Near,
    Over,
}

fn said(certificate: &Certificate, now: Millis) -> Said {
    match certificate.days_left(now) {
        left if left < 0 => Said::Over,
        left if left < NEAR_DAYS => Said::Near,
        _ => Said::Nothing,
    }
}

/// Whose a certificate is, which says how it is renewed.
#[derive(Clone, Copy)]
enum Whose {
    /// The server's, by the ledger's own authority.
    Server,
    /// The authority's itself.
    Authority,
    /// Somebody else's.
    Elsewhere,
}

impl Whose {
    fn way(self) -> &'static str {
        match self {
            Self::Server => "hourbook certificate renew --authority-key FILE",
            Self::Authority => {
                "hourbook certificate make，每台设备重新信任 / make another one; each device trusts it anew"
            }
            Self::Elsewhere => "向签发机构更新，再 kill -HUP / renew it where it comes from, then kill -HUP",
        }
    }
}

/// One look. The service goes on without a good certificate: what is on this machine and in the log does not need one.
fn look(file: &Path, whose: Whose) {
    let certificate = match Certificate::read(file) {
        Ok(certificate) => certificate,
        Err(error) => return tracing::error!(%error, "the TLS certificate cannot be read"),
    };
    let (until, renew) = (certificate.until.date(Offset(0)).to_string(), whose.way());
    match said(&certificate, SystemClock.now()) {
        Said::Nothing => {}
        Said::Near => tracing::warn!(until, renew, "证书快到期 / the TLS certificate nears its end"),
        Said::Over => tracing::error!(
            until,
            renew,
            "证书已过期，浏览器不再接受 / the TLS certificate is over, and browsers do not take it any more"
        ),
    }
}

/// Looks now and each day, for as long as the server runs.
pub(super) fn watch(standing: &Standing, data: &Path) {
    let own = standing.authority(data);
    let whose = if own.is_some() { Whose::Server } else { Whose::Elsewhere };
    let server = standing.certificate(data).map(|file| (file, whose));
    let all: Vec<(PathBuf, Whose)> =
        server.into_iter().chain(own.map(|file| (file, Whose::Authority))).collect();
    let look_at_all = move || all.iter().for_each(|(file, whose)| look(file, *whose));
    look_at_all();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EACH).await;
            look_at_all();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::certificates::Authority;

    #[test]
    fn a_certificate_is_spoken_of_thirty_days_before_its_end_and_after_it() {
        let (dir, now) = (tempfile::tempdir().unwrap(), Millis(1_795_140_000_000));
        let hosts = ["hours.internal".parse().unwrap()];
        let made = Authority::make("hours.test/east", &hosts, now).unwrap().certify(&hosts, now).unwrap();
        let file = dir.path().join("server.pem");
        std::fs::write(&file, made.as_bytes()).unwrap();
        let certificate = Certificate::read(&file).unwrap();
        let at = |days| said(&certificate, now.plus_days(days));
        assert_eq!(
            [at(0), at(366), at(367), at(396), at(397)],
            [Said::Nothing, Said::Nothing, Said::Near, Said::Near, Said::Over]
        );
    }
}

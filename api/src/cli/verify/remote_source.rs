//! A log behind a server, or behind any web server that has the tiles.

use std::time::Duration;

use hourbook_ledger::audit::{Kind, Source, SourceError};
use hourbook_ledger::tiles::Tile;

use super::super::failure::{Exit, Failure};
use super::super::remote::Remote;

/// How often a busy server is asked again, a second apart.
const PATIENCE: u32 = 60;

/// Asks a server.
pub(super) struct RemoteSource(pub(super) Remote);

impl RemoteSource {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        for _ in 0..PATIENCE {
            let (status, bytes) = self.0.get_bytes(path).map_err(unavailable)?;
            match status {
                200 => return Ok(Some(bytes)),
                404 => return Ok(None),
                429 | 503 => std::thread::sleep(Duration::from_secs(1)),
                401 | 403 => return Err(not_let_in(status)),
                500 => {
                    let what = format!("the server answered 500 to {path}");
                    return Err(SourceError::Damaged(Kind::Damaged, what));
                }
                other => return Err(refused(path, other)),
            }
        }
        Err(refused(path, 503))
    }
}

/// The log cannot be read, which is no verdict about it.
fn unavailable(Failure { exit, zh, en }: Failure) -> SourceError {
    SourceError::Unavailable { unreachable: exit == Exit::Unreachable, zh, en }
}

fn not_let_in(status: u16) -> SourceError {
    unavailable(Failure::storage(match status {
        401 => both!("需要登录：请用 --as 给出审计员的密钥。", "Sign in: give an auditor's key with --as."),
        _ => both!(
            "此人不是整本账簿的审计员，不能读取条目：请请求管理员授予审计员角色。",
            "This person is not an auditor of the whole ledger and may not read entries: ask a steward for the auditor's role."
        ),
    }))
}

fn refused(path: &str, status: u16) -> SourceError {
    unavailable(Failure::storage(both!(
        "服务器对 {path} 的回答是 {status}：没有结论，请稍后再试。",
        "The server answered {status} to {path}: no verdict, try again later."
    )))
}

impl Source for RemoteSource {
    fn checkpoint(&self) -> Result<Option<Vec<u8>>, SourceError> {
        self.read("/checkpoint")
    }

    fn vkey(&self) -> Result<Option<String>, SourceError> {
        let text = self.read("/log.vkey")?;
        Ok(text.map(|text| String::from_utf8_lossy(&text).trim().to_owned()))
    }

    fn tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, SourceError> {
        self.read(&format!("/{tile}"))
    }
}

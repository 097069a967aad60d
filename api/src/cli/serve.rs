//! `hourbook serve`, and the serving half of `demo`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hourbook_ledger::engine::KnownHead;
use hourbook_ledger::note::{KeyType, VerifierKey};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::args::{PassphraseArgs, ServeArgs};
use super::failure::{Exit, Failure};
use super::files::read_key;
use crate::app::{self, App, AppOptions};
use crate::backup::unreadable;

pub(super) fn run(args: &ServeArgs) -> Result<Exit, Failure> {
    let guard = Guarding::new(args)?;
    serve(&args.data, args.listen, &guard, |app| {
        Ok(format!("账簿 ledger  {}，{} 条记录 entries", app.origin, app.reader.head().size))
    })
}

/// What the ledger must not be behind.
#[derive(Default)]
pub(super) struct Guarding {
    known: Vec<KnownHead>,
    /// Whose checkpoints they are.
    origin: Option<String>,
    file: Option<PathBuf>,
}

impl Guarding {
    /// Reads the checkpoints named, and the guard's file if it is there. They must be signed with the key in the
    /// ledger's directory, which must be the one that the log names: opening the ledger sees to that.
    pub(super) fn new(args: &ServeArgs) -> Result<Self, Failure> {
        let mut known = args.known.clone();
        match &args.guard {
            Some(file) if file.exists() => known.not_before.push(file.clone()),
            Some(file) => eprintln!(
                "{file} 尚不存在，现在建立；若它曾经存在，请停止服务并找回它。\n\
                 {file} is not there yet and is made now; if it was there before, stop and find it.",
                file = file.display()
            ),
            None => {}
        }
        let (published, file) = (known.published()?, args.guard.clone());
        let Some(origin) = published.origin() else { return Ok(Self { file, ..Self::default() }) };
        let path = args.data.join("keys").join("log.pem");
        let key = read_key(&path, &PassphraseArgs::default())?.verifying_key();
        let key = VerifierKey::new(&origin, KeyType::Ed25519, key);
        let key = key.map_err(|error| unreadable(&path, &error))?;
        Ok(Self { known: published.heads(&key)?, origin: Some(origin), file })
    }

    /// The heads that the log must contain.
    pub(super) fn known(&self) -> &[KnownHead] {
        &self.known
    }

    /// Starts the guard over an open ledger.
    pub(super) fn stand(&self, app: &Arc<App>) -> Result<(), Failure> {
        if self.origin.as_ref().is_some_and(|origin| origin != app.origin.as_str()) {
            return Err(Failure::new(
                Exit::Storage,
                "给出的检查点属于另一本账簿。",
                "The checkpoints given are those of another ledger.",
            ));
        }
        if let Some(file) = &self.file {
            crate::guard::write(&*app.reader, file).map_err(|error| Failure::file(file, &error))?;
            crate::guard::keep(app, file);
        }
        Ok(())
    }
}

/// A runtime for a server or for a question to one.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| Failure::file(Path::new("tokio"), &error))
}

/// Serves until the process is told to end; `tell` says what is printed once it can be reached.
pub(super) fn serve(
    data: &Path,
    listen: SocketAddr,
    guard: &Guarding,
    tell: impl FnOnce(&App) -> Result<String, Failure>,
) -> Result<Exit, Failure> {
    let runtime = runtime()?;
    let listener = runtime.block_on(TcpListener::bind(listen)).map_err(|error| {
        Failure::new(
            Exit::Storage,
            format!("无法监听 {listen}：{error}。请用 --listen 换一个地址或端口。"),
            format!("Cannot listen on {listen}: {error}. Choose another address or port with --listen."),
        )
    })?;
    let address = listener.local_addr().unwrap_or(listen);
    let app: Arc<App> = {
        let _inside = runtime.enter();
        let mut options = AppOptions::system();
        options.node.engine.known = guard.known().to_vec();
        let app = App::open(data, options)?;
        guard.stand(&app)?;
        app
    };
    println!("{}", tell(&app)?);
    println!("打开 open  http://{address}/    接口 API  http://{address}/docs");
    println!("按 Ctrl-C 结束 / Ctrl-C ends it");
    let reader = guard.file.as_ref().map(|_| app.reader.clone());
    let served = runtime.block_on(app::serve(app, listener));
    if let (Some(reader), Some(file)) = (reader, &guard.file) {
        crate::guard::write(&*reader, file).map_err(|error| Failure::file(file, &error))?;
    }
    served.map_err(|error| Failure::file(Path::new("server"), &error))?;
    Ok(Exit::Done)
}

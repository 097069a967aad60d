//! `hourbook serve`, and the serving half of `demo`.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::args::ServeArgs;
use super::failure::{Exit, Failure};
use crate::app::{self, App, AppOptions};

pub(super) fn run(args: &ServeArgs) -> Result<Exit, Failure> {
    serve(&args.data, args.listen, |app| {
        Ok(format!("账簿 ledger  {}，{} 条记录 entries", app.origin, app.reader.head().size))
    })
}

/// A runtime for a server or for a question to one.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| Failure::file(Path::new("tokio"), &error))
}

/// Serves until the process is told to end; `tell` says what is printed once it can be reached.
pub(super) fn serve(
    data: &Path,
    listen: SocketAddr,
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
        App::open(data, AppOptions::system())?
    };
    println!("{}", tell(&app)?);
    println!("打开 open  http://{address}/    接口 API  http://{address}/docs");
    println!("按 Ctrl-C 结束 / Ctrl-C ends it");
    let served = runtime.block_on(app::serve(app, listener));
    served.map_err(|error| Failure::file(Path::new("server"), &error))?;
    Ok(Exit::Done)
}

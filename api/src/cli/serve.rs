//! `hourbook serve`, and the serving half of `demo`.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hourbook_ledger::engine::KnownHead;
use hourbook_ledger::note::{KeyType, VerifierKey};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::common_args::PassphraseArgs;
use super::demo_links;
use super::expiry;
use super::failure::{Exit, Failure};
use super::files::read_key;
use super::plan::cannot_listen;
use super::runtime::runtime;
use super::serve_args::ServeArgs;
use super::standing::Standing;
use crate::background::backup::unreadable;
use crate::boot::AppOptions;
use crate::demo::links;
use crate::server::{self, Serving, Tls};
use crate::state::App;

pub(super) fn run(args: &ServeArgs) -> Result<Exit, Failure> {
    let standing = args.standing()?;
    let serving = args.serving(&standing)?;
    let guard = Guarding::new(args)?;
    let mut options = args.app();
    options.node.engine.known = guard.known.clone();
    options.authority = standing.authority(&args.data);
    let place = Place { standing, serving, options, guard };
    serve(&args.data, place, |app, site| {
        let links = if app.origin.is_example() { links::by_key(site, &args.data)? } else { Vec::new() };
        let links = demo_links::lines(&links);
        Ok(format!("{links}账簿 ledger  {}，{} 条记录 entries", app.origin, app.reader.head().size))
    })
}

/// What the ledger must not be behind.
#[derive(Default)]
pub(super) struct Guarding {
    /// The heads that the log must contain.
    pub(super) known: Vec<KnownHead>,
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
            // On the log, which may be read by a program.
            Some(file) => tracing::warn!(
                file = %file.display(),
                "尚不存在，现在建立；若它曾经存在，请停止服务并找回它 / it is not there yet and is made now; if it was there before, stop and find it"
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

    /// Starts the guard over an open ledger.
    pub(super) fn stand(&self, app: &Arc<App>) -> Result<(), Failure> {
        if self.origin.as_ref().is_some_and(|origin| origin != app.origin.as_str()) {
            return Err(Failure::storage(both!(
                "给出的检查点属于另一本账簿。",
                "The checkpoints given are those of another ledger."
            )));
        }
        if let Some(file) = &self.file {
            crate::background::guard::write(&*app.reader, file)
                .map_err(|error| Failure::file(file, &error))?;
            crate::background::guard::keep(app, file);
        }
        Ok(())
    }
}

/// Where and how to serve.
pub(super) struct Place {
    pub(super) standing: Standing,
    pub(super) serving: Serving,
    pub(super) options: AppOptions,
    pub(super) guard: Guarding,
}

/// Serves until the process is told to end; `tell` says what is printed once it can be reached, and where on this machine.
pub(super) fn serve(
    data: &Path,
    place: Place,
    tell: impl FnOnce(&Arc<App>, &str) -> Result<String, Failure>,
) -> Result<Exit, Failure> {
    let Place { standing, serving, options, guard } = place;
    let listen = standing.listen;
    let runtime = runtime()?;
    let listener = runtime.block_on(TcpListener::bind(listen));
    let listener = listener.map_err(|error| cannot_listen(listen, &error))?;
    let address = listener.local_addr().unwrap_or(listen);
    let (app, end) = {
        let _inside = runtime.enter();
        let app: Arc<App> = App::open(data, options)?;
        guard.stand(&app)?;
        let end = told_to_end().map_err(|error| Failure::file(Path::new("signals"), &error))?;
        reload_on_hangup(serving.tls.clone()).map_err(|error| Failure::file(Path::new("signals"), &error))?;
        expiry::watch(&standing, data);
        (app, end)
    };
    let sites = sites(&standing, address);
    let told = {
        let _inside = runtime.enter();
        tell(&app, &sites[0])?
    };
    let open: String = sites.iter().map(|site| format!("{site}/  ")).collect();
    // Whoever started it need not listen.
    let unreached =
        standing.told_unreached(address).map_or_else(String::new, |(zh, en)| format!("\n{zh}\n{en}"));
    let _ = writeln!(
        std::io::stdout(),
        "{told}{unreached}\n打开 open  {open}  接口 API  {}/docs\n监听 listening on {address}\n按 Ctrl-C 结束 / Ctrl-C ends it",
        sites[0]
    );
    let reader = guard.file.as_ref().map(|_| app.reader.clone());
    let served = runtime.block_on(server::serve(app, listener, serving, end));
    if let (Some(reader), Some(file)) = (reader, &guard.file) {
        crate::background::guard::write(&*reader, file).map_err(|error| Failure::file(file, &error))?;
    }
    served.map_err(|error| Failure::file(Path::new("server"), &error))?;
    Ok(Exit::Done)
}

/// Where browsers reach what listens: by the names that it was given, else on this machine.
pub(super) fn sites(standing: &Standing, address: SocketAddr) -> Vec<String> {
    let named = standing.addresses(address.port());
    if !named.is_empty() {
        return named;
    }
    let scheme = if standing.tls.is_some() { "https" } else { "http" };
    vec![format!("{scheme}://{}", on_this_machine(address))]
}

/// Where a browser on this machine reaches what listens: that on all addresses by the one that browsers trust with keys.
fn on_this_machine(address: SocketAddr) -> SocketAddr {
    let local = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(local, address.port())
}

/// Ready at the first SIGTERM or Ctrl-C. The second ends the process at once: what was acknowledged is durable, and the
/// next start recovers.
fn told_to_end() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (tell, told) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            }
        };
        let first = next().await;
        tracing::info!(signal = first, "told to end");
        let _ = tell.send(());
        let second = next().await;
        tracing::warn!(signal = second, "told to end at once");
        std::process::exit(Exit::Storage.code().into());
    });
    Ok(async move {
        let _ = told.await;
    })
}

/// Reads the certificate again at each SIGHUP.
fn reload_on_hangup(tls: Option<Tls>) -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match tls.as_ref().map(Tls::reload) {
                Some(Ok(())) => tracing::info!("the TLS certificate was read again"),
                Some(Err(error)) => {
                    tracing::error!(%error, "the TLS certificate cannot be used: the old one stays")
                }
                None => tracing::info!("SIGHUP: there is no TLS certificate to read again"),
            }
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_everywhere_is_reached_on_this_machine() {
        let reached = |address: &str| on_this_machine(address.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(reached("[::]:8080"), "[::1]:8080");
        assert_eq!(reached("192.0.2.7:80"), "192.0.2.7:80");
    }
}

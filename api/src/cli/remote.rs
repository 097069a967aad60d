//! A running server, or a ledger in a directory asked through the same routes.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use hourbook_ledger::domain::ids::{KeyId, PublicKey};
use hourbook_ledger::dsse;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use super::failure::{Exit, Failure};
use super::serve::runtime;
use crate::app::{self, App, AppOptions};
use crate::session::CHALLENGE_TYPE;

/// Most bytes of an answer.
const MAX_ANSWER: usize = 64 << 20;

/// Where questions go.
enum Way {
    Server { agent: ureq::Agent, base: String },
    Directory { runtime: Runtime, app: Arc<App> },
}

/// Who answers questions, and the session if somebody signed in.
pub(super) struct Remote {
    way: Way,
    token: Option<String>,
}

/// An answer's status and JSON.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) json: Value,
}

impl Answer {
    /// The JSON of a good answer; anything else is told in the server's own words.
    pub(super) fn good(self) -> Result<Value, Failure> {
        if (200..300).contains(&self.status) {
            return Ok(self.json);
        }
        let text = |name: &str| self.json.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let code = text("code");
        let exit = if self.status >= 500 { Exit::Storage } else { Exit::Refused };
        let detail = text("detail");
        let words = |key: &str, other: &str| {
            let words = text(key);
            let words = if words.is_empty() { other.to_owned() } else { words };
            if detail.is_empty() { words } else { format!("{words} {detail}") }
        };
        let status = self.status;
        Err(Failure::new(
            exit,
            format!("{}（{code} {status}）", words("zh", "服务器拒绝了请求")),
            format!("{} ({code} {status})", words("en", "the server refused")),
        ))
    }
}

impl Remote {
    pub(super) fn server(url: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let base = url.trim_end_matches('/').to_owned();
        Self { way: Way::Server { agent: config.into(), base }, token: None }
    }

    /// A server or a directory, whichever is named.
    pub(super) fn of(server: Option<&str>, dir: Option<&Path>) -> Result<Self, Failure> {
        match (server, dir) {
            (Some(url), _) => Ok(Self::server(url)),
            (None, Some(dir)) => Self::directory(dir),
            (None, None) => {
                Err(Failure::new(Exit::Usage, "请用 --server 或 --data。", "Give --server or --data."))
            }
        }
    }

    pub(super) fn directory(dir: &Path) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let app = {
            let _inside = runtime.enter();
            App::open(dir, AppOptions::system())?
        };
        Ok(Self { way: Way::Directory { runtime, app }, token: None })
    }

    /// Opens a session with a key; what the server says of it.
    pub(super) fn sign_in(&mut self, key: &SigningKey) -> Result<Value, Failure> {
        let id = KeyId::of(&PublicKey(key.verifying_key().to_bytes()));
        let asked = self.post("/v1/sessions/challenge", &json!({ "key_id": id }))?.good()?;
        let text = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or_default();
        let signature = key.sign(&dsse::pae(CHALLENGE_TYPE, text("body").as_bytes()));
        let proof = json!({
            "key_id": id,
            "nonce": text("nonce"),
            "signature": STANDARD.encode(signature.to_bytes()),
        });
        let opened = self.post("/v1/sessions", &proof)?.good()?;
        self.token = opened.get("token").and_then(Value::as_str).map(str::to_owned);
        Ok(opened)
    }

    pub(super) fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.ask("GET", path, None)
    }

    pub(super) fn post(&self, path: &str, json: &Value) -> Result<Answer, Failure> {
        self.ask("POST", path, Some(("application/json", json.to_string().into_bytes())))
    }

    pub(super) fn post_bytes(&self, path: &str, bytes: &[u8]) -> Result<Answer, Failure> {
        self.ask("POST", path, Some(("application/octet-stream", bytes.to_vec())))
    }

    /// An answer's status and bytes.
    pub(super) fn get_bytes(&self, path: &str) -> Result<(u16, Vec<u8>), Failure> {
        self.exchange("GET", path, None)
    }

    fn ask(&self, method: &str, path: &str, body: Option<(&str, Vec<u8>)>) -> Result<Answer, Failure> {
        let (status, bytes) = self.exchange(method, path, body)?;
        Ok(Answer { status, json: parse(&bytes) })
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> Result<(u16, Vec<u8>), Failure> {
        let mut request = Request::builder().method(method);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let bytes = match body {
            Some((kind, bytes)) => {
                request = request.header(header::CONTENT_TYPE, kind);
                bytes
            }
            None => Vec::new(),
        };
        let unreachable = |url: &str, error: &dyn std::fmt::Display| {
            Failure::new(
                Exit::Unreachable,
                format!("无法连接 {url}：{error}。请检查地址，确认服务正在运行。"),
                format!("Cannot reach {url}: {error}. Check the address and that the server runs."),
            )
        };
        match &self.way {
            Way::Server { agent, base } => {
                let url = format!("{base}{path}");
                let request = request.uri(&url).body(bytes).map_err(|error| unreachable(&url, &error))?;
                let mut answer = agent.run(request).map_err(|error| unreachable(base, &error))?;
                let read = answer.body_mut().with_config().limit(MAX_ANSWER as u64).read_to_vec();
                let bytes = read.map_err(|error| unreachable(base, &error))?;
                Ok((answer.status().as_u16(), bytes))
            }
            Way::Directory { runtime, app } => {
                let here = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 0)));
                let request = request.uri(path).extension(here).body(Body::from(bytes));
                let request = request.map_err(|error| unreachable(path, &error))?;
                runtime.block_on(async {
                    let answered = app::router(app.clone()).oneshot(request).await;
                    let answer = answered.unwrap_or_else(|never| match never {});
                    let status = answer.status().as_u16();
                    let bytes = axum::body::to_bytes(answer.into_body(), MAX_ANSWER).await;
                    let bytes = bytes.map_err(|error| unreachable(path, &error))?;
                    Ok((status, bytes.to_vec()))
                })
            }
        }
    }

    /// Closes a ledger that was opened for the question.
    pub(super) fn close(self) {
        if let Way::Directory { app, .. } = self.way {
            app.close();
        }
    }
}

/// An answer that is not what was asked for.
pub(super) fn garbled(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        Exit::Unreachable,
        format!("服务器的回答无法识别：{error}。请确认地址是时光簿服务，且版本相同。"),
        format!("The server's answer cannot be read: {error}. Check that it is Hourbook, of this version."),
    )
}

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or(Value::Null)
}

/// A text as part of a query or path.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

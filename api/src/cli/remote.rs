//! A running server, or a ledger in a directory asked through the same routes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body as Bytes;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::domain::event::{Assurance, Body, Event};
use hourbook_ledger::domain::ids::{KeyId, PersonId, PublicKey};
use hourbook_ledger::dsse::{self, SignedEvent};
use hourbook_ledger::envelope::Submission;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::common_args::{LedgerArgs, Place};
use super::failure::{Exit, Failure};
use super::runtime::runtime;
use crate::auth::session::CHALLENGE_TYPE;
use crate::boot::AppOptions;
use crate::commands::{Drafted, OpeningOut, Unsigned};
use crate::server;
use crate::state::{App, system_rng};

/// Most bytes of an answer.
const MAX_ANSWER: usize = 64 << 20;

/// The environment variable that names a file of certificates (PEM) to be trusted in the place of the well-known
/// authorities, as for OpenSSL and curl.
pub(super) const ROOTS: &str = "SSL_CERT_FILE";

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
        let text = |name: &str| self.json[name].as_str().filter(|text| !text.is_empty());
        let (code, detail) = (text("code").unwrap_or_default(), text("detail"));
        let exit = if self.status >= 500 { Exit::Storage } else { Exit::Refused };
        let words = |key: &str, other| {
            let words = text(key).unwrap_or(other);
            detail.map_or_else(|| words.to_owned(), |detail| format!("{words} {detail}"))
        };
        let (status, zh, en) =
            (self.status, words("zh", "服务器拒绝了请求"), words("en", "the server refused"));
        Err(Failure::new(exit, both!("{zh}（{code} {status}）", "{en} ({code} {status})")))
    }
}

impl Remote {
    /// A server by its URL. Over TLS its certificate must come from a well-known authority, or from one in the file that
    /// [`ROOTS`] names.
    pub(super) fn server(url: &str) -> Result<Self, Failure> {
        let file = std::env::var_os(ROOTS).filter(|name| url.starts_with("https://") && !name.is_empty());
        Self::trusting(url, file.map(PathBuf::from).as_deref())
    }

    /// A server whose certificate must come from an authority in a file, if one is given.
    pub(super) fn trusting(url: &str, file: Option<&Path>) -> Result<Self, Failure> {
        let roots = file.map_or(Ok(RootCerts::WebPki), authorities)?;
        let tls = TlsConfig::builder().root_certs(roots).build();
        let config = ureq::Agent::config_builder().http_status_as_error(false).tls_config(tls).build();
        let base = url.trim_end_matches('/').to_owned();
        Ok(Self { way: Way::Server { agent: config.into(), base }, token: None })
    }

    /// Whichever is named.
    pub(super) fn at(named: &LedgerArgs) -> Result<Self, Failure> {
        match named.place()? {
            Place::Server(url) => Self::server(&url),
            Place::Directory(dir) => Self::directory(&dir),
        }
    }

    pub(super) fn directory(dir: &Path) -> Result<Self, Failure> {
        Self::opened(dir, AppOptions::system())
    }

    /// A ledger in a directory, opened in a way of one's own.
    pub(super) fn opened(dir: &Path, options: AppOptions) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let app = {
            let _inside = runtime.enter();
            App::open(dir, options)?
        };
        Ok(Self { way: Way::Directory { runtime, app }, token: None })
    }

    /// Opens a session with a key; what the server says of it.
    pub(super) fn sign_in(&mut self, key: &SigningKey) -> Result<Value, Failure> {
        let id = KeyId::of(&PublicKey(key.verifying_key().to_bytes()));
        let asked = self.post("/v1/sessions/challenge", &json!({ "key_id": id }))?.good()?;
        let text = |name: &str| asked[name].as_str().unwrap_or_default();
        let signature = key.sign(&dsse::pae(CHALLENGE_TYPE, text("body").as_bytes()));
        let proof = json!({
            "key_id": id,
            "nonce": text("nonce"),
            "signature": STANDARD.encode(signature.to_bytes()),
        });
        self.open_session(&proof)
    }

    /// Signs in with a key; who that is.
    pub(super) fn sign_in_as(&mut self, key: &SigningKey) -> Result<PersonId, Failure> {
        member_of(&self.sign_in(key)?)
    }

    /// Signs in with a one-time code; who that is.
    pub(super) fn sign_in_by_code(&mut self, code: &str) -> Result<PersonId, Failure> {
        member_of(&self.open_session(&json!({ "code": code }))?)
    }

    fn open_session(&mut self, proof: &Value) -> Result<Value, Failure> {
        let opened = self.post("/v1/sessions", proof)?.good()?;
        self.token = opened["token"].as_str().map(str::to_owned);
        Ok(opened)
    }

    /// Signs in with a key, signs what its holder asserts, and has it recorded; at which position.
    pub(super) fn assert_as(&mut self, key: SigningKey, body: Body) -> Result<u64, Failure> {
        recorded_at(self.submit_as(key, |_| Ok(Drafted::own(body, Vec::new())))?)
    }

    /// Signs in with a key, signs what is drafted for its holder, and hands it in with the values behind its
    /// commitments; what the server says of it.
    pub(super) fn submit_as(
        &mut self,
        key: SigningKey,
        draft: impl FnOnce(PersonId) -> Result<Drafted, Failure>,
    ) -> Result<Answer, Failure> {
        let member = self.sign_in_as(&key)?;
        let drafted = draft(member)?;
        self.submit_for(member, key, drafted, Assurance::DeviceKey)
    }

    /// Signs what was drafted for somebody who signed in, and hands it in; what the server says of it.
    pub(super) fn submit_for(
        &self,
        member: PersonId,
        key: SigningKey,
        drafted: Drafted,
        assurance: Assurance,
    ) -> Result<Answer, Failure> {
        let actor = Actor::new(member, self.origin()?, key);
        self.hand_in(vec![signed(&actor, drafted, assurance)?])
    }

    /// Hands in a batch of what is signed.
    pub(super) fn hand_in(&self, submissions: Vec<Value>) -> Result<Answer, Failure> {
        self.post("/v1/events?proofs=false", &json!({ "submissions": submissions }))
    }

    /// The name of the ledger.
    pub(super) fn origin(&self) -> Result<String, Failure> {
        let ledger = self.get("/v1/ledger")?.good()?;
        ledger["origin"].as_str().map(str::to_owned).ok_or_else(|| garbled(&"/v1/ledger"))
    }

    pub(super) fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.ask("GET", path, None)
    }

    /// An answer with its list to the last page; by which name the next one is asked for.
    pub(super) fn pages(&self, path: &str, rows: &str, next: &str) -> Result<Value, Failure> {
        let mut whole = self.get(path)?.good()?;
        let sign = if path.contains('?') { '&' } else { '?' };
        while let Some(at) = whole["next"].as_u64() {
            let mut page = self.get(&format!("{path}{sign}{next}={at}"))?.good()?;
            whole["next"] = page["next"].take();
            if let (Some(all), Some(more)) = (whole[rows].as_array_mut(), page[rows].as_array_mut()) {
                all.append(more);
            }
        }
        Ok(whole)
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
                both!(
                    "无法连接 {url}：{error}。请检查地址，确认服务正在运行。",
                    "Cannot reach {url}: {error}. Check the address and that the server runs."
                ),
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
                let request = request.uri(path).extension(here).body(Bytes::from(bytes));
                let request = request.map_err(|error| unreachable(path, &error))?;
                runtime.block_on(async {
                    let answered = server::router(app.clone()).oneshot(request).await;
                    let answer = answered.unwrap_or_else(|never| match never {});
                    let status = answer.status().as_u16();
                    let bytes = axum::body::to_bytes(answer.into_body(), MAX_ANSWER).await;
                    let bytes = bytes.map_err(|error| unreachable(path, &error))?;
                    Ok((status, bytes.to_vec()))
                })
            }
        }
    }
}

/// Closes a ledger that was opened for the question.
impl Drop for Remote {
    fn drop(&mut self) {
        if let Way::Directory { app, .. } = &self.way {
            app.close();
        }
    }
}

/// What was drafted for somebody, signed, to be handed in.
pub(super) fn signed(actor: &Actor, drafted: Drafted, assurance: Assurance) -> Result<Value, Failure> {
    let Drafted { acting_for, body, openings } = drafted;
    let event = actor.event(SystemClock.now(), &mut system_rng(), body);
    let event = Event { acting_for, assurance, ..event };
    let Submission { signed, openings } = Unsigned { event, openings }.sign(actor);
    let openings: Vec<OpeningOut> = openings.iter().map(OpeningOut::of).collect();
    submission(&signed, json!(openings))
}

/// What is signed, with the values behind its commitments, as it is handed in.
pub(super) fn submission(signed: &SignedEvent, openings: Value) -> Result<Value, Failure> {
    let envelope: Value = serde_json::from_str(&signed.to_json()).map_err(|error| garbled(&error))?;
    Ok(json!({ "envelope": envelope, "openings": openings }))
}

/// The position of the only event of a batch.
pub(super) fn recorded_at(answer: Answer) -> Result<u64, Failure> {
    let answer = answer.good()?;
    answer["receipts"][0]["position"].as_u64().ok_or_else(|| garbled(&"/v1/events"))
}

fn member_of(session: &Value) -> Result<PersonId, Failure> {
    let member = session["member"].as_str().and_then(|id| id.parse().ok());
    member.ok_or_else(|| garbled(&"/v1/sessions"))
}

/// The certificates in a file.
fn authorities(file: &Path) -> Result<RootCerts, Failure> {
    let pem = std::fs::read(file).map_err(|error| Failure::file(file, &error))?;
    let certificate = |item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
        Ok(_) => None,
        Err(error) => Some(Err(Failure::file(file, &error))),
    };
    let found = parse_pem(&pem).filter_map(certificate).collect::<Result<Vec<Certificate<'static>>, _>>()?;
    if found.is_empty() {
        let file = file.display();
        return Err(Failure::storage(both!(
            "{file}：其中没有证书（-----BEGIN CERTIFICATE-----）。请检查环境变量 {ROOTS}。",
            "{file}: there is no certificate in it (-----BEGIN CERTIFICATE-----). Check the environment variable {ROOTS}."
        )));
    }
    Ok(found.into())
}

/// An answer that is not what was asked for.
pub(super) fn garbled(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        Exit::Unreachable,
        both!(
            "服务器的回答无法识别：{error}。请确认地址是时光簿服务，且版本相同。",
            "The server's answer cannot be read: {error}. Check that it is Hourbook, of this version."
        ),
    )
}

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or(Value::Null)
}

/// A text as part of a query or path.
pub(super) fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

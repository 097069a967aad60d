//! `POST /v1/events`: signed events in, receipts out.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::commitment::Opening;
use hourbook_ledger::domain::Code;
use hourbook_ledger::dsse::SignedEvent;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::wire::MAX_OPENINGS;
use hourbook_ledger::{sequencer, wire};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::proving::{Prover, ProvingError};
use crate::http::extract::Query;
use crate::http::names::field_named;
use crate::http::receipt::Receipt;
use crate::problem::{Document, Fault, Problem};
use crate::state::App;

const PROTOBUF: &str = "application/x-protobuf";

/// An event as handed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SubmissionIn {
    /// A DSSE envelope.
    #[schema(value_type = DsseEnvelope)]
    envelope: Box<RawValue>,
    /// The values behind the event's commitments. They go to the vault, never to the log.
    #[serde(default)]
    openings: Vec<OpeningIn>,
}

/// Several events that are accepted or refused as one.
#[derive(Deserialize, ToSchema)]
pub struct Batch {
    /// 1 to 1,024 events, in order; at most 16 of them grant one-time codes.
    #[schema(value_type = Vec<SubmissionIn>, nullable = false, required = true)]
    submissions: Option<Vec<SubmissionIn>>,
    /// Only an envelope has one.
    #[schema(ignore)]
    payload: Option<serde::de::IgnoredAny>,
}

/// A DSSE envelope (v1) around an event.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DsseEnvelope {
    /// Base64 of the encoded event.
    payload: String,
    /// `application/vnd.hourbook.event.v1+protobuf`
    payload_type: String,
    /// Exactly one.
    signatures: Vec<DsseSignature>,
}

/// A signature of an envelope.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct DsseSignature {
    /// 32 lower-case hexadecimal digits.
    keyid: String,
    /// Base64 of 64 bytes.
    sig: String,
}

/// A value with the salt that opens its commitment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpeningIn {
    /// Whose value it is: a person, wish, activity or recording.
    #[schema(format = "uuid")]
    subject: String,
    /// What kind of value: `name`, `phone`, `id-number`, `address`, `volunteer-number`, `title`, `place`, `content`,
    /// `lead`, `wish-text`, `wish-sentence`, `reason`, `code` or `note`.
    field: String,
    /// Base64 of 32 bytes.
    salt: String,
    /// The canonical value.
    value: String,
}

/// Either of the two shapes of a body.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[serde(untagged)]
#[allow(dead_code)] // describes the body; see `read_json`
pub(super) enum EventsBody {
    /// One event without openings.
    Envelope(DsseEnvelope),
    /// An atomic batch.
    Batch(Batch),
}

/// The answers, in the order of the submissions.
#[derive(Serialize, ToSchema)]
pub struct Receipts {
    /// One for each; the same whenever the same bytes are handed in.
    pub receipts: Vec<Receipt>,
    /// A tlog-proof file for each receipt, under the newest checkpoint that covers it; so it differs between
    /// resubmissions, as the log grows. Left out with `proofs=false`, or if the log could not be read just now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<String>,
}

/// What the answer shall hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Whether the answer shall have proofs; the default is yes. A bulk load does without.
    pub proofs: Option<bool>,
}

/// Hands in one signed event or an atomic batch. Handing the same bytes in again gives the original receipts, always;
/// a refusal is never remembered. Protobuf bodies are `hourbook.v1.AppendRequest`; answers are in the form that
/// `Accept` names, else in that of the request.
#[utoipa::path(post, path = "/v1/events", tag = "events",
    params(Wanted),
    request_body(content((EventsBody = "application/json"), (Vec<u8> = "application/x-protobuf"))),
    responses(
        (status = 201, description = "Durable, and at least one was new", body = Receipts),
        (status = 200, description = "All were on the log before", body = Receipts),
        (status = 400, description = "malformed, batch-size", body = Document, content_type = "application/problem+json"),
        (status = 403, description = "The signer may not assert it", body = Document, content_type = "application/problem+json"),
        (status = 409, description = "Against the present state", body = Document, content_type = "application/problem+json"),
        (status = 413, description = "too-large", body = Document, content_type = "application/problem+json"),
        (status = 415, description = "unsupported-media-type", body = Document, content_type = "application/problem+json"),
        (status = 422, description = "Against a rule", body = Document, content_type = "application/problem+json"),
        (status = 429, description = "too-many-codes; Retry-After says when", body = Document, content_type = "application/problem+json"),
        (status = 503, description = "busy or stopped; Retry-After says when", body = Document, content_type = "application/problem+json"),
    ))]
pub async fn append(
    State(app): State<Arc<App>>,
    wanted: Result<Query<Wanted>, Problem>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    // Refused after the body was read: else the connection is cut, and a client may miss the answer.
    let Query(wanted) = wanted?;
    let format = Format::of_request(&headers)?;
    let body = body.map_err(|rejection| read_failed(&rejection, app.max_body))?;
    let append = match format {
        Format::Json => wire::Append { submissions: read_json(&body)?, proofs: true },
        Format::Protobuf => wire::decode_append(&body).map_err(|error| unreadable(&error))?,
    };
    let with_proofs = wanted.proofs.unwrap_or(append.proofs);
    let before = app.reader.head().size;
    let receipts = app.hand_in(append.submissions.into_iter().map(submission).collect()).await?;
    let known = receipts.iter().all(|receipt| receipt.position < before);
    let status = if known { StatusCode::OK } else { StatusCode::CREATED };
    let proofs = if with_proofs { proofs(&app, &receipts).await } else { Vec::new() };
    Ok(match format.of_answer(&headers) {
        Format::Json => {
            let receipts = receipts.iter().map(|receipt| Receipt::of(&app, receipt)).collect();
            (status, Json(Receipts { receipts, proofs })).into_response()
        }
        Format::Protobuf => {
            let bytes = wire::encode_receipts(&receipts, proofs);
            (status, [(header::CONTENT_TYPE, PROTOBUF)], bytes).into_response()
        }
    })
}

/// A proof for each receipt. The events are durable whatever happens here, so a log that cannot be read costs only the
/// proofs; they can be asked for later.
pub(crate) async fn proofs(app: &App, receipts: &[sequencer::Receipt]) -> Vec<String> {
    let (reader, positions) = (app.reader.clone(), receipts.iter().map(|r| r.position).collect::<Vec<_>>());
    let prove = move || {
        let prover = Prover::new(reader);
        let proofs = positions.into_iter().map(|position| Ok(prover.receipt(position)?.to_string()));
        proofs.collect::<Result<Vec<_>, ProvingError>>()
    };
    let error: Box<dyn std::error::Error + Send> = match tokio::task::spawn_blocking(prove).await {
        Ok(Ok(proofs)) => return proofs,
        Ok(Err(error)) => Box::new(error),
        Err(error) => Box::new(error),
    };
    tracing::error!(%error, "receipts go out without proofs");
    Vec::new()
}

/// As the sequencer takes it.
pub(crate) fn submission(read: wire::Submission) -> Submission {
    Submission { signed: read.signed, openings: read.openings }
}

/// How bodies are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Json,
    Protobuf,
}

impl Format {
    fn of_request(headers: &HeaderMap) -> Result<Self, Problem> {
        if let Some(coding) = headers.get(header::CONTENT_ENCODING).filter(|coding| *coding != "identity") {
            let coding = String::from_utf8_lossy(coding.as_bytes());
            let how = format!("content-encoding: {coding} is not read, send the body as it is");
            return Err(Fault::UnsupportedMediaType.because(how));
        }
        let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        Self::parse(text).ok_or(Fault::UnsupportedMediaType.into())
    }

    fn of_answer(self, headers: &HeaderMap) -> Self {
        let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        accept.flat_map(|line| line.split(',')).find_map(Self::parse).unwrap_or(self)
    }

    fn parse(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" | "application/vnd.dsse.envelope.v1+json" => Some(Self::Json),
            "application/x-protobuf" | "application/protobuf" => Some(Self::Protobuf),
            _ => None,
        }
    }
}

fn read_failed(rejection: &BytesRejection, most: usize) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Code::TooLarge.because(format_args!("the body: at most {most} bytes")).into()
        }
        _ => Fault::BadRequest.because("the body ended early"),
    }
}

fn malformed(why: impl std::fmt::Display) -> Problem {
    Code::Malformed.because(why).into()
}

fn read_json(body: &[u8]) -> Result<Vec<wire::Submission>, Problem> {
    let batch: Batch = serde_json::from_slice(body).map_err(malformed)?;
    let Some(submissions) = batch.submissions else {
        let signed = SignedEvent::from_json(body).map_err(malformed)?;
        return Ok(vec![wire::Submission { signed, openings: Vec::new() }]);
    };
    if batch.payload.is_some() {
        return Err(malformed("an envelope and a batch at once: one of them would not be looked at"));
    }
    let read = |(index, submission): (usize, SubmissionIn)| {
        let signed = SignedEvent::from_json(submission.envelope.get().as_bytes());
        let signed = signed.map_err(|error| malformed(error).at_index(index))?;
        check_count(submission.openings.len()).map_err(|problem| problem.at_index(index))?;
        let openings = submission.openings.into_iter().map(OpeningIn::read).collect::<Result<_, _>>();
        Ok(wire::Submission { signed, openings: openings.map_err(|problem| problem.at_index(index))? })
    };
    submissions.into_iter().enumerate().map(read).collect()
}

fn check_count(openings: usize) -> Result<(), Problem> {
    match openings {
        0..=MAX_OPENINGS => Ok(()),
        more => Err(malformed(format_args!("{more} openings, at most {MAX_OPENINGS}"))),
    }
}

impl OpeningIn {
    fn read(self) -> Result<Opening, Problem> {
        let subject = uuid::Uuid::try_parse(&self.subject).map_err(|_| malformed("opening: subject"))?;
        let field = field_named(&self.field).ok_or_else(|| malformed("opening: field"))?;
        let salt = STANDARD.decode(&self.salt).ok().and_then(|salt| salt.try_into().ok());
        let salt = salt.ok_or_else(|| malformed("opening: salt: not base64 of 32 bytes"))?;
        Ok(Opening { subject: subject.into_bytes(), field, salt, value: self.value })
    }
}

/// What is wrong with a request that is not as the schema has it.
pub(crate) fn unreadable(error: &wire::WireError) -> Problem {
    match (&*error.path, &error.problem) {
        ("submissions", wire::Problem::Count { found, .. }) => {
            Fault::BatchSize.because(format_args!("{found} events"))
        }
        _ => Problem { index: index_in(&error.path), ..malformed(error) },
    }
}

/// The index in `submissions[3].envelope`.
fn index_in(path: &str) -> Option<usize> {
    path.strip_prefix("submissions[")?.split_once(']')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_has_the_form_that_is_asked_for() {
        let with = |accept: &'static str| HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
        assert_eq!(Format::Json.of_answer(&with("text/html, application/protobuf;q=0.9")), Format::Protobuf);
        assert_eq!(Format::Protobuf.of_answer(&with("application/json")), Format::Json);
        assert_eq!(Format::Protobuf.of_answer(&with("*/*")), Format::Protobuf);
        assert_eq!(Format::Json.of_answer(&HeaderMap::new()), Format::Json);
    }

    #[test]
    fn an_envelope_beside_a_batch_is_not_passed_over() {
        let both = br#"{"submissions":[],"payload":"","payloadType":"","signatures":[]}"#;
        assert_eq!(read_json(both).unwrap_err().code(), "malformed");
        assert_eq!(read_json(br#"{"submissions":[],"more":1}"#).unwrap().len(), 0);
    }

    #[test]
    fn a_body_that_is_packed_is_called_so() {
        let with = |coding: &'static str| {
            let json = (header::CONTENT_TYPE, "application/json".parse().unwrap());
            Format::of_request(&HeaderMap::from_iter([
                json,
                (header::CONTENT_ENCODING, coding.parse().unwrap()),
            ]))
        };
        assert_eq!(with("identity").unwrap(), Format::Json);
        let refused = with("gzip").unwrap_err();
        assert_eq!(refused.code(), "unsupported-media-type");
        assert!(refused.detail.unwrap().contains("gzip"));
    }

    #[test]
    fn a_fault_in_a_batch_names_its_event() {
        assert_eq!(index_in("submissions[3].envelope.payload"), Some(3));
        assert_eq!(index_in("submissions"), None);
        assert_eq!(index_in("openings[1]"), None);
    }
}

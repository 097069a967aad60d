//! Every refusal as a problem document (RFC 9457), and the one map from codes to HTTP statuses.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hourbook_ledger::domain::{Code, Reason, Rejection};
use hourbook_ledger::sequencer::SubmitError;
use serde::Serialize;
use utoipa::ToSchema;

/// How long a client is asked to wait when the ledger is busy or a position has not been reached, in seconds.
const RETRY_SECONDS: u32 = 1;

/// Whether the same request may succeed later.
const AGAIN: bool = true;
const NEVER: bool = false;

macro_rules! faults {
    ($($(#[$doc:meta])* $code:ident = $name:literal, $status:ident, $later:ident, $zh:literal, $en:literal;)*) => {
        /// What can go wrong with a request beside what the rules refuse.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Fault { $($(#[$doc])* $code),* }

        impl Fault {
            /// Every fault.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The stable name, kebab-case; no refusal code has it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name),* }
            }

            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> StatusCode {
                match self { $(Self::$code => StatusCode::$status),* }
            }

            /// Whether the same request may succeed later.
            #[must_use]
            pub fn is_transient(self) -> bool {
                match self { $(Self::$code => $later),* }
            }

            /// What is wrong and how to mend it, in Chinese.
            #[must_use]
            pub fn zh(self) -> &'static str {
                match self { $(Self::$code => $zh),* }
            }

            /// What is wrong and how to mend it, in English.
            #[must_use]
            pub fn en(self) -> &'static str {
                match self { $(Self::$code => $en),* }
            }
        }
    };
}

faults! {
    /// A path, query or JSON value cannot be read.
    BadRequest = "bad-request", BAD_REQUEST, NEVER, "请求参数有误：请对照接口说明修改。", "A path, query or body value cannot be read: see the description of the route.";
    /// A batch has 1 to 1,024 events, at most 16 of them grants of codes.
    BatchSize = "batch-size", BAD_REQUEST, NEVER, "一次可提交 1 至 1,024 条，其中登录码至多 16 个。", "A batch has 1 to 1,024 events, at most 16 of them one-time codes.";
    /// A consistency proof leads from a smaller size to a larger one that was reached.
    BadSizes = "bad-sizes", BAD_REQUEST, NEVER, "一致性证明须从较小的条数到已达到的较大条数。", "A consistency proof leads from a size to one that is no smaller and was reached.";
    /// The position lies further ahead than any group could reach.
    PositionAhead = "position-ahead", BAD_REQUEST, NEVER, "账簿还远没有到这个位置。", "The ledger is far from that position: check it.";
    /// The port speaks TLS, and the request came in the clear.
    HttpsOnly = "https-only", BAD_REQUEST, NEVER, "此端口只用 https：请把网址开头的 http 改为 https。", "This port speaks https alone: begin the address with https.";
    /// Nobody is signed in.
    SignInRequired = "sign-in-required", UNAUTHORIZED, NEVER, "请先登录。", "Sign in first.";
    /// The session has ended.
    SessionOver = "session-over", UNAUTHORIZED, NEVER, "登录已失效：请重新登录。", "The session is over: sign in again.";
    /// The code is not one that was handed out.
    WrongCode = "wrong-code", UNAUTHORIZED, NEVER, "登录码不正确：请核对后再试，或向社区重新领取。", "The code is wrong: check it, or ask the community for a new one.";
    /// The challenge is unknown, used or over, or its signature does not fit.
    WrongChallenge = "wrong-challenge", UNAUTHORIZED, NEVER, "登录验证未通过：请重新获取验证串并签名。", "The challenge is used or over, or the signature does not fit: ask for a new one.";
    /// The reader may not see it.
    NotForYou = "not-for-you", FORBIDDEN, NEVER, "您无权查看或办理：请联系本人、所在社区或单位。", "This is not yours to see or do: ask the person, the community or the unit.";
    /// Entries of the log are for auditors.
    AuditorsOnly = "auditors-only", FORBIDDEN, NEVER, "日志条目只对全账簿的审计员开放：请以审计员身份登录。", "Entries of the log are for auditors of the whole ledger: sign in as one.";
    /// A page of another site sent the request.
    CrossSite = "cross-site", FORBIDDEN, NEVER, "请求来自其他网站，已拒绝。", "The request came from another site and was refused.";
    /// Nothing is signed in a session that a code opened.
    NoKeyHere = "no-key-here", FORBIDDEN, NEVER, "您凭登录码登录：由服务器代签，不用自己签名。", "You signed in with a code: the server witnesses what you do, and you sign nothing.";
    /// A session opened with a key asserts nothing: the key's holder signs.
    SignItYourself = "sign-it-yourself", FORBIDDEN, NEVER, "您以密钥登录：请用该密钥签名后提交。", "You signed in with a key: sign the event with it and submit that.";
    /// There is nothing here.
    NotFound = "not-found", NOT_FOUND, NEVER, "没有找到。", "There is nothing here.";
    /// No list was published for the organisation and period.
    NoList = "no-list", NOT_FOUND, NEVER, "该组织这一期尚未公布榜单：请换一期或换一个组织查看。", "No list was published for this organisation and period: try another of either.";
    /// A policy says that nobody is ranked.
    RankingsOff = "rankings-off", NOT_FOUND, NEVER, "本账簿按规则不排名：没有时长榜，也不起草红黄榜。", "By a policy of this ledger nobody is ranked: there is no leaderboard and no draft of a list.";
    /// The path does not take this method.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, NEVER, "此地址不支持这种请求方法。", "This path does not take that method.";
    /// The body is of a type that the route does not read.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, NEVER, "不支持的内容类型：请用 application/json 或 application/x-protobuf。", "The body's type is not read here: use application/json or application/x-protobuf.";
    /// A signer granted too many one-time codes.
    TooManyCodes = "too-many-codes", TOO_MANY_REQUESTS, AGAIN, "您一小时内或一天内发放的登录码过多（被拒绝的也计入）：请稍后再试，或请同事发放。", "You granted too many one-time codes within an hour or a day, refused ones included: wait, or let a colleague hand them out.";
    /// Too many attempts to sign in.
    TooManyAttempts = "too-many-attempts", TOO_MANY_REQUESTS, AGAIN, "尝试次数过多：请稍后再试。", "Too many attempts: wait a little.";
    /// One client sends too many requests.
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, AGAIN, "请求过于频繁：请稍后再试。", "Too many requests: wait a little.";
    /// The body is larger than the route takes.
    BodyTooLarge = "body-too-large", PAYLOAD_TOO_LARGE, NEVER, "内容过大：请拆成几个文件或分几次提交。", "The body is larger than is taken here: split it into several.";
    /// The sheets that are read just now leave no memory for another.
    SheetsBusy = "sheets-busy", TOO_MANY_REQUESTS, AGAIN, "正在读取的表格较多：请稍后再试。", "Several sheets are being read just now: try again in a moment.";
    /// Something broke here.
    Internal = "internal", INTERNAL_SERVER_ERROR, AGAIN, "系统出错，已记录：请稍后再试。", "Something broke here and was noted: try again later.";
    /// The vault holds something else than was put into it.
    VaultDamaged = "vault-damaged", INTERNAL_SERVER_ERROR, NEVER, "保密库中的内容已损坏或缺少密钥：请运维人员运行 hourbook verify 查明，并从备份恢复。", "A value in the vault is damaged or its key is missing: its operator finds it with `hourbook verify` and restores a backup.";
    /// The queue is full; nothing was taken.
    Busy = "busy", SERVICE_UNAVAILABLE, AGAIN, "系统繁忙：请稍后重试。", "The ledger is busy: try again in a moment.";
    /// The server is ending: what was open is closed.
    Ending = "ending", SERVICE_UNAVAILABLE, AGAIN, "服务正在停止：请稍后重新连接。", "The server is ending: connect again in a moment.";
    /// The reader of a subscription took nothing for too long.
    SlowReader = "slow-reader", SERVICE_UNAVAILABLE, AGAIN, "读取过慢，订阅已结束：请从所给位置继续。", "The reader took nothing for too long: go on from the position that is given.";
    /// The answer took longer than it may.
    TimedOut = "timed-out", SERVICE_UNAVAILABLE, AGAIN, "处理超时，结果未知：请原样重新提交。", "It took too long and what became of it is unknown: send the same again.";
    /// Storage failed or the server is ending.
    Stopped = "stopped", SERVICE_UNAVAILABLE, AGAIN, "账簿已停止写入：重启后请原样重新提交。", "The ledger has stopped: submit the same bytes again after its restart.";
    /// There is no room on the disk.
    DiskFull = "disk-full", SERVICE_UNAVAILABLE, AGAIN, "磁盘已满，暂停写入，这次没有记录任何内容：请运维人员腾出空间（无需重启），之后请原样重新提交。", "The ledger's disk is full and nothing of this was recorded: its operator makes room, no restart is needed; then submit the same bytes again.";
    /// The clock leapt, or is behind the last entry.
    ClockInDoubt = "clock-in-doubt", SERVICE_UNAVAILABLE, AGAIN, "服务器时钟可疑，已暂停写入：请运维人员运行 hourbook clock 核对，之后请原样重新提交。", "The server's clock is in doubt and nothing is recorded: its operator has to look at it with `hourbook clock`; then submit the same bytes again.";
    /// The position was not reached in time.
    NotYet = "not-yet", SERVICE_UNAVAILABLE, AGAIN, "数据尚未更新到所要求的位置：请稍后重试。", "The reading side has not reached that position yet: try again in a moment.";
}

impl Fault {
    /// A problem with a detail.
    #[must_use]
    pub fn because(self, detail: impl std::fmt::Display) -> Problem {
        Problem { detail: Some(detail.to_string()), ..Problem::from(self) }
    }
}

/// The HTTP status of a refusal: 400 unreadable, 403 not allowed, 409 against the present state, 413 too large,
/// 422 readable and allowed but against a rule.
#[must_use]
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::Malformed => StatusCode::BAD_REQUEST,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::KeyUnknown
        | Code::KeyRevoked
        | Code::BadSignature
        | Code::NotAuthorised
        | Code::BeyondOwnRole
        | Code::FourEyes => StatusCode::FORBIDDEN,
        Code::IdReused
        | Code::WrongRevision
        | Code::FoundingState
        | Code::AlreadyExists
        | Code::SpanOverlaps
        | Code::RowRecorded
        | Code::RowState
        | Code::ActivityElsewhere
        | Code::KeyState
        | Code::ActivityState
        | Code::SignUpState
        | Code::ReportInState
        | Code::AboveTransferLimit
        | Code::NotEnoughCredit
        | Code::HoldState
        | Code::WishState
        | Code::TooManyClaims
        | Code::GrantState
        | Code::HoldsOffice
        | Code::NotDue => StatusCode::CONFLICT,
        Code::WrongLedger
        | Code::IdOutOfWindow
        | Code::OutOfRange
        | Code::UnknownOrg
        | Code::UnknownPerson
        | Code::UnknownKey
        | Code::UnknownRole
        | Code::UnknownActivity
        | Code::UnknownRecord
        | Code::UnknownHold
        | Code::UnknownWish
        | Code::UnknownGrant
        | Code::UnknownAct
        | Code::CircularOrg
        | Code::NoPolicy
        | Code::PolicyInPast
        | Code::BadInterval
        | Code::NotAffiliated
        | Code::BadList
        | Code::BadOpening => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Which rule or fault a problem is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A refusal by the rules.
    Rule(Code),
    /// Anything else.
    Fault(Fault),
}

/// A problem: what is sent instead of an answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.code())]
pub struct Problem {
    /// Which.
    pub kind: Kind,
    /// Which of a rule's conditions failed, where it has several.
    pub reason: Option<Reason>,
    /// Field, limit or ids concerned; never personal data.
    pub detail: Option<String>,
    /// Index in the batch of the first event that was refused.
    pub index: Option<usize>,
    /// The row of that event.
    pub row: Option<u16>,
    /// Seconds to wait, sent as `Retry-After`.
    pub retry_after: Option<u32>,
}

/// A problem document.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// Where the code is described: `/problems/<code>`.
    #[serde(rename = "type")]
    #[schema(example = "/problems/wrong-revision")]
    kind: String,
    /// What is wrong, in English.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// Field, limit or ids concerned; never personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The stable code.
    #[schema(example = "wrong-revision")]
    code: &'static str,
    /// Which condition failed, if the code has several: a stable name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ends-before-it-begins")]
    why: Option<&'static str>,
    /// What is wrong and how to mend it, in Chinese.
    zh: &'static str,
    /// What is wrong and how to mend it, in English.
    en: &'static str,
    /// Index in the batch of the first event that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    /// The row of that event.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u16>,
    /// Whether the same request may succeed later without being changed.
    transient: bool,
}

impl Kind {
    /// The stable code.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule(code) => code.name(),
            Self::Fault(fault) => fault.name(),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Rule(code) => status(code),
            Self::Fault(fault) => fault.status(),
        }
    }

    /// What is wrong and how to mend it, in Chinese and in English.
    #[must_use]
    pub fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Rule(code) => (code.zh(), code.en()),
            Self::Fault(fault) => (fault.zh(), fault.en()),
        }
    }

    /// Whether the same request may succeed later without being changed.
    #[must_use]
    pub fn is_transient(self) -> bool {
        match self {
            Self::Rule(code) => code.is_transient(),
            Self::Fault(fault) => fault.is_transient(),
        }
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        let waits = matches!(
            kind,
            Kind::Fault(
                Fault::Busy
                    | Fault::NotYet
                    | Fault::Stopped
                    | Fault::DiskFull
                    | Fault::Ending
                    | Fault::TimedOut
            )
        );
        let retry_after = waits.then_some(RETRY_SECONDS);
        Self { kind, reason: None, detail: None, index: None, row: None, retry_after }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Kind::Fault(fault).into()
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Kind::Rule(code).into()
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let Rejection { code, reason, row, detail } = rejection;
        Self { reason, detail, row, ..Self::from(code) }
    }
}

/// Whether a ledger stopped for want of room, by what the system said.
fn is_full_disk(why: &str) -> bool {
    use rustix::io::Errno;
    [Errno::NOSPC, Errno::DQUOT]
        .iter()
        .any(|errno| why.contains(&format!("(os error {})", errno.raw_os_error())))
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Busy => Fault::Busy.into(),
            SubmitError::BatchSize(events) => Fault::BatchSize.because(format_args!("{events} events")),
            SubmitError::Stopped(why) => {
                tracing::error!(%why, "a submission met a stopped ledger");
                match is_full_disk(&why) {
                    true => Fault::Stopped
                        .because("the disk is full: its operator makes room and restarts the server"),
                    false => Fault::Stopped.into(),
                }
            }
            // What is full is for the operator, who finds the path in the server's own log.
            SubmitError::Full(_) => Fault::DiskFull.into(),
            SubmitError::Clock(fault) => Fault::ClockInDoubt.because(fault),
            SubmitError::Refused(refused) => {
                Self { index: Some(refused.index), ..Self::from(refused.rejection) }
            }
        }
    }
}

impl Problem {
    /// Something broke here: the log says what, the answer does not.
    #[must_use]
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Fault::Internal.into()
    }

    /// The same problem of one event of a batch.
    #[must_use]
    pub fn at_index(mut self, index: usize) -> Self {
        self.index = Some(index);
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.name()
    }

    /// What is wrong and how to mend it, in Chinese and in English, as closely as is known.
    #[must_use]
    pub fn texts(&self) -> (&'static str, &'static str) {
        self.reason.map_or_else(|| self.kind.texts(), |reason| (reason.zh(), reason.en()))
    }

    /// As it is sent.
    #[must_use]
    pub fn document(self) -> Document {
        let (zh, en) = self.texts();
        Document {
            kind: format!("/problems/{}", self.kind.name()),
            title: en,
            status: self.kind.status().as_u16(),
            detail: self.detail,
            code: self.kind.name(),
            why: self.reason.map(Reason::name),
            zh,
            en,
            index: self.index,
            row: self.row,
            transient: self.kind.is_transient(),
        }
    }
}

impl From<hourbook_ledger::engine::EngineError> for Problem {
    fn from(error: hourbook_ledger::engine::EngineError) -> Self {
        Self::internal(&error)
    }
}

impl From<hourbook_ledger::vault::VaultError> for Problem {
    fn from(error: hourbook_ledger::vault::VaultError) -> Self {
        use hourbook_ledger::vault::VaultError as Vault;
        match error {
            Vault::Full { .. } => Fault::DiskFull.into(),
            Vault::Damaged { .. } | Vault::KeyLost(_) | Vault::Missing(_) => {
                tracing::error!(%error, "the vault is damaged");
                Fault::VaultDamaged.into()
            }
            other => Self::internal(&other),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        metrics::counter!("hourbook_problems_total", "code" => self.code()).increment(1);
        let (status, retry_after) = (self.kind.status(), self.retry_after);
        let mut response = (status, Json(self.document())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"hourbook\""));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_fault_has_the_name_of_a_refusal_or_of_another() {
        let mut names: Vec<_> =
            Code::ALL.iter().map(|c| c.name()).chain(Fault::ALL.iter().map(|f| f.name())).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_full_disk_is_named_to_whoever_submits() {
        let error = std::io::Error::from_raw_os_error(28);
        let full = SubmitError::Stopped(format!("log: cannot write /x: {error}; mend that and start again"));
        let (full, other) = (Problem::from(full), Problem::from(SubmitError::Stopped("a fault".to_owned())));
        assert_eq!((full.code(), other.code()), ("stopped", "stopped"));
        assert!(full.detail.is_some_and(|detail| detail.contains("the disk is full")));
        assert_eq!(other.detail, None);
    }

    #[test]
    fn every_refusal_is_a_client_error_with_both_texts() {
        for code in Code::ALL {
            let document = Problem::from(*code).document();
            assert!((400..500).contains(&document.status), "{code:?}");
            assert!(!document.zh.is_ascii() && document.en.is_ascii(), "{code:?}");
            assert_eq!(document.kind, format!("/problems/{}", code.name()));
        }
    }
}

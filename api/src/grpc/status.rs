//! Every refusal as a gRPC status: the one map from codes to statuses, and the details beside them.

use std::collections::HashMap;

use hourbook_ledger::domain::Code as Rule;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::log::feed::End;
use crate::problem::{Fault, Kind, Problem};

/// The domain of the ErrorInfo in the details.
pub const DOMAIN: &str = "hourbook";
/// Where a subscription that the server ended goes on.
pub const RESUME_FROM: &str = "hourbook-resume-from";

/// The status of a refusal by the rules: whoever may not do it, what is not there, what is there already, what the
/// present state does not allow, and what no state would allow.
#[must_use]
pub fn of_rule(code: Rule) -> Code {
    use Rule::*;
    match code {
        KeyUnknown | KeyRevoked | BadSignature | NotAuthorised | BeyondOwnRole | FourEyes => {
            Code::PermissionDenied
        }
        WrongRevision => Code::Aborted,
        IdReused | AlreadyExists | RowRecorded => Code::AlreadyExists,
        UnknownOrg | UnknownPerson | UnknownKey | UnknownRole | UnknownActivity | UnknownRecord
        | UnknownHold | UnknownWish | UnknownGrant | UnknownAct => Code::NotFound,
        FoundingState | SpanOverlaps | NoPolicy | RowState | ActivityElsewhere | ActivityState
        | SignUpState | NotAffiliated | ReportInState | AboveTransferLimit | NotEnoughCredit | HoldState
        | WishState | TooManyClaims | KeyState | GrantState | HoldsOffice | NotDue => {
            Code::FailedPrecondition
        }
        Malformed | TooLarge | WrongLedger | IdOutOfWindow | OutOfRange | CircularOrg | PolicyInPast
        | BadInterval | BadList | BadOpening => Code::InvalidArgument,
    }
}

/// The status of anything else that can go wrong.
#[must_use]
pub fn of_fault(fault: Fault) -> Code {
    use Fault::*;
    match fault {
        BadRequest | HttpsOnly | BodyTooLarge | BatchSize | BadSizes | UnsupportedMediaType => {
            Code::InvalidArgument
        }
        PositionAhead => Code::OutOfRange,
        SignInRequired | SessionOver | WrongCode | WrongChallenge => Code::Unauthenticated,
        NotForYou | AuditorsOnly | CrossSite | SignItYourself | NoKeyHere => Code::PermissionDenied,
        NotFound | NoList | RankingsOff => Code::NotFound,
        MethodNotAllowed => Code::Unimplemented,
        TooManyCodes | TooManyAttempts | TooManyRequests | SheetsBusy | SlowReader => Code::ResourceExhausted,
        TimedOut => Code::DeadlineExceeded,
        Internal => Code::Internal,
        VaultDamaged => Code::DataLoss,
        Busy | Ending | Stopped | DiskFull | ClockInDoubt | NotYet => Code::Unavailable,
    }
}

/// The status of any problem.
#[must_use]
pub fn code(kind: Kind) -> Code {
    match kind {
        Kind::Rule(rule) => of_rule(rule),
        Kind::Fault(fault) => of_fault(fault),
    }
}

fn details(problem: &Problem) -> ErrorDetails {
    let (zh, en) = problem.texts();
    let transient = problem.kind.is_transient().to_string();
    let known = [("zh", zh.to_owned()), ("en", en.to_owned()), ("transient", transient)].into_iter();
    let told = [
        ("why", problem.reason.map(|reason| reason.name().to_owned())),
        ("detail", problem.detail.clone()),
        ("index", problem.index.map(|index| index.to_string())),
        ("row", problem.row.map(|row| row.to_string())),
    ];
    let told = told.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let metadata: HashMap<String, String> = known.chain(told).map(|(k, v)| (k.to_owned(), v)).collect();
    let mut details = ErrorDetails::with_error_info(problem.code(), DOMAIN, metadata);
    if let Some(seconds) = problem.retry_after {
        details.set_retry_info(Some(std::time::Duration::from_secs(seconds.into())));
    }
    details
}

fn message(problem: &Problem) -> String {
    let (_, en) = problem.texts();
    problem.detail.as_ref().map_or_else(|| en.to_owned(), |detail| format!("{en} ({detail})"))
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        metrics::counter!("hourbook_problems_total", "code" => problem.code()).increment(1);
        Self::with_error_details(code(problem.kind), message(&problem), details(&problem))
    }
}

impl From<End> for Status {
    fn from(end: End) -> Self {
        let mut metadata = MetadataMap::new();
        metadata.insert(RESUME_FROM, MetadataValue::from(end.resume_from));
        let message = format!("{}; go on from position {}", message(&end.problem), end.resume_from);
        Self::with_error_details_and_metadata(
            code(end.problem.kind),
            message,
            details(&end.problem),
            metadata,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_status_and_its_code_in_the_details() {
        let rules = Rule::ALL.iter().map(|code| Problem::from(*code));
        for problem in rules.chain(Fault::ALL.iter().map(|fault| Problem::from(*fault))) {
            let (name, http) = (problem.code(), problem.kind.status());
            let status = Status::from(problem);
            assert_ne!(status.code(), Code::Ok, "{name}");
            let info = status.get_details_error_info().unwrap();
            assert_eq!((info.reason.as_str(), info.domain.as_str()), (name, DOMAIN));
            assert!(!info.metadata["zh"].is_empty() && !info.metadata["en"].is_empty(), "{name}");
            let server_side = matches!(status.code(), Code::Unavailable | Code::Internal);
            assert!(!server_side || http.is_server_error(), "{name}: {http} and {:?}", status.code());
        }
    }

    #[test]
    fn a_refusal_in_a_batch_names_event_and_row() {
        let problem = Problem { index: Some(3), row: Some(7), ..Rule::RowState.into() };
        let info = Status::from(problem).get_details_error_info().unwrap();
        assert_eq!((info.metadata["index"].as_str(), info.metadata["row"].as_str()), ("3", "7"));
    }

    #[test]
    fn an_ended_subscription_says_where_to_go_on() {
        let status = Status::from(End { problem: Fault::SlowReader.into(), resume_from: 41 });
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert_eq!(status.metadata().get(RESUME_FROM).unwrap(), "41");
        assert!(status.message().contains("go on from position 41"));
    }
}

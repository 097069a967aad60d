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
    match code {
        Rule::KeyUnknown
        | Rule::KeyRevoked
        | Rule::BadSignature
        | Rule::NotAuthorised
        | Rule::BeyondOwnRole
        | Rule::FourEyes => Code::PermissionDenied,
        Rule::WrongRevision => Code::Aborted,
        Rule::IdReused | Rule::AlreadyExists | Rule::RowRecorded => Code::AlreadyExists,
        Rule::UnknownOrg
        | Rule::UnknownPerson
        | Rule::UnknownKey
        | Rule::UnknownRole
        | Rule::UnknownActivity
        | Rule::UnknownRecord
        | Rule::UnknownHold
        | Rule::UnknownWish
        | Rule::UnknownGrant
        | Rule::UnknownAct => Code::NotFound,
        Rule::FoundingState
        | Rule::SpanOverlaps
        | Rule::NoPolicy
        | Rule::RowState
        | Rule::ActivityElsewhere
        | Rule::ActivityState
        | Rule::SignUpState
        | Rule::NotAffiliated
        | Rule::ReportInState
        | Rule::AboveTransferLimit
        | Rule::NotEnoughCredit
        | Rule::HoldState
        | Rule::WishState
        | Rule::TooManyClaims
        | Rule::KeyState
        | Rule::GrantState
        | Rule::HoldsOffice
        | Rule::NotDue => Code::FailedPrecondition,
        Rule::Malformed
        | Rule::TooLarge
        | Rule::WrongLedger
        | Rule::IdOutOfWindow
        | Rule::OutOfRange
        | Rule::CircularOrg
        | Rule::PolicyInPast
        | Rule::BadInterval
        | Rule::BadList
        | Rule::BadOpening => Code::InvalidArgument,
    }
}

/// The status of anything else that can go wrong.
#[must_use]
pub fn of_fault(fault: Fault) -> Code {
    match fault {
        Fault::BadRequest
        | Fault::BodyTooLarge
        | Fault::BatchSize
        | Fault::BadSizes
        | Fault::UnsupportedMediaType => Code::InvalidArgument,
        Fault::PositionAhead => Code::OutOfRange,
        Fault::SignInRequired | Fault::SessionOver | Fault::WrongCode | Fault::WrongChallenge => {
            Code::Unauthenticated
        }
        Fault::NotForYou | Fault::AuditorsOnly | Fault::CrossSite | Fault::SignItYourself => {
            Code::PermissionDenied
        }
        Fault::NotFound | Fault::NoList => Code::NotFound,
        Fault::MethodNotAllowed => Code::Unimplemented,
        Fault::TooManyCodes
        | Fault::TooManyAttempts
        | Fault::TooManyRequests
        | Fault::SheetsBusy
        | Fault::SlowReader => Code::ResourceExhausted,
        Fault::TimedOut => Code::DeadlineExceeded,
        Fault::Internal => Code::Internal,
        Fault::VaultDamaged => Code::DataLoss,
        Fault::Busy
        | Fault::Ending
        | Fault::Stopped
        | Fault::DiskFull
        | Fault::ClockInDoubt
        | Fault::NotYet => Code::Unavailable,
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
    let (zh, en) = problem.kind.texts();
    let transient = problem.kind.is_transient().to_string();
    let known = [("zh", zh.to_owned()), ("en", en.to_owned()), ("transient", transient)].into_iter();
    let told = [
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
    let (_, en) = problem.kind.texts();
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

//! `GET /v1/members/{id}/balance`: a member's credit (时间币).

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::event::Account;
use hourbook_ledger::domain::ids::PersonId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::parts::{Json, Path, Query, stamp};
use super::problem::{Document, Problem};
use super::reading::{AsOf, reach};
use crate::app::App;
use crate::session::Session;
use crate::visibility::{Viewer, look_at_record};

const MOST: usize = 200;

/// What of the statement is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BalanceQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// How many postings, the newest first; 20 unless told, at most 200.
    #[serde(default = "usual")]
    limit: usize,
}

fn usual() -> usize {
    20
}

/// A member's credit.
#[derive(Serialize, ToSchema)]
pub struct BalanceOut {
    /// The member.
    #[schema(format = "uuid")]
    pub member: String,
    /// Spendable credit in minutes; below zero within the overdraft, or as a debt after a reversal.
    pub balance_minutes: i64,
    /// Credit set aside at present, in minutes; no part of the balance.
    pub held_minutes: i64,
    /// The newest postings.
    pub postings: Vec<PostingOut>,
}

/// A posting as the member's account sees it.
#[derive(Serialize, ToSchema)]
pub struct PostingOut {
    /// Position of the event that caused it.
    pub position: u64,
    /// When that was recorded.
    #[schema(format = "date-time")]
    pub at: String,
    /// Minutes gained, or lost if negative.
    pub minutes: i64,
    /// The kind of event that caused it.
    pub cause: &'static str,
    /// The kind of the other account: `issuance`, `person`, `fund` or `hold`.
    pub counter: &'static str,
    /// The balance after it, in minutes.
    pub balance_minutes: i64,
}

fn account_kind(account: Account) -> &'static str {
    match account {
        Account::Issuance => "issuance",
        Account::Person(_) => "person",
        Account::Fund(_) => "fund",
        Account::Hold(_) => "hold",
    }
}

/// A member's credit. For whoever may see the member's record.
#[utoipa::path(get, path = "/v1/members/{id}/balance", tag = "members",
    params(("id" = String, Path, format = "uuid"), BalanceQuery), security(("token" = []), ("cookie" = [])),
    responses((status = 200, body = AsOf<BalanceOut>), (status = 401, body = Document), (status = 403, body = Document)))]
pub async fn balance(
    State(app): State<Arc<App>>,
    session: Option<Session>,
    Path(id): Path<PersonId>,
    Query(query): Query<BalanceQuery>,
) -> Result<Json<AsOf<BalanceOut>>, Problem> {
    reach(&app, query.min_position).await?;
    look_at_record(&app, Viewer::from(session), id).await?;
    let models = app.read.read();
    let (account, offset) = (Account::Person(id), models.directory.offset());
    let newest = models.accounts.statement(account).rev().take(query.limit.min(MOST));
    let postings = newest.map(|posting| PostingOut {
        position: posting.position,
        at: stamp(posting.at, offset),
        minutes: posting.minutes,
        cause: posting.cause.name(),
        counter: account_kind(posting.counter),
        balance_minutes: posting.balance,
    });
    let answer = BalanceOut {
        member: id.to_string(),
        balance_minutes: models.accounts.balance(account),
        held_minutes: models.accounts.held(id),
        postings: postings.collect(),
    };
    Ok(Json(AsOf::at(models.as_of(), answer)))
}

//! `GET /v1/members/{id}/balance`: a member's credit (时间币).

use std::sync::Arc;

use axum::extract::State;
use hourbook_ledger::domain::event::Account;
use hourbook_ledger::domain::ids::PersonId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::token::Session;
use crate::auth::visibility::{Viewer, look_at_record};
use crate::http::as_of::{AsOf, reach};
use crate::http::extract::{Json, Path, Query, page_size, stamp};
use crate::problem::{Document, Problem};
use crate::state::App;

const USUAL: usize = 20;
const MOST: usize = 200;

/// What of the statement is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BalanceQuery {
    /// See the description of reads.
    min_position: Option<u64>,
    /// Where the page begins: `next` of the page before. What is posted meanwhile moves no posting to another page.
    before: Option<usize>,
    /// How many postings, the newest first; 20 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
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
    /// The postings of this page, the newest first.
    pub postings: Vec<PostingOut>,
    /// Where the next page begins, to be passed as `before`; none if this is the last.
    pub next: Option<usize>,
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
    let limit = page_size(query.limit, USUAL, MOST)?;
    reach(&app, query.min_position).await?;
    look_at_record(&app, Viewer::from(session), id).await?;
    let models = app.read.read();
    let (account, offset) = (Account::Person(id), models.directory.offset());
    let statement = models.accounts.statement(account);
    // Postings are only ever added: counted from the first, each keeps its number.
    let (count, first) =
        (statement.len(), statement.len().saturating_sub(query.before.unwrap_or(usize::MAX)));
    let next = (count - first).checked_sub(limit).filter(|next| *next > 0);
    let page = statement.rev().skip(first).take(limit);
    let postings = page.map(|posting| PostingOut {
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
        next,
    };
    Ok(Json(AsOf::at(models.as_of(), answer)))
}

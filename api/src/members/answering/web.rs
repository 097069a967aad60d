//! `/report-ins`: who waits for an answer, answered together.

use axum::response::Response;
use hourbook_ledger::domain::event::Looked;
use hourbook_projections::Models;
use hourbook_projections::directory::ReportInState;

use super::super::actions::{ACCEPTED, ANSWER_REPORT_IN, COMMUNITY, PERSON};
use super::page;
use crate::auth::visibility::{STAFF, Seen};
use crate::commands::Given;
use crate::problem::{Fault, Problem};
use crate::ui::request::{PageRequest, see_other};
use crate::ui::signing::Signed;
use crate::ui::{labels, names, paths};

/// So many are answered at once.
const SHOWN: usize = 60;

pub(crate) async fn page(request: PageRequest) -> Result<Response, Problem> {
    if let Err(sign_in) = request.signed_in(paths::REPORT_INS) {
        return Ok(see_other(&sign_in));
    }
    let seen = Seen::default();
    let page = make(&request, &seen)?;
    seen.record(&request.app, request.viewer()).await?;
    Ok(page)
}

fn make(request: &PageRequest, seen: &Seen) -> Result<Response, Problem> {
    let models = request.app.read.read();
    if request.covered(&models, &STAFF).is_none() {
        return Err(Fault::NotForYou.into());
    }
    let view = view(request, &models, seen)?;
    request.draw(&models, |shell| page::render(shell, &view))
}

fn view(request: &PageRequest, models: &Models, seen: &Seen) -> Result<page::View, Problem> {
    let (visibility, directory) = (request.visibility(models), &models.directory);
    let waiting = directory.report_ins().filter(|(_, report)| {
        report.state == ReportInState::Pending && visibility.holds(&STAFF, report.community)
    });
    let (mut known, others): (Vec<_>, Vec<_>) = waiting.partition(|(person, _)| visibility.id_of(*person));
    known.sort_by_key(|(_, report)| report.position);
    let more = known.len().saturating_sub(SHOWN);
    known.truncate(SHOWN);
    let answered = |accepted| Given::default().with(&ACCEPTED, accepted);
    let signed = Signed::new(&ANSWER_REPORT_IN, answered(true), paths::REPORT_INS.to_owned())
        .leaving_out(&ANSWER_REPORT_IN, answered(false));
    let rows = known.into_iter().map(|(person, report)| {
        seen.line(&visibility, Looked::Record, person);
        let given = Given::default().with(&PERSON, person).with(&COMMUNITY, report.community);
        let today = request.today(models);
        let ties = directory.register().people.get(person).map_or(&[][..], |known| &known.affiliations);
        let unit = ties.iter().find(|tie| {
            tie.kind == hourbook_ledger::domain::event::AffiliationKind::Organisational
                && tie.span.contains(today)
        });
        let name = request.app.shown_name(&visibility, person)?;
        Ok(page::Row {
            name: name.unwrap_or_else(|| labels::nameless(request.lang()).to_owned()),
            unit: unit.map(|tie| names::org(directory, tie.org)).unwrap_or_default(),
            community: names::org(directory, report.community),
            position: report.position,
            accepted: signed.row(&given),
            refused: signed.row_left_out(&given),
        })
    });
    let rows = rows.collect::<Result<_, Problem>>()?;
    Ok(page::View { rows, more, others: others.len(), signed })
}

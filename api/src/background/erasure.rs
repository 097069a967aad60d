//! Carries out erasures: destroys a person's vault key once erasure was asked for on the log, then says so on the log.

use hourbook_ledger::domain::event::{Body, MemberEvent};
use std::sync::{Arc, Weak};
use std::time::Duration;

use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::person::Erasure;
use hourbook_ledger::erasure;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::problem::{Fault, Problem};
use crate::state::App;

/// After so long it is tried again whether there is room on the disk.
const ROOM: Duration = Duration::from_secs(10);

/// Works until the server ends. A start brings the requests that a crash cut short; those that were carried out are
/// passed over.
pub(crate) async fn carry_out(app: Weak<App>, mut requests: UnboundedReceiver<Vec<PersonId>>) {
    while let Some(people) = requests.recv().await {
        for person in people {
            if erase_when_there_is_room(&app, person).await.is_none() {
                return;
            }
        }
    }
}

/// Erases a person; waits for room on the disk if there is none. `None` if the server ends.
async fn erase_when_there_is_room(app: &Weak<App>, person: PersonId) -> Option<()> {
    loop {
        let erased = erase(&app.upgrade()?, person).await;
        let Err(problem) = erased else { return Some(()) };
        if problem.code() != Fault::DiskFull.name() {
            tracing::error!(code = problem.code(), %person, "an erasure waits for the next start");
            return Some(());
        }
        tracing::warn!(%person, "an erasure waits for room on the disk");
        tokio::time::sleep(ROOM).await;
    }
}

async fn erase(app: &Arc<App>, person: PersonId) -> Result<(), Problem> {
    let erasure = app.read.read().directory.register().people.get(person).map(|p| p.erasure);
    if erasure != Some(Erasure::Requested) {
        return Ok(());
    }
    let subjects = app.handle.read_state(move |state, _| erasure::subjects(state, person)).await?;
    let vault = app.vault.clone();
    let destroyed = tokio::task::spawn_blocking(move || vault.apply_erasures(&subjects)).await;
    destroyed.map_err(|error| Problem::internal(&error))??;
    app.names.forget();
    app.assert_own(Body::Member(MemberEvent::PersonalDataErased { person })).await.map(|_| ())
}

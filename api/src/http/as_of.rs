//! What every read has in common: `min_position` in, `as_of_position` out.

use std::time::Duration;

use hourbook_projections::Reached;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::{Fault, Problem};
use crate::state::App;

/// How long a read waits for a position.
const WAIT: Duration = Duration::from_secs(2);

/// What every read takes.
#[derive(Deserialize, IntoParams, Clone, Copy, Default, Debug)]
#[into_params(parameter_in = Query)]
pub struct AtLeast {
    /// The answer must rest on the event with this position, that of a receipt. Waits two seconds at most, then `not-yet`;
    /// a position more than a group ahead is refused as `position-ahead`.
    #[serde(default)]
    pub min_position: Option<u64>,
}

impl AtLeast {
    /// Waits until the read side has the event.
    ///
    /// # Errors
    /// [`Fault::NotYet`], [`Fault::PositionAhead`].
    pub async fn wait(self, app: &App) -> Result<(), Problem> {
        reach(app, self.min_position).await
    }
}

/// Waits until the read side has the event at a position, if one is named.
///
/// # Errors
/// [`Fault::NotYet`], [`Fault::PositionAhead`].
pub async fn reach(app: &App, position: Option<u64>) -> Result<(), Problem> {
    let Some(position) = position else { return Ok(()) };
    match app.read.wait_for(position, WAIT).await {
        Reached::Ready => Ok(()),
        Reached::NotYet => Err(Fault::NotYet.into()),
        Reached::Beyond => {
            Err(Fault::PositionAhead.because(format_args!("the log has {} entries", app.read.as_of())))
        }
    }
}

/// An answer with the state of the log that it rests on.
#[derive(Serialize, ToSchema, Debug)]
pub struct AsOf<T> {
    /// The number of entries that the answer rests on: the next position.
    pub as_of_position: u64,
    /// The answer.
    #[serde(flatten)]
    pub answer: T,
}

impl<T> AsOf<T> {
    /// An answer as of a cursor.
    pub fn at(as_of_position: u64, answer: T) -> Self {
        Self { as_of_position, answer }
    }
}

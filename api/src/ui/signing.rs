//! What is signed on a page: the form of an action, and what its script has to know.

use hourbook_ledger::domain::event::BodyKind;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::layout::Shell;
use crate::commands::{Action, Given, Kind};

/// A form whose action is signed in the page, as its script reads it.
#[derive(Clone, Debug)]
pub struct Signed {
    action: &'static Action,
    kind: BodyKind,
    given: Given,
    done: String,
}

impl Signed {
    /// An action that makes an event of a kind, with what its address says; afterwards the browser goes to a path.
    pub(crate) fn new(action: &'static Action, kind: BodyKind, given: Given, done: String) -> Self {
        Self { action, kind, given, done }
    }

    /// What the address says, as `POST /v1/drafts` takes it.
    fn given(&self) -> String {
        let known = self.action.inputs.iter().filter_map(|input| {
            let text = self.given.get(input)?;
            let value = match input.kind {
                Kind::Flag => Value::Bool(text == "true"),
                Kind::Minutes | Kind::Rating => text.parse::<u32>().map_or(Value::Null, Value::from),
                _ => Value::from(text),
            };
            Some((input.name.to_owned(), value))
        });
        Value::Object(known.collect::<Map<_, _>>()).to_string()
    }

    /// What the form asks for, and how that is sent: as a number, a text, or a text of which the event has a commitment.
    fn inputs(&self) -> String {
        let asked = self.action.inputs.iter().filter(|input| !input.label.0.is_empty());
        let sent = asked.map(|input| {
            let how = match input.kind {
                Kind::Minutes | Kind::Rating => "number",
                Kind::Text => "vault",
                _ => "text",
            };
            (input.name.to_owned(), Value::from(how))
        });
        Value::Object(sent.collect::<Map<_, _>>()).to_string()
    }
}

/// A form that posts in a session by a code, and is signed in the page in one by a key.
pub(crate) fn form(shell: &Shell, to: &str, signed: &Signed, fields: &Markup) -> Markup {
    let signed = shell.signer().map(|_| signed);
    html! {
        form method="post" action=(to)
            data-sign=[signed.map(|signed| signed.action.name)]
            data-kind=[signed.map(|signed| signed.kind.name())]
            data-given=[signed.map(Signed::given)]
            data-inputs=[signed.map(Signed::inputs)]
            data-done=[signed.map(|signed| &signed.done)] { (fields) }
    }
}

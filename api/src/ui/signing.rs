//! What is signed on a page: the form of an action, and what its script has to know.

use hourbook_ledger::domain::ids::PersonId;
use hourbook_ledger::domain::time::Offset;
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::i18n::Lang;
use super::layout::Shell;
use super::paths;
use crate::commands::{Action, Given, Input, Kind, Words};

/// A form whose action is signed in the page, as its script reads it.
#[derive(Clone, Debug)]
pub struct Signed {
    action: &'static Action,
    given: Given,
    done: String,
    then: Vec<(&'static Action, Given)>,
    gather: Option<&'static Input>,
    left_out: Option<(&'static Action, Given)>,
    on_behalf: Option<PersonId>,
    composed: Option<Composed>,
}

/// Several actions that one form says, by a composer of its script.
#[derive(Clone, Debug)]
struct Composed {
    composer: &'static str,
    beside: Vec<(&'static Action, Given)>,
    /// The ledger's distance from UTC, by which the script reads times of day.
    offset: Offset,
}

impl Signed {
    /// An action with what its address says; afterwards the browser goes to a path.
    pub(crate) fn new(action: &'static Action, given: Given, done: String) -> Self {
        Self {
            action,
            given,
            done,
            then: Vec::new(),
            gather: None,
            left_out: None,
            on_behalf: None,
            composed: None,
        }
    }

    /// Each is followed by another action for the person whom it names, in the same batch: both are recorded, or none.
    pub(crate) fn then(mut self, action: &'static Action, given: Given) -> Self {
        self.then.push((action, given));
        self
    }

    /// Staff do it for a person who is there (代办): the event names both.
    pub(crate) fn on_behalf(mut self, person: PersonId) -> Self {
        self.on_behalf = Some(person);
        self
    }

    /// The form has rows to be ticked. What the ticked ones say is gathered in one list; else each ticked row is an action
    /// of its own.
    pub(crate) fn gathering(mut self, list: &'static Input) -> Self {
        self.gather = Some(list);
        self
    }

    /// What a row that is not ticked is, if a reason is chosen for it.
    pub(crate) fn leaving_out(mut self, action: &'static Action, given: Given) -> Self {
        self.left_out = Some((action, given));
        self
    }

    /// The form says several actions of different kinds, recorded together or not at all: the script's composer of this name
    /// makes them of what is typed and ticked.
    pub(crate) fn composed(
        mut self,
        composer: &'static str,
        beside: Vec<(&'static Action, Given)>,
        offset: Offset,
    ) -> Self {
        self.composed = Some(Composed { composer, beside, offset });
        self
    }

    /// What the composer has beside the action of the form.
    fn beside(&self) -> Option<String> {
        let all = self.composed.as_ref()?.beside.iter().map(|(action, given)| told(action, given));
        Some(Value::Array(all.collect()).to_string())
    }

    /// What a row says of the action, as its script reads it.
    pub(crate) fn row(&self, given: &Given) -> String {
        said(self.action, given).to_string()
    }

    /// What a row says that is left out.
    pub(crate) fn row_left_out(&self, given: &Given) -> Option<String> {
        self.left_out.as_ref().map(|(action, _)| said(action, given).to_string())
    }

    /// What becomes of rows that are left out, as the script reads it.
    fn left_out(&self) -> Option<String> {
        self.left_out.as_ref().map(|(action, given)| told(action, given).to_string())
    }

    /// The actions that follow, as the script reads them.
    fn following(&self) -> Option<String> {
        let all = self.then.iter().map(|(action, given)| told(action, given));
        (!self.then.is_empty()).then(|| Value::Array(all.collect()).to_string())
    }

    /// What the address says, as `POST /v1/drafts` takes it.
    fn given(&self) -> String {
        said(self.action, &self.given).to_string()
    }

    /// What the form asks for or the script draws, and how that is sent: as a number, a text, or a text of which the event
    /// has a commitment.
    fn inputs(&self) -> String {
        inputs(self.action).to_string()
    }
}

/// An action beside that of the form.
fn told(action: &Action, given: &Given) -> Value {
    let (sign, kind) = (action.name, action.makes.name());
    json!({ "sign": sign, "kind": kind, "inputs": inputs(action), "given": said(action, given) })
}

/// What an action was told, as JSON has it.
fn said(action: &Action, given: &Given) -> Value {
    let known = action.inputs.iter().filter_map(|input| {
        let text = given.get(input)?;
        let value = match input.kind {
            Kind::Flag => Value::Bool(text == "true"),
            Kind::Minutes | Kind::Rating | Kind::Moment | Kind::Row | Kind::Number => number(text),
            Kind::Rows => text.split(',').map(number).collect(),
            Kind::List(_) | Kind::OptionalList(_) => text.split(',').map(Value::from).collect(),
            _ => Value::from(text),
        };
        Some((input.name.to_owned(), value))
    });
    Value::Object(known.collect::<Map<_, _>>())
}

fn number(text: &str) -> Value {
    text.parse::<i64>().map_or(Value::Null, Value::from)
}

fn inputs(action: &Action) -> Value {
    let drawn = |kind| matches!(kind, Kind::NewId | Kind::Code | Kind::Moment);
    let asked = action.inputs.iter().filter(|input| !input.label.0.is_empty() || drawn(input.kind));
    let sent = asked.map(|input| {
        let how = match input.kind {
            Kind::Minutes | Kind::Rating => "number",
            Kind::Text | Kind::OptionalText => "vault",
            Kind::NewId => "id",
            Kind::Code => "code",
            Kind::Moment => "week",
            _ => "text",
        };
        (input.name.to_owned(), Value::from(how))
    });
    Value::Object(sent.collect::<Map<_, _>>())
}

/// Why whoever signed in with a code can only look at a page of forms that are signed.
pub(crate) fn needs_a_key(shell: &Shell) -> Markup {
    html! {
        @if shell.signer().is_none() {
            p.notice {
                (shell.t(
                    "您凭登录码登录，只能查看。办理要用密钥登录后签名。",
                    "You signed in with a code and can only look: sign in with your key to do something here.",
                ))
            }
            p.more { a.button.second href=(paths::OWN_KEYS) { (shell.t("我的密钥", "My keys")) } }
        }
    }
}

/// A field for rows that were copied from a sheet, of what the action asks for row by row.
pub(crate) fn rows(lang: Lang, action: &Action, label: Words, example: Words) -> Markup {
    let columns = action.inputs.iter().filter(|input| !input.heads.is_empty());
    let columns = columns.map(
        |input| json!({ "name": input.name, "heads": input.heads, "required": !input.kind.is_optional() }),
    );
    html! {
        label.field {
            span { (lang.t(label.0, label.1)) }
            textarea rows="8" required spellcheck="false" placeholder=(lang.t(example.0, example.1))
                data-columns=(Value::Array(columns.collect())) {}
        }
    }
}

/// What a row is asked that is not ticked: why, as the value of an input, or left for later.
pub(crate) fn left_out(
    shell: &Shell,
    input: &str,
    label: Words,
    later: Words,
    choices: &[(&str, String)],
) -> Markup {
    html! {
        template data-left-out {
            label.field.why-left {
                span { (shell.words(label)) span.hidden data-of {} }
                select data-why=(input) {
                    option value="" { (shell.words(later)) }
                    @for (value, words) in choices { option value=(value) { (words) } }
                }
            }
        }
    }
}

/// The bar at the foot of a form with rows: how many are ticked and for how long, as whom, with which key, and one button. It
/// asks for the PIN only if the key is locked. `sum` says it with `{n}` ticked rows of `{h}` hours `{m}` minutes, and `{left}`
/// that are sent back.
pub(crate) fn bar(shell: &Shell, button: Words, sum: Words) -> Markup {
    let Some((viewer, signer)) = shell.viewer.as_ref().zip(shell.signer()) else { return html! {} };
    html! {
        div.foot-bar data-bar {
            p {
                b data-sum=(shell.words(sum)) {} br;
                span.fine {
                    (shell.t("签名人：", "Signed by ")) (viewer.name)
                    (shell.t("，密钥 ", ", key ")) code { (signer.key.get(..8).unwrap_or(&signer.key)) }
                }
            }
            div.buttons {
                button.second type="button" data-all { (shell.t("全部勾选", "Tick all")) }
                button type="submit" { (shell.words(button)) }
            }
        }
    }
}

/// A form that posts in a session by a code, and is signed in the page in one by a key.
pub(crate) fn form(shell: &Shell, to: &str, signed: &Signed, fields: &Markup) -> Markup {
    let signed = shell.signer().map(|_| signed);
    let composed = signed.and_then(|signed| signed.composed.as_ref());
    html! {
        form method="post" action=(to)
            data-sign=[signed.map(|signed| signed.action.name)]
            data-kind=[signed.map(|signed| signed.action.makes.name())]
            data-given=[signed.map(Signed::given)]
            data-inputs=[signed.map(Signed::inputs)]
            data-then=[signed.and_then(Signed::following)]
            data-gather=[signed.and_then(|signed| signed.gather).map(|list| list.name)]
            data-left=[signed.and_then(Signed::left_out)]
            data-compose=[composed.map(|composed| composed.composer)]
            data-offset=[composed.map(|composed| composed.offset.0)]
            data-beside=[signed.and_then(Signed::beside)]
            data-behalf=[signed.and_then(|signed| signed.on_behalf)]
            data-done=[signed.map(|signed| &signed.done)] { (fields) }
    }
}

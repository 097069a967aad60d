//! Forms made from what an action needs to be told.

use maud::{Markup, html};

use super::layout::Shell;
use crate::commands::{Action, Given, Input, Kind};

/// The rating that stands chosen at first is the best: most are, and one tap is enough then.
const RATINGS: [(u8, &str, &str); 5] = [
    (5, "5 分，很满意", "5, very content"),
    (4, "4 分，满意", "4, content"),
    (3, "3 分，一般", "3, so-so"),
    (2, "2 分，不太满意", "2, not quite content"),
    (1, "1 分，不满意", "1, not content"),
];

/// A field of one line for an input.
pub(crate) fn line(shell: &Shell, input: &Input) -> Markup {
    html! {
        label.field {
            span { (shell.words(input.label)) }
            input type="text" name=(input.name) required[!input.kind.is_optional()] maxlength="240" autocomplete="off";
        }
    }
}

/// The fields for what a person has to say; ids are in the form's address.
pub(crate) fn fields(shell: &Shell, action: &Action, given: &Given) -> Markup {
    html! {
        @for input in action.inputs.iter().filter(|input| !input.label.0.is_empty()) {
            label.field {
                span { (shell.t(input.label.0, input.label.1)) }
                @match input.kind {
                    Kind::Rating => select name=(input.name) {
                        @for (value, zh, en) in RATINGS { option value=(value) { (shell.t(zh, en)) } }
                    },
                    Kind::Minutes => input name=(input.name) type="number" inputmode="numeric" min="1" max="10080" required value=[given.get(input)];,
                    _ => textarea name=(input.name) required { (given.get(input).unwrap_or_default()) },
                }
            }
        }
    }
}

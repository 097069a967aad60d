//! Forms made from what an action needs to be told.

use maud::{Markup, html};

use super::layout::Shell;
use crate::commands::{Action, Given, Input, Kind, Words};

/// The rating that stands chosen at first is the best: most are, and one tap is enough then.
const RATINGS: [(u8, &str, &str); 3] =
    [(5, "满意", "content"), (3, "基本满意", "mostly content"), (1, "不满意", "not content")];

/// A rating of 1 to 5 in the three words that people say.
pub(crate) fn rating(rating: u8) -> Words {
    let spoken = RATINGS.iter().find(|(least, ..)| rating >= *least - u8::from(*least > 1));
    spoken.map_or(("", ""), |(_, zh, en)| (zh, en))
}

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

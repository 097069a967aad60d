//! The form by which staff post a wish for a resident.

use maud::{Markup, html};

use super::super::actions::{MINUTES, TEXT};
use crate::commands::category::CATEGORY;
use crate::ui::components::{Tone, breadcrumb, card, heading, notice};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::paths;
use crate::ui::signing::{self, Signed};

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// One was just posted.
    pub done: bool,
    /// The form, if it is known whose wish it is.
    pub form: Option<Form>,
}

/// The form for one resident.
#[derive(Clone, Debug)]
pub struct Form {
    /// The resident's name.
    pub resident: String,
    /// The community that posts it.
    pub community: String,
    /// Code and words of each category.
    pub categories: Vec<(String, String)>,
    /// What is signed, if the reader posts wishes where the resident lives.
    pub signed: Option<Signed>,
}

/// What most wishes take, in minutes.
const USUAL: u32 = 60;

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("代提心愿", "Post a wish for somebody");
    let lead = shell.t(
        "住户的原话存入保险库；公众只看到另一位同事审核过的一句话。",
        "The resident's words go to the vault; the public reads only the sentence that a colleague passes.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::TODAY, shell.t("今日", "Today"))], title))
        (heading(title, Some(lead)))
        @if view.done {
            (notice(Tone::Good, shell.t("心愿已提交", "The wish is posted"), &html! {
                p { (shell.t("等另一位同事审核，审核通过后公众才看得到。", "A colleague vets it next; until then the public does not see it.")) }
            }))
        }
        (signing::needs_a_key(shell))
        @match &view.form {
            None => (card("", shell.t("先找到住户", "Find the resident first"), &html! {
                p { (shell.t("打开住户的页面，按“提心愿”。还没有登记的，请先登记。", "Open the resident's page and press “Post a wish”. Whoever is not registered is registered first.")) }
                p.more { a href=(paths::IMPORT_WISHES) { (shell.t("从表格导入（微心愿征集认领台账）", "From a sheet, many at once")) } }
                p.more {
                    a.button href=(paths::PEOPLE) { (shell.t("查找居民", "Find a person")) } " "
                    a.button.second href=(paths::REGISTER) { (shell.t("登记居民", "Register people")) }
                }
            })),
            Some(Form { signed: None, .. }) => (notice(Tone::Bad, shell.t("您不能替这位住户提心愿", "You cannot post a wish for this person"), &html! {
                p { (shell.t("心愿由住户所在社区的工作人员提交。", "Staff of the community where the resident lives post it.")) }
            })),
            Some(form @ Form { signed: Some(signed), .. }) => {
                @if shell.signer().is_some() { (card("", &form.resident, &fields(shell, form, signed))) }
            },
        }
    };
    page(shell, Some(Tab::Today), title, &body)
}

fn fields(shell: &Shell, form: &Form, signed: &Signed) -> Markup {
    signing::form(
        shell,
        paths::POST_WISH,
        signed,
        &html! {
            input type="hidden" name="resident-name" value=(form.resident) data-label=(shell.t("谁的心愿", "Whose wish"));
            input type="hidden" name="community-name" value=(form.community) data-label=(shell.t("社区", "Community"));
            p.meta { (form.community) }
            label.field {
                span { (shell.words(TEXT.label)) }
                textarea name=(TEXT.name) required rows="3" maxlength="666" {}
            }
            label.field {
                span { (shell.words(CATEGORY.label)) }
                select name=(CATEGORY.name) { @for (code, words) in &form.categories { option value=(code) { (words) } } }
            }
            label.field {
                span { (shell.t("大约需要多少分钟", "Minutes it may take")) }
                input name=(MINUTES.name) type="number" inputmode="numeric" min="1" max="10080" required value=(USUAL);
            }
            button type="submit" { (shell.t("提交心愿", "Post the wish")) }
            p.fine { (shell.t("请先征得住户同意。未成年人的心愿，请由监护人提出。", "Ask for consent first. For a child, the guardian asks.")) }
        },
    )
}

//! The communities of a street or district: a quarter's figures with their sum, who is behind, and words to remind them.

use maud::{Markup, html};

use crate::commands::Words;
use crate::ui::components::{Choice, Column, breadcrumb, card, empty, filters, heading, select, table};
use crate::ui::i18n;
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::paths;

/// What the reader sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The quarter, in words.
    pub period: String,
    /// The same as in an address.
    pub period_code: String,
    /// Those to choose from.
    pub periods: Vec<Choice>,
    /// The quarter is over.
    pub is_over: bool,
    /// The communities, in the order of the tree.
    pub rows: Vec<Row>,
    /// Their figures added up.
    pub sum: Row,
}

/// A community, or all of them.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its figures, in the order of [`COLUMNS`].
    pub figures: [u64; 8],
    /// What waits beyond its time, in the order of [`BEHIND`].
    pub behind: [u64; 5],
    /// Whom to ask.
    pub workers: Vec<String>,
}

/// The figures of a quarter. Minutes are shown as hours.
pub const COLUMNS: [Words; 8] = [
    ("参加服务人数", "People who served"),
    ("服务时长(小时)", "Hours"),
    ("活动场次", "Shifts held"),
    ("登记条数", "Rows recorded"),
    ("其中补录", "Of them late"),
    ("征集心愿", "Wishes posted"),
    ("已圆梦", "Wishes granted"),
    ("报到党员", "Reported in"),
];

/// Which of [`COLUMNS`] is in minutes.
pub(super) const MINUTES: usize = 1;

/// What waits beyond its time, as it stands in a reminder: `{n}` is how many.
const BEHIND: [Words; 5] = [
    ("超过期限未审核的时长 {n} 条", "hours past their day and not confirmed: {n}"),
    ("活动结束一周以上未点名 {n} 场", "shifts over for more than a week, roll not called: {n}"),
    ("一周以上未审核的心愿 {n} 个", "wishes not vetted for more than a week: {n}"),
    ("办好一周以上未回访的心愿 {n} 个", "wishes done for more than a week, resident not asked: {n}"),
    ("报到待接收 {n} 人", "members who reported in and wait for an answer: {n}"),
];

impl Row {
    /// What waits there, in words; nothing recorded in the quarter is said as such.
    pub(super) fn behind_in_words(&self, shell: &Shell, period: &str) -> Vec<String> {
        let waits = BEHIND.iter().zip(self.behind).filter(|(_, count)| *count > 0);
        let waits = waits.map(|(words, count)| shell.words(*words).replace("{n}", &i18n::count(count)));
        let nothing = self.figures.iter().take(7).all(|figure| *figure == 0);
        let nothing =
            nothing.then(|| format!("{period}{}", shell.t("没有任何记录", ": nothing is on record")));
        nothing.into_iter().chain(waits).collect()
    }
}

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let title = shell.t("各社区情况", "Communities");
    let lead = shell.t(
        "数字由日志算出，没有人填报；谁落下了什么，一眼看清。",
        "The figures come from the log, nobody reports them; and here is who is behind with what.",
    );
    let body = html! {
        (breadcrumb(shell, &[(paths::TODAY, shell.t("今日", "Today"))], title))
        (heading(title, Some(lead)))
        @if view.rows.is_empty() {
            section.card { (empty(
                shell.t("这里还没有社区", "There is no community here yet"),
                shell.t("登记社区后会列在这里。", "They are listed here once they are registered."),
                Some((paths::ORGS, shell.t("登记组织", "Register organisations"))),
            )) }
        } @else {
            div.stacked.screen-only {
                (card("", shell.t("待催办", "Behind"), &behind(shell, view)))
                (filters(shell, paths::COMMUNITIES, &select("period", shell.t("时间", "Period"), &view.periods)))
                p.buttons {
                    button type="button" data-print { (shell.t("打印", "Print")) }
                    a.button.second href=(paths::communities_workbook(&view.period_code)) { (shell.t("下载表格", "Download as XLSX")) }
                }
                @if !view.is_over { p.notice.wait { (shell.t("这个季度还没有结束，数字还会变。", "This quarter is not over: the figures will change.")) } }
            }
            section.card { (figures(shell, view)) }
        }
        script type="module" src=(crate::ui::assets::script("keys/print.mjs")) {}
    };
    page(shell, Some(Tab::Today), title, &body)
}

fn behind(shell: &Shell, view: &View) -> Markup {
    let behind = view.rows.iter().map(|row| (row, row.behind_in_words(shell, &view.period)));
    let behind: Vec<_> = behind.filter(|(_, waits)| !waits.is_empty()).collect();
    html! {
        @if behind.is_empty() {
            p { (shell.t("都办好了，没有要催的。", "All is done: nobody has to be reminded.")) }
        } @else {
            ul.plain.todo {
                @for (row, waits) in &behind {
                    li {
                        div.what {
                            h3 { (row.name) }
                            ul { @for wait in waits { li { (wait) } } }
                            @if !row.workers.is_empty() {
                                p.meta { (shell.t("社区工作者：", "Workers: ")) (row.workers.join(shell.t("、", ", "))) }
                            }
                        }
                    }
                }
            }
            details {
                summary { (shell.t("催办文字，可复制到工作群", "Words to remind them, to copy into a chat")) }
                textarea rows="8" readonly aria-label=(shell.t("催办文字", "Reminder")) { (reminder(shell, &behind)) }
            }
        }
    }
}

/// What is copied into a chat: a line for each community.
fn reminder(shell: &Shell, behind: &[(&Row, Vec<String>)]) -> String {
    let line = |(row, waits): &(&Row, Vec<String>)| {
        format!("{}{}{}", row.name, shell.t("：", ": "), waits.join(shell.t("；", "; ")))
    };
    let lines = behind.iter().map(line).collect::<Vec<_>>().join("\n");
    format!(
        "{}\n{lines}",
        shell.t("请各社区今天在时光簿“今日”里办理：", "Please do these under Today in Hourbook:")
    )
}

/// A figure as it stands in the table.
pub(super) fn cell(column: usize, figure: u64) -> String {
    if column == MINUTES { i18n::hours_number(figure) } else { i18n::count(figure) }
}

type Cell = Box<dyn Fn(&Row) -> Markup>;

fn figures(shell: &Shell, view: &View) -> Markup {
    let cells: Vec<Cell> = (0..COLUMNS.len())
        .map(|at| Box::new(move |row: &Row| html! { (cell(at, row.figures[at])) }) as Cell)
        .collect();
    let name: Cell = Box::new(|row: &Row| html! { b { (row.name) } });
    let mut columns: Vec<Column<'_, Row>> = vec![(shell.t("社区", "Community"), &*name)];
    columns.extend(COLUMNS.iter().zip(&cells).map(|(words, cell)| (shell.words(*words), &**cell)));
    let all: Vec<Row> = view.rows.iter().chain([&view.sum]).cloned().collect();
    let caption = format!("{} {}", shell.t("各社区情况", "Communities"), view.period);
    html! {
        (table(&caption, &columns, &all))
        p.fine { (shell.t("人数按服务当天所属的社区计；同一人在两个社区服务，合计里算两次。", "People count where they belonged on the day; whoever belonged to two communities is in the sum twice.")) }
        p.fine { (shell.t("截至第 ", "As of entry ")) (i18n::count(shell.as_of.position)) (shell.t(" 条记录。", ".")) }
    }
}

//! The roll: by name, ticked for whoever was there; the hours of those who were are recorded with it, in one signature.

use hourbook_ledger::domain::time::Date;
use maud::{Markup, html};

use crate::activities::desk::When;
use crate::commands::Words;
use crate::ui::components::{Tone, badge, breadcrumb, empty, heading, notice};
use crate::ui::layout::{Shell, Tab, page};
use crate::ui::parts::walk_ups;
use crate::ui::signing::{self, Signed};
use crate::ui::{assets, i18n, labels, paths};

/// What the reader sees.
#[derive(Clone, Debug)]
pub struct View {
    /// The activity's id.
    pub activity: String,
    /// What it is called.
    pub title: String,
    /// Who runs it.
    pub org: String,
    /// When the shift is.
    pub when: When,
    /// Who is in it.
    pub rows: Vec<Row>,
    /// Whether the roll can be called.
    pub state: State,
    /// The last day on which hours were in time, if it has passed.
    pub late: Option<Date>,
    /// The reader may look for people who came without signing up.
    pub finds_people: bool,
    /// What is signed.
    pub signed: Signed,
}

/// Whether the roll can be called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Yes.
    Open,
    /// The shift is not over.
    TooEarly,
    /// The activity is not published, or it was cancelled.
    NotOpen,
    /// Not by the reader.
    NotForYou,
}

/// Somebody in the shift.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name, as far as the reader may see it.
    pub name: Option<String>,
    /// What the roll can say of the person.
    pub standing: Standing,
    /// What the script reads.
    pub said: String,
    /// When the person was there, as an earlier roll has it.
    pub own: Option<When>,
}

/// What the roll can say of somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Signed up: was there, or did not come.
    Expected,
    /// On the waiting list, and perhaps there.
    Waiting,
    /// Did not come, as an earlier roll has it.
    Missed,
    /// Was there, as an earlier roll has it; no hours are recorded.
    Called,
    /// Was there, and hours are recorded.
    Done,
    /// The reader, whom somebody else calls.
    Reader,
    /// Somebody whom staff of another place know.
    OutOfReach,
}

/// Why it is entered afterwards, on record in the words of the page.
const REASONS: [Words; 4] = [
    ("纸质签到表当时未及时录入，现按签到表补录", "the paper sheet was not entered in time"),
    ("活动当天停电或没有网络", "no power or no network that day"),
    ("经办人更换，交接后补录", "the work was handed over to a colleague"),
    ("志愿者本人申请补录，已核对签到表", "the volunteer asked for it, and the sheet agrees"),
];

/// What the bar says.
const SUM: Words = (
    "实到 {n} 人，共 {h} 小时 {m} 分；未到 {left} 人",
    "{n} there, {h} h {m} min in all; {left} did not come",
);

/// Renders the page.
pub fn render(shell: &Shell, view: &View) -> Markup {
    let lang = shell.lang();
    let title = shell.t("点名", "Roll call");
    let activity = paths::activity(&view.activity);
    let body = html! {
        (breadcrumb(shell, &[(paths::ACTIVITIES, shell.t("活动", "Activities")), (&activity, &view.title)], title))
        (heading(title, Some(&format!("{} · {} · {}", view.title, view.org, view.when.said(lang)))))
        @match view.state {
            State::Open => {
                (signing::needs_a_key(shell))
                @if shell.signer().is_some() { (form(shell, view)) } @else { section.card { (still(shell, view)) } }
            },
            State::TooEarly => (why_not(shell, view, ("活动还没有结束", "It is not over yet"), ("结束以后才能点名，时长按实际时间登记。", "The roll is called afterwards, and hours are recorded as they were."))),
            State::NotOpen => (why_not(shell, view, ("活动没有发布，或者已经取消", "It is not published, or was cancelled"), ("发布以后才能点名。", "The roll is called of what was published."))),
            State::NotForYou => (why_not(shell, view, ("由社区工作者或领队点名", "A community worker or team lead calls the roll"), ("您可以查看名单。", "You can look at the roster."))),
        }
    };
    page(shell, Some(Tab::Activities), title, &body)
}

fn why_not(shell: &Shell, view: &View, title: Words, text: Words) -> Markup {
    html! {
        (notice(Tone::Wait, shell.words(title), &html! { p { (shell.words(text)) } }))
        section.card.work { (still(shell, view)) }
    }
}

fn name<'a>(shell: &Shell, row: &'a Row) -> &'a str {
    row.name.as_deref().unwrap_or_else(|| labels::nameless(shell.lang()))
}

fn still(shell: &Shell, view: &View) -> Markup {
    html! {
        @if view.rows.is_empty() { (empty(shell.t("没有人报名", "Nobody signed up"), "", None)) }
        ul.plain.picks { @for row in &view.rows { li { b { (name(shell, row)) } } } }
    }
}

fn form(shell: &Shell, view: &View) -> Markup {
    html! {
        @if view.finds_people { (walk_ups::search(shell, ("加入现场来的人：姓名、拼音首字母、电话后四位", "Who came along: name, initials, last four digits of the phone"))) }
        (signing::form(shell, paths::ACTIVITIES, &view.signed, &html! {
            section.card {
                (common_times(shell, view))
                @if let Some(due) = view.late { (late(shell, due)) }
            }
            section.card.work {
                h2 { (shell.t("名单", "Roster")) }
                p.hint { (shell.t("勾选的是实到；报了名没有勾选的，记为未到。顺序不限。", "Who is ticked was there; who had a place and is not ticked did not come. In any order.")) }
                ul.plain.picks data-picks { @for row in &view.rows { (line(shell, row)) } }
            }
            template data-walk-up { (walk_ups::row(shell, ("现场参加", "came along"))) }
            (signing::bar(shell, ("点名并登记时长", "Call the roll and record hours"), SUM))
        }))
        script type="module" src=(assets::script("keys/roll.mjs")) {}
    }
}

/// The same times for all, with the days of the shift.
fn common_times(shell: &Shell, view: &View) -> Markup {
    html! {
        div.times data-times data-first-day=(view.when.first_day) data-last-day=(view.when.last_day) {
            label.field {
                span { (shell.t("签到时间（所有人）", "From, for all")) }
                input type="time" data-from data-said required value=(view.when.start);
            }
            label.field {
                span { (shell.t("签退时间（所有人）", "Until, for all")) }
                input type="time" data-until data-said required value=(view.when.end);
            }
        }
    }
}

fn late(shell: &Shell, due: Date) -> Markup {
    let due = i18n::date(shell.lang(), &due.to_string());
    html! {
        label.field {
            span { (shell.t("补录原因", "Why afterwards")) }
            select data-late data-said required {
                option value="" { (shell.t("请选择", "Choose")) }
                @for reason in REASONS { option { (shell.words(reason)) } }
            }
        }
        p.hint { (shell.t("录入期限 ", "It was due on ")) (due) (shell.t(" 已过，时长会标明“补录”。", ": the hours will be marked as entered afterwards.")) }
    }
}

fn line(shell: &Shell, row: &Row) -> Markup {
    let name = name(shell, row);
    let (can_pick, ticked) = match row.standing {
        Standing::Expected | Standing::Called => (true, true),
        Standing::Waiting | Standing::Missed => (true, false),
        Standing::Done | Standing::Reader | Standing::OutOfReach => (false, false),
    };
    let (tone, words) = match row.standing {
        Standing::Expected => (Tone::Plain, ("已报名", "signed up")),
        Standing::Waiting => (Tone::Plain, ("候补", "waiting")),
        Standing::Missed => (Tone::Wait, ("已记未到", "did not come")),
        Standing::Called => (Tone::Wait, ("已点名，时长未登记", "there; hours to be recorded")),
        Standing::Done => (Tone::Good, ("实到，时长已登记", "there; hours recorded")),
        Standing::Reader => (Tone::Plain, ("您本人，由别人点名", "you: somebody else calls you")),
        Standing::OutOfReach => (Tone::Plain, ("由其所在社区点名", "called by the own community")),
    };
    let absent = matches!(row.standing, Standing::Expected).then(|| shell.t("未到", "did not come"));
    html! {
        @if can_pick {
            li data-row=(row.said) data-name=(name) data-absent=[absent] data-called[row.standing == Standing::Called] {
                label.pick { input type="checkbox" data-pick checked[ticked]; span { b { (name) } " " (badge(tone, shell.words(words))) } }
                (walk_ups::own_times(shell, Some(name), row.own.as_ref().map(|own| (own.start.as_str(), own.end.as_str()))))
            }
        } @else {
            li.still { b { (name) } " " (badge(tone, shell.words(words))) }
        }
    }
}

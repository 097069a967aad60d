//! How far wishes get.

use maud::{Markup, html};

use super::drawing::{Frame, Words, drawing, label, numbers, scaled};
use crate::ui::i18n;

/// One stage and how many wishes reached it.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    /// Name in the page's language.
    pub name: String,
    /// Wishes that reached this stage or a later one.
    pub count: u64,
}

const ROW: u32 = 46;

/// Each stage is a line of text above a bar, so that no label is ever clipped; the pale track is the first stage.
pub fn funnel(frame: Frame, stages: &[Stage]) -> Markup {
    let Some(first) = stages.first() else { return html! {} };
    let lang = frame.lang;
    let title = lang.t("心愿进度", "How far wishes get");
    let desc: Vec<String> = stages.iter().map(|s| format!("{} {}", s.name, i18n::count(s.count))).collect();
    let width = frame.width();
    let body = html! {
        @for (i, stage) in (0u32..).zip(stages) {
            @let y = i * ROW;
            (label(0, y + 17, "", &stage.name))
            (label(width, y + 17, "end strong", &figures(stage, first)))
            rect.track x="0" y=(y + 24) width=(width) height="12" rx="2" {}
            rect.bar x="0" y=(y + 24) width=(scaled(stage.count, first.count, width)) height="12" rx="2" {}
        }
    };
    let height = ROW * u32::try_from(stages.len()).unwrap_or(0) - 6;
    let rows: Vec<Vec<String>> =
        stages.iter().map(|s| vec![s.name.clone(), i18n::count(s.count), share(s, first)]).collect();
    let columns = [lang.t("阶段", "Stage"), lang.t("件数", "Wishes"), lang.t("占发布", "Of posted")];
    html! {
        (drawing(&Words { id: "funnel", title, desc: &desc.join(", ") }, width, height, &body))
        (numbers(lang, title, &columns, &rows))
    }
}

fn figures(stage: &Stage, first: &Stage) -> String {
    if std::ptr::eq(stage, first) {
        return i18n::count(stage.count);
    }
    format!("{} · {}", i18n::count(stage.count), share(stage, first))
}

/// Whole percent, rounded half up; of nothing, a dash.
fn share(stage: &Stage, first: &Stage) -> String {
    match first.count {
        0 => "–".to_owned(),
        whole => format!("{}%", (stage.count * 200 + whole) / (whole * 2)),
    }
}

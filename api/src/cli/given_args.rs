//! What is said once for all rows of a sheet.

use clap::Args;

use crate::sheet::Column;

/// What holds for rows of a sheet that do not say it.
#[derive(Args, Debug)]
pub(super) struct GivenArgs {
    /// 全表的活动名称 / the activity of rows that name none
    #[arg(long, value_name = "TEXT")]
    activity: Option<String>,
    /// 全表的日期，如 2026-11-21 / the day of rows that have none
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// 全表的开始时间，如 8:30 / when rows begin that do not say it
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// 全表的结束时间 / when rows end that do not say it
    #[arg(long, value_name = "TIME")]
    end: Option<String>,
    /// 全表的地点 / the place of rows that have none
    #[arg(long, value_name = "TEXT")]
    place: Option<String>,
    /// 全表的服务内容 / what was done in rows that do not say it
    #[arg(long, value_name = "TEXT")]
    content: Option<String>,
    /// 全表的负责人 / who was in charge of rows that do not say it
    #[arg(long, value_name = "TEXT")]
    lead: Option<String>,
}

impl GivenArgs {
    /// What was given, by its name in the API.
    pub(super) fn told(&self) -> impl Iterator<Item = (Column, &'static str, &str)> {
        let all = [
            (Column::Activity, "activity", &self.activity),
            (Column::Date, "date", &self.date),
            (Column::Start, "start", &self.start),
            (Column::End, "end", &self.end),
            (Column::Place, "place", &self.place),
            (Column::Content, "content", &self.content),
            (Column::Lead, "lead", &self.lead),
        ];
        all.into_iter().filter_map(|(column, name, value)| Some((column, name, value.as_deref()?)))
    }
}

//! The words that communities put over their columns.

use hourbook_ledger::commitment::Field as Value;

use super::faults::Fault;
use super::text;

macro_rules! fields {
    ($($(#[$about:meta])* $field:ident $zh:literal $en:literal $value:ident $missing:ident $aliases:literal;)*) => {
        /// What a column can hold.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Field { $($(#[$about])* $field,)* }

        impl Field {
            pub(super) const ALL: [Field; 10] = [$(Field::$field,)*];

            /// The header that the template and the writers use: Chinese, English.
            #[must_use]
            pub fn title(self) -> (&'static str, &'static str) {
                match self { $(Field::$field => ($zh, $en),)* }
            }

            /// What it is on the ledger, whose bounds hold here, too.
            pub(super) fn value(self) -> Value {
                match self { $(Field::$field => Value::$value,)* }
            }

            pub(super) fn missing(self) -> Fault {
                match self { $(Field::$field => Fault::$missing,)* }
            }

            /// Headers taken for this field, after [`bare`].
            fn aliases(self) -> impl Iterator<Item = &'static str> {
                match self { $(Field::$field => $aliases,)* }.split(' ')
            }
        }
    };
}

// Its titles, what it is on the ledger, what is wrong without it, and its aliases.
fields! {
    /// A person's name.
    Name "姓名" "Name" Name MissingNameAndNumber
        "姓名 居民姓名 志愿者姓名 名字 志愿者 参与人 参加人 参加人员 参与人员 人员姓名 服务人员 name fullname \
         volunteer volunteername";
    /// A telephone number.
    Phone "电话" "Phone" Phone MissingContact
        "电话 手机 手机号 手机号码 联系电话 联系方式 电话号码 移动电话 本人电话 志愿者电话 电话/手机 \
         手机/电话 phone phonenumber phoneno mobile mobilenumber tel telephone cellphone";
    /// The number of the national register.
    Number "志愿者编号" "Volunteer number" VolunteerNumber MissingNameAndNumber
        "志愿者编号 志愿者号 志愿者号码 志愿编号 志愿者证号 志愿者证编号 志愿者注册号 注册号 注册编号 \
         志愿服务编号 志愿者id volunteernumber volunteerno volunteerid";
    /// What an activity is called.
    Activity "活动名称" "Activity" Title MissingActivity
        "活动名称 活动 活动名 活动项目 活动主题 志愿活动 志愿服务活动 志愿活动名称 项目名称 项目 \
         服务项目 志愿服务项目 志愿服务名称 activity activityname event project";
    /// The day on which a service began.
    Date "日期" "Date" Content MissingDate
        "日期 活动日期 服务日期 志愿服务日期 开展日期 参加日期 date servicedate activitydate";
    /// When it began.
    Start "开始时间" "Start" Content MissingStart
        "开始时间 开始 起始时间 服务开始时间 活动开始时间 上岗时间 签到时间 到岗时间 start starttime \
         from begin checkin";
    /// When it ended.
    End "结束时间" "End" Content MissingEnd
        "结束时间 结束 终止时间 截止时间 服务结束时间 活动结束时间 下岗时间 签退时间 离岗时间 end \
         endtime to finish checkout";
    /// Where it took place.
    Place "地点" "Place" Place MissingPlace
        "地点 活动地点 服务地点 志愿服务地点 服务地址 活动地址 地址 场所 place location venue address";
    /// What was done.
    Content "服务内容" "Content" Content MissingContent
        "服务内容 内容 活动内容 志愿服务内容 工作内容 服务事项 content service servicecontent \
         description task work";
    /// Who was in charge.
    Lead "负责人" "Lead" Lead MissingLead
        "负责人 活动负责人 项目负责人 现场负责人 带队人 领队 组织者 队长 lead leader personincharge \
         organizer organiser";
}

/// What a header stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    One(Field),
    /// A phone or a volunteer number, whichever somebody has.
    PhoneOrNumber,
    /// Day and times in one cell.
    When,
    /// How long it took.
    Length,
}

/// A header without what people add to it: `姓名 *（必填）：` is 姓名.
pub(super) fn bare(header: &str) -> String {
    let shown = text::plain(text::beginning(header));
    let shown = shown.split(['(', '[', '【']).next().unwrap_or_default();
    shown.chars().filter(|&c| !matches!(c, ' ' | '*' | ':' | '-' | '_' | '.' | '※')).collect()
}

/// What a header stands for, None if it is not known.
pub(super) fn meaning(header: &str) -> Option<Meaning> {
    let words = bare(header);
    field_of(&words).map(Meaning::One).or_else(|| alone(&words)).or_else(|| either(header))
}

/// What says something of several fields.
fn alone(bare: &str) -> Option<Meaning> {
    match bare {
        "服务时间" | "活动时间" | "志愿服务时间" | "服务起止时间" | "起止时间" => {
            Some(Meaning::When)
        }
        "服务时长" | "时长" | "志愿服务时长" | "服务小时数" | "小时数" => {
            Some(Meaning::Length)
        }
        _ => None,
    }
}

fn field_of(bare: &str) -> Option<Field> {
    Field::ALL.into_iter().find(|field| field.aliases().any(|alias| alias == bare))
}

/// `电话或志愿者编号`, `Phone or volunteer number`.
fn either(header: &str) -> Option<Meaning> {
    let even = text::plain(text::beginning(header)).replace(" or ", "/").replace(['或', '、', '|'], "/");
    let (one, other) = even.split_once('/')?;
    match (field_of(&bare(one)), field_of(&bare(other))) {
        (Some(Field::Phone), Some(Field::Number)) | (Some(Field::Number), Some(Field::Phone)) => {
            Some(Meaning::PhoneOrNumber)
        }
        _ => None,
    }
}

/// A header in two rows: the lower one says more, alone or after the upper: `服务时间` over `起`.
pub(super) fn below(upper: &str, lower: &str) -> Option<Meaning> {
    let lower_words = bare(lower);
    let part = match lower_words.as_str() {
        "起" | "自" | "始" | "开始" => Some(Field::Start),
        "止" | "至" | "终" | "结束" => Some(Field::End),
        _ => None,
    };
    let time = bare(upper).contains("时间") || bare(upper).contains("time");
    meaning(lower).or_else(|| part.filter(|_| time).map(Meaning::One))
}

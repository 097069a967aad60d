//! The commands that show a list: a line each, from the words of the command to the route and the columns of a table.

use clap::ArgMatches;
use serde_json::Value;

use super::carry_out::{Wanted, carry_out, say_recorded};
use super::common_args::CallerArgs;
use super::failure::{Exit, Failure};
use super::files::read_key;
use super::remote::{Remote, escaped};
use super::resolve;
use super::shown::{ACTS, Column, Columns, HOURS, LIST, WISHES, outline, rows_table};
use super::terms;
use crate::commands::Thing;

/// A command that shows a list.
pub(super) struct Look {
    /// Its words.
    pub(super) path: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    /// Where the list is; what stands in braces is asked for.
    route: &'static str,
    /// What of the answer is the list, and its columns.
    rows: &'static str,
    columns: Columns,
    /// By which name the next page is asked for.
    next: Option<&'static str>,
    pub(super) asks: &'static [&'static Ask],
    /// Kinds of event that change the list once they take effect: what of them waits is shown below it, with its day.
    waits: &'static [&'static str],
    /// What is said of what was shown: an action, and where in the answer is what it needs to be told.
    says: Option<(&'static str, &'static [(&'static str, &'static str)])>,
}

/// What a list is asked by.
pub(super) struct Ask {
    pub(super) name: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) place: Option<usize>,
    pub(super) is_required: bool,
    /// What is meant if nothing is said.
    usually: Option<&'static str>,
    thing: Option<Thing>,
}

impl Ask {
    pub(super) fn value_name(&self) -> &'static str {
        if self.thing == Some(Thing::Org) { "ORG" } else { "TEXT" }
    }
}

static ORG: Ask = Ask {
    name: "org",
    zh: "只看此组织及其下级，写名称或编号",
    en: "only of this organisation and those below it, by name or id",
    place: None,
    is_required: false,
    usually: None,
    thing: Some(Thing::Org),
};
static OF_ORG: Ask = Ask {
    name: "scope",
    zh: "组织的名称或编号",
    en: "the organisation, by name or id",
    place: Some(1),
    is_required: true,
    usually: None,
    thing: Some(Thing::Org),
};
static PERHAPS_OF_ORG: Ask = Ask {
    name: "org",
    zh: "组织的名称或编号；不填为整本账簿",
    en: "the organisation, by name or id; the whole ledger if none is named",
    place: Some(1),
    is_required: false,
    usually: None,
    thing: Some(Thing::Org),
};
static PERIOD: Ask = Ask {
    name: "period",
    zh: "期间，如 2026、2026Q3 或 2026-09",
    en: "the period, such as 2026, 2026Q3 or 2026-09",
    place: Some(2),
    is_required: true,
    usually: None,
    thing: None,
};
static ACTIVITY_STATE: Ask = state("planned、published、closed 或 cancelled", "one of these");
static HOURS_STATE: Ask = Ask {
    usually: Some("pending"),
    ..state(
        "pending（待审核）、certified、corrected 或 all；不填为 pending",
        "pending, certified, corrected or all; pending if none is named",
    )
};
static REPORT_IN_STATE: Ask = state(
    "pending（待答复）、accepted、refused 或 ended；不填为 pending",
    "one of these; pending if none is named",
);
static WISH_STATE: Ask = state("如 draft（待审核）、open 或 claimed", "such as draft, open or claimed");

const fn state(zh: &'static str, en: &'static str) -> Ask {
    Ask { name: "state", zh, en, place: None, is_required: false, usually: None, thing: None }
}

const ACTIVITIES: Columns = &[
    Column::text("编号 id", "/id"),
    Column::text("标题 title", "/title"),
    Column::term("状态 state", "/state", terms::activity),
    Column::text("组织 org", "/org/name"),
    Column::times("班次 shifts", "/shifts"),
];
const REPORT_INS: Columns = &[
    Column::text("人员编号 person", "/person"),
    Column::text("姓名 name", "/name"),
    Column::text("社区 community", "/community/name"),
    Column::term("状态 state", "/state", terms::report_in),
    Column::text("位置 position", "/position"),
];
const POLICIES: Columns = &[
    Column::term("规则 policy", "/kind", terms::policy),
    Column::text("自 from", "/from"),
    Column::text("现行 in force", "/in_force"),
    Column::text("组织 org", "/org/name"),
    Column::text("内容 says", "/says"),
];
const NOTICES: Columns = &[
    Column::text("编号 id", "/id"),
    Column::text("标题 title", "/title"),
    Column::text("自 from", "/from"),
    Column::text("至（不含） until", "/to"),
    Column::text("内容 text", "/text"),
];

/// The commands, in the order of the help.
pub(super) static LOOKS: [Look; 9] = [
    Look {
        path: "activity list",
        zh: "列出活动和班次；未发布的只有工作人员看得到",
        en: "List activities with their shifts; what is not published only to staff",
        route: "/v1/activities",
        rows: "activities",
        columns: ACTIVITIES,
        next: Some("before"),
        asks: &[&ORG, &ACTIVITY_STATE],
        waits: &[],
        says: None,
    },
    Look {
        path: "hours list",
        zh: "列出您可以确认的组织登记的时长；看到谁，谁就知道",
        en: "List hours of organisations in which you confirm; whoever is shown sees that",
        route: "/v1/hours",
        rows: "rows",
        columns: HOURS,
        next: Some("before"),
        asks: &[&ORG, &HOURS_STATE],
        waits: &["hours-corrected"],
        says: None,
    },
    Look {
        path: "wish list",
        zh: "列出微心愿",
        en: "List micro-wishes",
        route: "/v1/wishes",
        rows: "wishes",
        columns: WISHES,
        next: Some("before"),
        asks: &[&ORG, &WISH_STATE],
        waits: &["wish-claimed", "wish-confirmed"],
        says: None,
    },
    Look {
        path: "report-in list",
        zh: "列出向您任职的社区报到的人；住在别处的只计数，由其本人告知",
        en: "List who reported to communities where you work; of those who live elsewhere only the number",
        route: "/v1/report-ins",
        rows: "report_ins",
        columns: REPORT_INS,
        next: None,
        asks: &[&ORG, &REPORT_IN_STATE],
        waits: &["report-in-filed"],
        says: None,
    },
    Look {
        path: "list show",
        zh: "查看红黄榜",
        en: "Show a list",
        route: "/v1/lists/{scope}/{period}",
        rows: "lines",
        columns: LIST,
        next: None,
        asks: &[&OF_ORG, &PERIOD],
        waits: &["list-published", "member-exempted"],
        says: None,
    },
    Look {
        path: "list draft",
        zh: "按现在的记录起草，只有支部书记和管理员看得到",
        en: "Draw it up as it would be published now, for secretaries and stewards",
        route: "/v1/lists/{scope}/{period}?draft=true",
        rows: "lines",
        columns: LIST,
        next: None,
        asks: &[&OF_ORG, &PERIOD],
        waits: &["list-published", "member-exempted"],
        says: None,
    },
    Look {
        path: "list publish",
        zh: "按现在的记录起草并发布；须由第二个人同意",
        en: "Draw it up, show it and publish it; a second person stands for it",
        route: "/v1/lists/{scope}/{period}?draft=true",
        rows: "lines",
        columns: LIST,
        next: None,
        asks: &[&OF_ORG, &PERIOD],
        waits: &[],
        says: Some((
            "publish-list",
            &[
                ("org", "/scope/id"),
                ("period", "/period"),
                ("cutoff", "/cutoff"),
                ("policy", "/policy"),
                ("digest", "/digest"),
            ],
        )),
    },
    Look {
        path: "policy show",
        zh: "查看现行的和以后生效的规则",
        en: "Show what holds and what was adopted for later",
        route: "/v1/policies",
        rows: "policies",
        columns: POLICIES,
        next: None,
        asks: &[&PERHAPS_OF_ORG],
        waits: &[],
        says: None,
    },
    Look {
        path: "notice list",
        zh: "列出组织现在的公告",
        en: "List what an organisation tells everybody today",
        route: "/v1/orgs/{scope}",
        rows: "notices",
        columns: NOTICES,
        next: None,
        asks: &[&OF_ORG],
        waits: &[],
        says: None,
    },
];

/// Shows the list, all pages of it.
pub(super) fn run(look: &Look, told: &ArgMatches, caller: &CallerArgs) -> Result<Exit, Failure> {
    let mut remote = Remote::at(&caller.at)?;
    if let Some(key) = &caller.key {
        remote.sign_in(&read_key(key, &caller.passphrase)?)?;
    }
    let path = path(look, told, &remote)?;
    let mut whole = match look.next {
        Some(next) => remote.pages(&path, look.rows, next)?,
        None => remote.get(&path)?.good()?,
    };
    let Some((action, parts)) = look.says else {
        let waiting = match caller.key {
            Some(_) if !look.waits.is_empty() => waiting(&remote, look.waits)?,
            _ => Vec::new(),
        };
        if !waiting.is_empty() && caller.json {
            whole["waiting"] = waiting.into();
            print(&whole, look.rows, look.columns, true);
            return Ok(Exit::Done);
        }
        print(&whole, look.rows, look.columns, caller.json);
        if !waiting.is_empty() {
            say!("等待生效 / waiting to take effect");
            say!("{}", rows_table(ACTS, &waiting).trim_end());
        }
        return Ok(Exit::Done);
    };
    if !caller.json {
        print(&whole, look.rows, look.columns, false);
    }
    let told = parts.iter().map(|(input, pointer)| ((*input).to_owned(), text(whole.pointer(pointer))));
    let told: Vec<(String, String)> = told.collect();
    let recorded = carry_out(&mut remote, caller.own_key()?, &Wanted::new(action, &told))?;
    Ok(say_recorded(&recorded, caller.json))
}

/// What of these kinds waits and the asker has a part in.
fn waiting(remote: &Remote, kinds: &[&str]) -> Result<Vec<Value>, Failure> {
    let mut acts = remote.pages("/v1/acts", "acts", "after")?["acts"].take();
    let mut acts = acts.as_array_mut().map(std::mem::take).unwrap_or_default();
    acts.retain(|act| act["kind"].as_str().is_some_and(|kind| kinds.contains(&kind)));
    Ok(acts)
}

fn text(value: Option<&Value>) -> String {
    value.map_or_else(String::new, |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn path(look: &Look, told: &ArgMatches, remote: &Remote) -> Result<String, Failure> {
    let (mut path, mut query) = (look.route.to_owned(), Vec::new());
    for ask in look.asks {
        let given = told.get_one::<String>(ask.name).map(String::as_str).or(ask.usually);
        let Some(value) = given.filter(|value| ask.usually.is_none() || *value != "all") else { continue };
        let value = match ask.thing {
            Some(Thing::Org) => resolve::org(remote, value)?.to_string(),
            _ => escaped(value),
        };
        let place = format!("{{{}}}", ask.name);
        match path.contains(&place) {
            true => path = path.replace(&place, &value),
            false => query.push(format!("{}={value}", ask.name)),
        }
    }
    Ok(if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) })
}

/// The list as a table below all else that the answer says.
pub(super) fn print(answer: &Value, rows: &str, columns: Columns, as_json: bool) {
    if as_json {
        say!("{answer}");
        return;
    }
    let mut rest = answer.clone();
    let list = rest.as_object_mut().and_then(|fields| fields.remove(rows)).unwrap_or_default();
    rest.as_object_mut().and_then(|fields| fields.remove("as_of_position"));
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    let around = outline(&rest);
    if !around.trim().is_empty() {
        say!("{}", around.trim_end());
    }
    match list.is_empty() {
        true => say!("没有 / none"),
        false => say!("{}", rows_table(columns, list).trim_end()),
    }
}

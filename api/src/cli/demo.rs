//! `hourbook demo`: builds the town, tells what it is, and serves it.

use std::path::{Path, PathBuf};

use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::domain::time::{Date, Offset};
use indicatif::{ProgressBar, ProgressStyle};
use tempfile::TempDir;

use super::args::DemoArgs;
use super::demo_links;
use super::failure::{Exit, Failure};
use super::serve;
use super::standing::Standing;
use super::table::{hours, table};
use crate::boot::AppOptions;
use crate::demo::links::{self, Link};
use crate::demo::{self, Built, Code, Options};
use crate::server::Serving;
use crate::server::descriptors;
use crate::ui::i18n::count as grouped;

/// A directory that the user named, or one that goes with the process.
fn place(kept: Option<&Path>) -> Result<(PathBuf, Option<TempDir>), Failure> {
    let Some(dir) = kept else {
        let made = tempfile::Builder::new().prefix("hourbook-demo-").tempdir();
        let dir = made.map_err(|error| Failure::file(&std::env::temp_dir(), &error))?;
        return Ok((dir.path().to_owned(), Some(dir)));
    };
    std::fs::create_dir_all(dir).map_err(|error| Failure::file(dir, &error))?;
    Ok((dir.to_owned(), None))
}

pub(super) fn run(args: &DemoArgs) -> Result<Exit, Failure> {
    let until = until(args.until)?;
    let (data, _goes) = place(args.data.as_deref())?;
    let (sheets, sheets_go) = place(args.keep_sheets.as_deref())?;
    let bar = progress(args.weeks);
    let built = demo::build(&Options {
        seed: args.seed,
        people: args.people,
        weeks: args.weeks,
        until,
        data: &data,
        sheets: &sheets,
        watch: &SystemClock,
        progress: &|weeks| bar.set_position(weeks as u64),
    });
    bar.finish_and_clear();
    // The sheets hold names: they go before anything is shown.
    drop(sheets_go);
    let built = built?;
    say!("{}", summary(&built, until, &data));
    if args.no_serve {
        print!("{}", codes(&built.codes));
        say!(
            "下一步：启动服务时会打印用密钥登录的链接 / next, which prints links that sign in with the keys: hourbook serve --data {}",
            data.display()
        );
        return Ok(Exit::Done);
    }
    let mut options = AppOptions::system();
    // Its last day may be of any year.
    options.node.accept_clock = true;
    let place = serve::Place {
        standing: Standing { listen: args.listen, ..Standing::default() },
        serving: Serving {
            connections: descriptors::connections(descriptors::raise(), None),
            ..Serving::default()
        },
        options,
        guard: serve::Guarding::default(),
    };
    serve::serve(&data, place, |app, site| {
        let day = 86_400_000;
        let stale = built.codes.iter().any(|code| code.until.0 < app.now().0 + day);
        let fresh = match stale {
            true => demo::again(args.seed, args.people, &app.handle, &app.ledger, app.now())?,
            false => built.codes,
        };
        let all: Vec<Link> =
            links::by_code(site, &fresh).into_iter().chain(links::by_key(site, &data)?).collect();
        Ok(codes(&fresh) + &demo_links::lines(&all))
    })
}

/// The last Saturday before today, or the one that was asked for.
fn until(asked: Option<Date>) -> Result<Date, Failure> {
    let today = SystemClock.now().date(Offset(480));
    let yesterday = today.plus(-1);
    let recent = yesterday.plus(-((yesterday.weekday() as i32 + 2) % 7));
    match asked {
        None => Ok(recent),
        Some(date) if date.weekday() == 5 && date <= recent && date.ymd().0 >= 2000 => Ok(date),
        Some(_) => Err(Failure::usage(both!(
            "--until 应为 2000 年以来、不晚于 {recent} 的周六。",
            "--until must be a Saturday since 2000, not after {recent}."
        ))),
    }
}

fn progress(weeks: usize) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} 建设中 building  [{bar:40}] {pos}/{len} 周 weeks  {elapsed}");
    let style = style.expect("the template is well-formed").progress_chars("█▉ ");
    ProgressBar::new(weeks as u64).with_style(style)
}

fn summary(built: &Built, until: Date, data: &Path) -> String {
    let f = &built.figures;
    let n = |n: usize| grouped(n as u64);
    let rows = [
        ("社区 communities", n(f.communities)),
        ("网格 grids", n(f.grids)),
        ("网格党支部 grid branches", n(f.branches)),
        ("单位 work units", n(f.units)),
        ("志愿服务队 teams", n(f.teams)),
        ("在职党员 in-service members", n(f.members)),
        ("居民 residents", n(f.residents)),
        ("微心愿 micro-wishes", n(f.wishes)),
        ("活动 activities", n(f.activities)),
        ("表格 sheets imported", n(f.sheets)),
        ("服务记录 service rows", n(f.rows)),
        ("小时 hours", hours(f.minutes)),
        ("已签名事件 signed events", grouped(f.events)),
    ];
    let total = built.took.iter().find(|(part, _)| *part == "total").map_or(0, |(_, ms)| *ms);
    format!(
        "{}\n{}树根 root  {}\n用时 built in  {}.{} s\n目录 data  {}\n密钥 keys  {}（可供 --as 使用 for --as）\n",
        format_args!("栀川示范 Zhichuan demo（至 until {until}）"),
        table(["城市 town", ""], rows.map(|(what, value)| [what.to_owned(), value])),
        hex::encode(built.root),
        total / 1_000,
        total % 1_000 / 100,
        data.display(),
        data.join(demo::KEYS).display(),
    )
}

/// The codes to sign in with. They are made up like everything else, and good for a week.
fn codes(codes: &[Code]) -> String {
    let row = |code: &Code| [format!("{} {}", code.zh, code.en), code.code.clone()];
    table(["登录码 one-time codes", ""], codes.iter().map(row))
}

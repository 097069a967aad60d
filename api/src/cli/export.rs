//! `hourbook export`: the service record of a person, or what an organisation recorded, as a sheet. What it may hold is for the
//! server to say, and whoever is in it sees that.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::common_args::CallerArgs;
use super::failure::{Exit, Failure};
use super::files::write_new;
use super::remote::Remote;
use super::resolve;
use super::shown::{Columns, HOURS_SHEET, RECORD_SHEET};
use crate::sheet::write::{Cell, rows_csv, rows_xlsx};

/// 导出一个人的服务记录，或一个组织登记的时长，为 XLSX 或 CSV
/// Export the service record of a person, or the hours that an organisation recorded, as XLSX or CSV
#[derive(Args, Debug)]
#[command(
    verbatim_doc_comment,
    subcommand_required = true,
    after_help = "\
示例 / Examples:
  hourbook export person 王秀芳 --to 王秀芳.xlsx --as me.pem --server http://127.0.0.1:8080
  hourbook export org 听蝉社区 --to 时长.csv --as me.pem --server http://127.0.0.1:8080

只有您有权查看的内容；导出了谁的记录，都记入日志，本人看得到。表中有个人信息，请妥善保管。
Only what you may see; whoever is in it sees that on the log. The sheet holds personal data: keep it safe."
)]
pub(super) struct ExportArgs {
    #[command(subcommand)]
    what: What,
    /// 写入此新文件；以 .xlsx 或 .csv 结尾 / the new file; its name ends in .xlsx or .csv
    #[arg(long, value_name = "FILE", global = true)]
    to: Option<PathBuf>,
    #[command(flatten)]
    caller: CallerArgs,
}

#[derive(Subcommand, Debug)]
enum What {
    /// 一个人的服务记录 / the service record of a person
    Person {
        /// 姓名、电话、志愿者编号或人员编号 / name, phone, volunteer number or id
        person: String,
        /// 只在此组织内找，写名称或编号 / only within this organisation, by name or id
        #[arg(long, value_name = "ORG")]
        org: Option<String>,
    },
    /// 一个组织及其下级登记的时长 / the hours that an organisation and those below it recorded
    Org {
        /// 组织的名称或编号 / the organisation, by name or id
        org: String,
    },
}

/// What a sheet is written as.
const ENDINGS: [&str; 2] = ["xlsx", "csv"];

pub(super) fn run(args: &ExportArgs) -> Result<Exit, Failure> {
    let to = args.to.as_deref().ok_or_else(|| {
        Failure::usage(both!("请用 --to 给出新文件的名称。", "Name the new file with --to."))
    })?;
    let name = to.display();
    if !ENDINGS.iter().any(|known| to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(known))) {
        return Err(Failure::usage(both!(
            "{name}：文件名须以 .xlsx 或 .csv 结尾。",
            "{name}: the name has to end in .xlsx or .csv."
        )));
    }
    // Nobody is looked at for a file that is not written.
    if to.exists() {
        return Err(Failure::storage(both!(
            "{name} 已存在，不会覆盖：请换一个文件名。",
            "{name} exists and is not replaced: choose another name."
        )));
    }
    let mut remote = Remote::at(&args.caller.at)?;
    remote.sign_in(&args.caller.own_key()?)?;
    let (path, columns) = match &args.what {
        What::Person { person, org } => {
            let within = org.as_deref().map(|org| resolve::org(&remote, org)).transpose()?;
            let person = resolve::person(&remote, person, within)?;
            (format!("/v1/members/{person}/records?limit=200"), RECORD_SHEET)
        }
        What::Org { org } => {
            (format!("/v1/hours?limit=500&org={}", resolve::org(&remote, org)?), HOURS_SHEET)
        }
    };
    let answer = remote.pages(&path, "rows", "before")?;
    let rows = answer["rows"].as_array().map_or(&[][..], Vec::as_slice);
    write_new(to, &sheet(to, columns, rows)?, 0o600)?;
    match args.caller.json {
        true => say!("{}", json!({ "rows": rows.len(), "file": to.display().to_string() })),
        false => say!("{0} 行已写入 {1}。\n{0} rows are in {1}.", rows.len(), to.display()),
    }
    Ok(Exit::Done)
}

fn sheet(to: &Path, columns: Columns, rows: &[Value]) -> Result<Vec<u8>, Failure> {
    let header: Vec<String> = columns.iter().map(|column| column.head()).collect();
    let cells = |row: &Value| columns.iter().map(|column| column.sheet_cell(row)).collect();
    let rows: Vec<Vec<Cell>> = rows.iter().map(cells).collect();
    match to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
        true => Ok(rows_csv(&header, &rows)),
        false => rows_xlsx("服务记录", &header, &rows).map_err(|error| Failure::file(to, &error)),
    }
}

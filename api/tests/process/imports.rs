//! `hourbook import` as a process: what it prints, and large sheets, into a directory and through a server.

use hourbook::sheet::Row;
use hourbook::sheet::write::write_csv;
use rust_xlsxwriter::Workbook;

use super::clock::end;
use super::town::Town;
use super::*;

/// Runs the import of a file; its exit code, what it printed and what it said.
fn import(town: &Town, file: &Path, to: &[&str]) -> (Option<i32>, String, String) {
    let key = town.key_of(&town.worker);
    let out = hourbook().arg("import").arg(file).arg("--as").arg(key).args(to).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

/// A workbook with these lines, of which the second is hidden, and with a second sheet.
fn workbook(town: &Town, csv: &str) -> std::path::PathBuf {
    let mut book = Workbook::new();
    for (name, lines) in [("一月", 9), ("备份", 2)] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (row, line) in csv.trim_start_matches('\u{feff}').lines().take(lines).enumerate() {
            for (column, cell) in line.split(',').enumerate() {
                sheet.write_string(row as u32, column as u16, cell).unwrap();
            }
        }
    }
    book.worksheet_from_name("一月").unwrap().set_row_hidden(2).unwrap();
    let path = town.ledger.root.path().join("记录.xlsx");
    book.save(&path).unwrap();
    path
}

#[test]
fn notes_on_hidden_rows_and_a_second_sheet_are_told_over_a_server_whether_it_is_accepted_or_not() {
    let town = Town::with_members(3);
    let rows: Vec<_> = (0..3).map(|n| town.row(n, "环境清洁", 2, 9)).collect();
    let mut wrong = rows.clone();
    wrong[2].phone = Some("13999999999".to_owned());
    let text = |rows: &[Row]| String::from_utf8(write_csv(rows)).unwrap();
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let to = ["--server", url.as_str()];
    let told = |said: &str| {
        for note in ["第 3 行", "没有读取：备份", "not: 备份", "were read, too: 3.", "Note: ", "注意："]
        {
            assert!(said.contains(note), "{note} is missing: {said}");
        }
    };
    let (code, printed, said) = import(&town, &workbook(&town, &text(&wrong)), &to);
    assert_eq!(code, Some(1), "{printed}{said}");
    assert!(printed.contains("unknown-person"), "{printed}");
    told(&said);
    let (code, printed, _) = import(&town, &workbook(&town, &text(&wrong)), &[&to[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert!(code == Some(1) && json["notes"].as_array().unwrap().len() >= 2, "{printed}");
    let (code, printed, said) = import(&town, &workbook(&town, &text(&rows)), &to);
    assert!(code == Some(0) && printed.contains("Recorded at positions"), "{printed}{said}");
    told(&said);
    end(server);
    // In a directory it says the same.
    let data = town.ledger.data();
    let (code, printed, said) =
        import(&town, &workbook(&town, &text(&rows)), &["--data", data.to_str().unwrap()]);
    assert!(code == Some(0) && printed.contains("recorded before"), "{printed}{said}");
    told(&said);
    town.ledger.is_sound();
}

/// A sign-in sheet: what stands above it and what is said once hold for all its rows.
#[test]
fn a_paper_sheet_is_recorded_with_what_is_said_once_and_once_only() {
    let town = Town::with_members(3);
    let rows: Vec<Row> = (0..3).map(|n| town.row(n, "环境清洁", 2, 9)).collect();
    let day = hourbook_ledger::domain::time::Date(rows[0].date);
    let people: String = rows
        .iter()
        .map(|row| format!("{},{},〃,〃\n", row.name.as_deref().unwrap(), row.phone.as_deref().unwrap()))
        .collect();
    let sheet = format!(
        "东湖社区签到表,,,\n活动名称：清洁家园 活动时间：{day} 8:30—11:30 负责人：李红,,,\n姓名,联系电话,签到时间,签退时间\n{people}"
    );
    let file = town.ledger.root.path().join("签到表.csv");
    std::fs::write(&file, sheet).unwrap();
    let data = town.ledger.data();
    let here = ["--data", data.to_str().unwrap()];
    let (code, printed, said) = import(&town, &file, &[&here[..], &["--content", "清扫"]].concat());
    assert!(code == Some(1) && (printed + &said).contains("地点"), "the place stands nowhere: {said}");
    let all = ["--content", "清扫楼道", "--place", "东门"];
    let (code, printed, said) = import(&town, &file, &[&here[..], &all].concat());
    assert!(code == Some(0) && printed.contains("Recorded at positions"), "{printed}{said}");
    assert!(said.contains("活动名称 清洁家园"), "what the heading says is told: {said}");
    let (server, address) = serve(&data, &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let (code, printed, said) = import(&town, &file, &[&["--server", url.as_str()][..], &all].concat());
    assert!(code == Some(0) && !printed.contains("Recorded at positions"), "{printed}{said}");
    end(server);
}

/// How many rows a large sheet has: `HOURBOOK_ROWS`. Always in 5,000 activities, so that they make ten batches of events,
/// where a server's answer holds eight.
fn large(town: &Town) -> Vec<Row> {
    let count = rows();
    let each = (count / 5_000).max(1);
    let row = |n: u32| {
        // The so-manieth of this person: two hours at a time of its own.
        let nth = (n / members()) as i32;
        town.row(n % members(), &format!("活动 {}", n / each), 1 + nth % 15, 6 + nth / 15 * 4)
    };
    (0..count).map(row).collect()
}

fn rows() -> u32 {
    std::env::var("HOURBOOK_ROWS").map_or(5_000, |text| text.parse().unwrap())
}

fn members() -> u32 {
    (rows() / 50).max(100)
}

/// The most memory that a process had so far, in MiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) >> 10
}

/// The same as [`import`], with JSON; it also prints how long it took and what memory.
fn measured(what: &str, town: &Town, file: &Path, to: &[&str]) -> (Option<i32>, String, String) {
    let begin = Instant::now();
    let mut command = hourbook();
    command.arg("import").arg(file).arg("--as").arg(town.key_of(&town.worker)).arg("--json").args(to);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let (done, ended) = std::sync::mpsc::channel();
    let watch = std::thread::spawn(move || {
        let mut most = 0;
        while ended.recv_timeout(Duration::from_millis(20)).is_err() {
            most = peak(id).max(most);
        }
        most
    });
    let out = child.wait_with_output().unwrap();
    done.send(()).unwrap();
    let seconds = begin.elapsed().as_secs_f64();
    println!("{what}: {} rows in {seconds:.1} s, the command had {} MiB", rows(), watch.join().unwrap());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

fn is_recorded((code, printed, said): &(Option<i32>, String, String)) {
    assert_eq!(*code, Some(0), "{} {said}", printed.chars().take(900).collect::<String>());
    assert!(said.contains("of 10000 events are recorded"), "it tells how far it is: {said}");
    let json: serde_json::Value = serde_json::from_str(printed).unwrap();
    let summary = &json["summary"];
    assert_eq!(
        (summary["rows"].as_u64(), summary["new_activities"].as_u64()),
        (Some(rows().into()), Some(5_000))
    );
    assert_eq!(json["status"], "recorded");
}

#[test]
fn a_large_sheet_is_recorded_through_a_server_in_several_answers_and_batches_and_once() {
    let town = Town::with_members(members());
    let file = town.ledger.root.path().join("大表.csv");
    std::fs::write(&file, write_csv(&large(&town))).unwrap();
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let idle = peak(server.id());
    let (code, printed, said) = measured("preview", &town, &file, &["--server", &url, "--dry-run"]);
    assert!(code == Some(0) && printed.contains("dry-run"), "{printed}{said}");
    is_recorded(&measured("csv, server", &town, &file, &["--server", &url]));
    let again = measured("again", &town, &file, &["--server", &url]);
    assert!(again.0 == Some(0) && again.1.contains("nothing-new"), "{again:?}");
    println!("the server had {} MiB, {idle} MiB when idle", peak(server.id()));
    end(server);
    town.ledger.is_sound();
}

#[test]
fn a_large_workbook_is_recorded_in_a_directory_in_several_batches_and_once() {
    let town = Town::with_members(members());
    let file = town.ledger.root.path().join("大表.xlsx");
    std::fs::write(&file, hourbook::sheet::write::write_xlsx(&large(&town), "表").unwrap()).unwrap();
    let data = town.ledger.data();
    is_recorded(&measured("xlsx, directory", &town, &file, &["--data", data.to_str().unwrap()]));
    let again = measured("again", &town, &file, &["--data", data.to_str().unwrap()]);
    assert!(again.0 == Some(0) && again.1.contains("nothing-new"), "{again:?}");
    town.ledger.is_sound();
}

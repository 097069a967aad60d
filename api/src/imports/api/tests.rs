//! What strangers send to the preview: without a right, too much of it, and small files that unfold.

use std::io::{Cursor, Write as _};
use tokio::time::Instant;

use axum::http::StatusCode;
use hourbook_ledger::domain::ids::{KeyId, PersonId, PublicKey};
use hourbook_ledger::domain::time::Millis;
use serde_json::Value;
use tower::ServiceExt as _;
use zip::write::SimpleFileOptions;

use super::*;
use crate::boot::AppOptions;
use crate::imports::tests::town::{COMMUNITY, ELSEWHERE, Town};
use crate::server;

const HEADERS: [&str; 10] =
    ["姓名", "电话", "志愿者编号", "活动名称", "日期", "开始时间", "结束时间", "地点", "服务内容", "负责人"];

struct Desk {
    runtime: tokio::runtime::Runtime,
    app: Arc<App>,
    token: String,
    _dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let (dir, key) = Town::new().leave();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let app = {
            let _inside = runtime.enter();
            App::open(dir.path(), AppOptions::system()).unwrap()
        };
        let key = PublicKey(key.verifying_key().to_bytes());
        let until = Millis(app.now().0 + 86_400_000);
        let proof = Proof::Key(KeyId::of(&key));
        let token = app.tokens.seal(&Session { person: WORKER, proof, id: [1; 16], until });
        Self { runtime, app, token, _dir: dir }
    }

    async fn send(
        app: Arc<App>,
        token: String,
        org: &str,
        body: Vec<u8>,
    ) -> (StatusCode, axum::http::HeaderMap, Value) {
        Self::send_named(app, token, org, None, body).await
    }

    /// The same with who is meant by names alone.
    async fn send_named(
        app: Arc<App>,
        token: String,
        org: &str,
        named: Option<&str>,
        body: Vec<u8>,
    ) -> (StatusCode, axum::http::HeaderMap, Value) {
        let here = axum::extract::ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 0)));
        let request = Request::post(format!("/v1/imports/preview?org={org}&name=t.xlsx"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .extension(here);
        let request = named.into_iter().fold(request, |request, named| request.header(NAMED, named));
        let request = request.body(axum::body::Body::from(body)).unwrap();
        let answer = server::router(app).oneshot(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = axum::body::to_bytes(answer.into_body(), 64 << 20).await.unwrap();
        (status, headers, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    fn ask(&self, org: OrgId, body: Vec<u8>) -> (StatusCode, axum::http::HeaderMap, Value) {
        self.runtime.block_on(Self::send(self.app.clone(), self.token.clone(), &org.to_string(), body))
    }
}

const WORKER: PersonId = PersonId([10; 16]);
#[test]
fn the_right_is_asked_for_before_anything_is_read() {
    let desk = Desk::new();
    let held = desk.runtime.block_on(desk.app.sheets.take(usize::MAX)).unwrap();
    // Neither a broken file nor a lack of memory is told to whoever may not record there.
    let (status, _, answer) = desk.ask(ELSEWHERE, b"%PDF".to_vec());
    assert_eq!((status, answer["code"].as_str()), (StatusCode::FORBIDDEN, Some("not-authorised")));
    drop(held);
    let (status, _, answer) = desk.ask(COMMUNITY, b"%PDF".to_vec());
    assert_eq!((status, answer["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("not-a-sheet")));
}

#[test]
fn a_body_that_is_too_large_is_told_as_a_problem() {
    let desk = Desk::new();
    let (status, headers, answer) = desk.ask(COMMUNITY, vec![b','; (16 << 20) + 1]);
    assert_eq!((status, answer["code"].as_str()), (StatusCode::PAYLOAD_TOO_LARGE, Some("body-too-large")));
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
}

#[test]
fn mistakes_are_answered_with_notes_and_counts() {
    let desk = Desk::new();
    let row = "不在,19900009999,,环境清洁,2026-03-05（周一）,9:00,11:00,听蝉社区,清理楼道,周队长\n";
    let (status, _, answer) =
        desk.ask(COMMUNITY, format!("{}\n{}", HEADERS.join(","), row.repeat(300)).into_bytes());
    assert_eq!((status, answer["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("row-errors")));
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(100));
    assert_eq!(answer["counts"]["duplicate-row"], 300);
    let notes: Vec<_> =
        answer["notes"].as_array().unwrap().iter().map(|note| note["code"].as_str().unwrap()).collect();
    assert_eq!(notes, ["misnamed", "weekday-differs"]);
}

#[test]
fn no_memory_left_is_told_with_when_to_ask_again() {
    let desk = Desk::new();
    let held = desk.runtime.block_on(desk.app.sheets.take(usize::MAX)).unwrap();
    let began = Instant::now();
    let (status, headers, answer) = desk.ask(COMMUNITY, format!("{}\n", HEADERS.join(",")).into_bytes());
    assert_eq!((status, answer["code"].as_str()), (StatusCode::TOO_MANY_REQUESTS, Some("sheets-busy")));
    assert_eq!(headers[header::RETRY_AFTER], "10");
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    assert!(began.elapsed().as_secs() >= 9, "it waits for its turn first");
    drop(held);
}

/// A workbook of four parts, packed.
fn book(workbook: &str, styles: &str, strings: &str, sheet: &str) -> Vec<u8> {
    const RELS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let link = |id: &str, kind: &str, to: &str| {
        format!(r#"<Relationship Id="{id}" Type="{RELS}/{kind}" Target="{to}"/>"#)
    };
    let links = |links: &str| format!("<Relationships>{links}</Relationships>");
    let inner =
        [link("a", "worksheet", "s.xml"), link("b", "styles", "y.xml"), link("c", "sharedStrings", "t.xml")]
            .concat();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, body) in [
        ("_rels/.rels", links(&link("a", "officeDocument", "xl/w.xml"))),
        ("xl/_rels/w.xml.rels", links(&inner)),
        (
            "xl/w.xml",
            format!(r#"<workbook><sheets><sheet name="S" r:id="a"/>{workbook}</sheets></workbook>"#),
        ),
        ("xl/y.xml", format!("<styleSheet><cellXfs>{styles}</cellXfs></styleSheet>")),
        ("xl/t.xml", format!("<sst>{strings}</sst>")),
        ("xl/s.xml", format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>")),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(body.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Strings 0 to 9 are the headers, what follows is given; row 1 is the header.
fn table(strings: &[&str], row: &str, rows: usize) -> Vec<u8> {
    let strings: String =
        HEADERS.iter().chain(strings).map(|text| format!("<si><t>{text}</t></si>")).collect();
    let header: String = (0..10).map(|at| format!(r#"<c t="s"><v>{at}</v></c>"#)).collect();
    book("", "", &strings, &format!("<row>{header}</row>{}", row.repeat(rows)))
}

/// A dozen small files that unfold, each in its own way.
fn hostile() -> Vec<Vec<u8>> {
    let shared = |at: usize| format!(r#"<c t="s"><v>{at}</v></c>"#);
    let cells = |list: &[usize]| list.iter().map(|at| shared(*at)).collect::<String>();
    let (long, huge) = ("长".repeat(660), "x".repeat(1_000_000));
    let right = ["张英", "13912340001", "AH0001", "劝导", "2026-03-05", "9:00", "10:00", "路口", &long, "李"];
    let right_row = format!("<row>{}</row>", cells(&(10..20).collect::<Vec<_>>()));
    let bad = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
    vec![
        table(&right, &right_row, 24_000),
        table(&right, &right_row, 12_000),
        table(&[&huge], &format!("<row>{}</row>", cells(&[10; 10])), 30),
        table(&[&huge], &format!("<row>{}</row>", cells(&[10; 10])), 1_500),
        table(&bad, &right_row, 6_000),
        table(&["x"], &format!("<row>{}</row>", shared(10).repeat(64)), 3_000),
        table(&[], "<row><c><v>1</v></c></row>", 120_000),
        table(&[], "<row>", 200_000),
        book("", "", &"<si/>".repeat(800_000), ""),
        book("", &r#"<xf numFmtId="14"/>"#.repeat(200_000), "", ""),
        book(&r#"<sheet name="S" r:id="a"/>"#.repeat(100_000), "", "", ""),
        book("", "", "", &format!("</sheetData>{}", r#"<mergeCell ref="A1:B2"/>"#.repeat(200_000))),
    ]
}

/// A line of `/proc/self/status`, in MiB.
fn resident(line: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let found = status.lines().find_map(|status| status.strip_prefix(line))?;
    found
        .trim_start_matches(':')
        .trim()
        .trim_end_matches(" kB")
        .trim()
        .parse::<u64>()
        .ok()
        .map(|kib| kib >> 10)
}

/// In a process of its own, since memory is a process's.
#[test]
fn twelve_hostile_workbooks_at_once_stay_within_512_mib() {
    const ALONE: &str = "HOURBOOK_MEASURE_SHEETS";
    if std::env::var_os(ALONE).is_some() {
        return measure();
    }
    let module = module_path!().split_once("::").expect("below the crate").1;
    let name = format!("{module}::twelve_hostile_workbooks_at_once_stay_within_512_mib");
    let this = std::env::current_exe().unwrap();
    let done = std::process::Command::new(this)
        .args([&name, "--exact", "--nocapture"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    print!("{}", said.lines().filter(|line| line.starts_with("twelve")).collect::<Vec<_>>().join("\n"));
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("twelve"), "it was not measured: {said}");
}

fn measure() {
    let files = hostile();
    let small = files.iter().map(Vec::len).sum::<usize>();
    let desk = Desk::new();
    // What one honest sheet leaves behind belongs to a server at rest.
    desk.ask(COMMUNITY, format!("{}\n", HEADERS.join(",")).into_bytes());
    let Some(idle) = resident("VmRSS") else { return println!("twelve: no /proc here, not measured") };
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let began = Instant::now();
    let answers = desk.runtime.block_on(async {
        let org = COMMUNITY.to_string();
        let asked = files.into_iter().map(|file| {
            let (app, token, org) = (desk.app.clone(), desk.token.clone(), org.clone());
            tokio::spawn(async move { Desk::send(app, token, &org, file).await })
        });
        futures::future::join_all(asked.collect::<Vec<_>>()).await
    });
    let peak = resident("VmHWM").unwrap_or(u64::MAX);
    let codes: Vec<String> = answers
        .into_iter()
        .map(|answer| answer.unwrap())
        .map(|(status, _, answer)| format!("{} {}", status.as_u16(), answer["code"].as_str().unwrap_or("-")))
        .collect();
    println!(
        "twelve hostile workbooks of {} KiB in all: {idle} MiB at rest, {peak} MiB at most, {:.1} s: {}",
        small >> 10,
        began.elapsed().as_secs_f32(),
        codes.join(", ")
    );
    assert!(codes.iter().all(|code| code.starts_with("422 ") || code.starts_with("429 ")), "{codes:?}");
    assert!(peak <= idle + 512, "{peak} MiB over {idle} MiB");
}

#[test]
fn what_holds_for_all_rows_and_who_is_meant_by_a_name_come_with_the_request() {
    let desk = Desk::new();
    let given = "activity=clean&date=2026-03-05&place=gate&content=sweeping&lead=Zhou";
    let sheet = "姓名,电话,签到时间,服务时长\n安一,,9:00,2小时\n白二,19900000002,〃,〃\n";
    let ask = |named: Option<&str>| {
        let query = format!("{COMMUNITY}&{given}&show=true");
        let (app, token) = (desk.app.clone(), desk.token.clone());
        desk.runtime.block_on(Desk::send_named(app, token, &query, named, sheet.as_bytes().to_vec()))
    };
    let (status, _, answer) = ask(None);
    assert_eq!(
        (status, answer["errors"][0]["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("missing-contact"))
    );
    let (_, _, answer) = ask(Some(""));
    let heads = serde_json::json!(["姓名（A）", "电话（B）", "签到时间（C）", "服务时长（D）"]);
    assert_eq!(answer["sheet"]["heads"], heads);
    assert_eq!(
        answer["sheet"]["rows"][1],
        serde_json::json!({ "line": 3, "cells": ["白二", "19900000002", "〃", "〃"] })
    );
    let (error, [ann, namesake]) = (&answer["errors"][0], [20, 25].map(|n| PersonId([n; 16]).to_string()));
    assert_eq!((error["code"].as_str(), error["line"].as_u64()), (Some("say-who"), Some(2)));
    assert_eq!(
        error["candidates"],
        serde_json::json!([
            { "person": ann, "phone": "199****0001" }, { "person": namesake, "phone": "199****0006" }
        ])
    );
    let (status, _, answer) = ask(Some(&format!("2:{ann}")));
    assert_eq!(answer["rows"][0]["person"], ann);
    assert_eq!(
        (answer["rows"][0]["phone"].as_str(), answer["rows"][1]["line"].as_u64()),
        (Some("199****0001"), Some(3))
    );
    assert_eq!(status, StatusCode::OK, "{answer}");
    let summary = &answer["summary"];
    assert_eq!((summary["persons"].as_u64(), summary["minutes"].as_u64()), (Some(2), Some(240)));
    assert_eq!(ask(Some("2")).0, StatusCode::BAD_REQUEST);
}

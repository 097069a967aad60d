//! What staff ask before they register people: who is on a roll, and who of them is registered already.

use hourbook_ledger::domain::event::Looked;
use hourbook_ledger::domain::ids::OrgId;
use hourbook_tests::server::{Answer, Server, person};
use hourbook_tests::town::*;
use serde_json::{Value, json};

const ROLL: &str = "听蝉社区花名册\n姓名,联系电话,志愿者编号,是否已迁出,健康状况\n王 芳,13805631234;0563-6022222,,,高血压\n\
                    李强(党员),无,3418225577001,否,\n赵敏,,,1,\n钱伟,1.38E+10,,,\n";

fn read(server: &Server, token: Option<&str>, home: OrgId, file: &[u8]) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", "application/octet-stream")];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    server.send("POST", &format!("/v1/people/sheet?home={home}&name=roll.csv"), &headers, file)
}

fn known(town: &Town, token: &str, home: OrgId, people: Value) -> Answer {
    town.server.post_as(token, "/v1/people/known", &json!({ "home": home.to_string(), "people": people }))
}

#[test]
fn a_roll_is_read_and_nothing_of_it_is_kept() {
    let town = Town::start();
    let before = town.server.app.reader.head().size;
    let answer = read(&town.server, Some(&town.server.sign_in(WORKER)), COMMUNITY, ROLL.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let told = answer.json();
    assert_eq!(
        told["people"],
        json!([
            { "line": 3, "name": "王芳", "phone": "13805631234", "volunteer_number": null },
            { "line": 4, "name": "李强", "phone": null, "volunteer_number": "3418225577001" },
        ])
    );
    assert_eq!(told["gone"], json!([{ "line": 5, "name": "赵敏" }]));
    assert_eq!(told["unread"], json!(["健康状况"]));
    let error = &told["errors"][0];
    assert_eq!((&error["line"], &error["code"]), (&json!(6), &json!("number-lost-digits")));
    assert!(
        error["zh"].as_str().unwrap().contains("第 6 行") && error["en"].as_str().unwrap().contains("Row 6")
    );
    assert!(!answer.text().contains("高血压"), "{}", answer.text());
    assert_eq!(town.server.app.reader.head().size, before, "nothing is recorded");
    let found = town.server.app.vault.find(hourbook_ledger::commitment::Field::Name, "王芳").unwrap();
    assert!(found.is_empty(), "and nothing is put into the vault");
}

#[test]
fn only_who_registers_people_there_has_a_roll_read_and_by_the_key_that_signs() {
    let town = Town::start();
    let code = |token: Option<&str>, home| read(&town.server, token, home, b"%PDF").code();
    for (seed, home, owed) in [
        (WORKER, COMMUNITY, "not-a-sheet"),
        (STEWARD, GRID, "not-a-sheet"),
        (WORKER, ELSEWHERE, "not-for-you"),
        (OFFICER, COMMUNITY, "not-for-you"),
        (AUDITOR, COMMUNITY, "not-for-you"),
        (ANN, COMMUNITY, "not-for-you"),
        (WORKER, OrgId([0xee; 16]), "not-for-you"),
    ] {
        assert_eq!(code(Some(&town.server.sign_in(seed)), home), owed, "{seed} at {home}");
    }
    assert_eq!(code(None, COMMUNITY), "sign-in-required");
    let by_code = town.code_session(STEWARD, WORKER, "42819300");
    assert_eq!(code(Some(&by_code), COMMUNITY), "sign-it-yourself");
    let answer = known(&town, &by_code, COMMUNITY, json!([]));
    assert_eq!(answer.code(), "sign-it-yourself");
    let far = known(&town, &town.server.sign_in(FAR_WORKER), COMMUNITY, json!([]));
    assert_eq!(far.code(), "not-for-you");
}

#[test]
fn a_file_that_cannot_be_read_says_why_and_how_to_mend_it() {
    let town = Town::start();
    let worker = town.server.sign_in(WORKER);
    let old = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    for (file, code, told) in [
        (&b"PK\x03\x04 rubbish"[..], "not-a-sheet", "另存为"),
        (&old, "legacy-xls", ".et"),
        ("电话\n1\n".as_bytes(), "no-header", "姓名"),
        (b"", "empty-file", "选择"),
    ] {
        let answer = read(&town.server, Some(&worker), COMMUNITY, file);
        assert_eq!((answer.status, answer.code().as_str()), (422, code), "{}", answer.text());
        assert!(answer.json()["zh"].as_str().unwrap().contains(told), "{}", answer.text());
    }
    let large = read(&town.server, Some(&worker), COMMUNITY, &vec![b','; (16 << 20) + 1]);
    assert_eq!((large.status, large.code().as_str()), (413, "body-too-large"));
    let many = format!("姓名\n{}", "王芳\n".repeat(5_001));
    let answer = read(&town.server, Some(&worker), COMMUNITY, many.as_bytes());
    assert_eq!(answer.code(), "too-many-rows");
}

const WANG: u8 = 71;
const FAR_WANG: u8 = 72;
const SON: u8 = 73;

fn of_wangs() -> Town {
    let town = Town::start();
    town.register(WANG, GRID, "王秀芳", Some("19901554567"), Some("3418225577001"));
    town.register(FAR_WANG, ELSEWHERE, "王秀芳", Some("19901551111"), None);
    town.register(SON, COMMUNITY, "李子豪", Some("19901558888"), None);
    town
}

fn looks_at(town: &Town, seed: u8) -> usize {
    let models = town.server.app.read.read();
    models.directory.looks().at(person(seed)).filter(|look| matches!(look.what, Looked::Register(_))).count()
}

#[test]
fn who_is_perhaps_registered_already_is_told_by_row_and_finds_a_trace() {
    let town = of_wangs();
    let worker = town.server.sign_in(WORKER);
    let rows = json!([
        { "name": "王 秀芳", "phone": "199 0155 4567" },
        { "name": "王秀芳" },
        { "name": "王秀芬", "volunteer_number": "3418225577001" },
        { "name": "李母", "phone": "19901558888" },
        { "name": "无名氏", "phone": "no number" },
    ]);
    let answer = known(&town, &worker, COMMUNITY, rows);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let people = answer.json()["people"].clone();
    let told = |row: usize| {
        let alike = people[row].as_array().expect("a list").clone();
        alike.iter().map(|one| (one["by"].clone(), one["likely"].as_bool().unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(told(0), [(json!(["name", "phone"]), true)]);
    assert_eq!(told(1), [(json!(["name"]), true)], "of one name, and a neighbour");
    assert_eq!(told(2), [(json!(["volunteer-number"]), true)]);
    assert_eq!(told(3), [(json!(["phone"]), false)], "a family shares a phone");
    assert_eq!(told(4), []);
    assert_eq!(people[0][0]["name"], "王*芳");
    assert_eq!((&people[0][0]["phone"], &people[0][0]["home"]), (&json!("199****4567"), &json!("听蝉社区")));
    assert!(!answer.text().contains("秀芳") && !answer.text().contains("19901554567"), "{}", answer.text());
    assert_eq!([WANG, SON, FAR_WANG].map(|seed| looks_at(&town, seed)), [1, 1, 0]);
}

#[test]
fn nobody_out_of_reach_is_told_and_rows_are_bounded() {
    let town = of_wangs();
    let worker = town.server.sign_in(WORKER);
    let far = json!([{ "name": "王秀芳", "phone": "19901551111" }]);
    // Of one name where this one lives; the other, whose phone it is, lives beyond the worker's reach.
    let answer = known(&town, &worker, COMMUNITY, far);
    assert_eq!(answer.json()["people"][0][0]["by"], json!(["name"]), "{}", answer.text());
    let elsewhere = known(
        &town,
        &town.server.sign_in(FAR_WORKER),
        ELSEWHERE,
        json!([{ "name": "李子豪", "phone": "19901558888" }]),
    );
    assert_eq!(elsewhere.json()["people"], json!([[]]));
    assert_eq!((looks_at(&town, FAR_WANG), looks_at(&town, SON)), (0, 0));
    let many = Value::Array(vec![json!({ "name": "王芳" }); 201]);
    let refused = known(&town, &worker, COMMUNITY, many);
    assert_eq!((refused.status, refused.code().as_str()), (400, "bad-request"));
    assert!(refused.json()["detail"].as_str().unwrap().contains("200"), "{}", refused.text());
}

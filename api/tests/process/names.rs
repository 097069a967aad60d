//! People and organisations by their names on the command line: found with the caller's own rights, and nothing is done by a
//! name that means several or nobody.

use std::process::Output;

use hourbook_ledger::actor::Actor;
use hourbook_ledger::commitment::{Field, Opening};
use hourbook_ledger::domain::event::Body;
use hourbook_ledger::domain::ids::PersonId;

use super::acts::hand_in;
use super::clock::end;
use super::town::{HOME, Town, member};
use super::*;

const NAMESAKE: PersonId = PersonId([0xee; 16]);

/// A second person of the first member's name.
fn register_namesake(town: &Town, address: &str) {
    let sealed = |field, value: &str| Opening::new(NAMESAKE.0, field, [3; 32], value).unwrap();
    let (name, phone) = (sealed(Field::Name, "赵安安"), sealed(Field::Phone, "13912345678"));
    let body = Body::registered(NAMESAKE, HOME, name.commitment(), Some(phone.commitment()));
    hand_in(&town.worker, address, body, vec![name, phone]);
}

fn told(out: &Output) -> (Option<i32>, String) {
    let text = [out.stdout.as_slice(), out.stderr.as_slice()].concat();
    (out.status.code(), String::from_utf8_lossy(&text).into_owned())
}

fn by(town: &Town, url: &str, who: &Actor, args: &[&str]) -> (Option<i32>, String) {
    let mut command = hourbook();
    command.args(args).args(["--server", url, "--as"]).arg(town.key_of(who));
    told(&command.output().unwrap())
}

#[test]
fn a_record_is_shown_by_name_phone_and_id_and_not_by_what_means_several() {
    let town = Town::with_members(2);
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let show = |args: &[&str]| by(&town, &url, &town.worker, &[&["show", "record"], args].concat());
    let id = member(0).to_string();
    for args in [&["赵安安"][..], &["赵安安", "--org", "听蝉社区"], &["139 0000 0000"], &[&id]] {
        let (code, said) = show(args);
        assert!(code == Some(0) && said.contains(&id), "{args:?}: {said}");
    }
    let (code, said) = show(&["赵安"]);
    assert!(code == Some(2) && said.contains("是不是") && said.contains(&id), "a part is no name: {said}");
    let (code, said) = show(&["孙悟空"]);
    assert!(
        code == Some(2) && said.contains("没有这个人") && said.contains("nobody with whom you work"),
        "{said}"
    );
    let (code, said) = show(&["赵安安", "--org", "无名社区"]);
    assert!(code == Some(2) && said.contains("没有名为“无名社区”的组织"), "{said}");
    register_namesake(&town, &address);
    let (code, said) = show(&["赵安安"]);
    assert_eq!(code, Some(2), "{said}");
    for part in [&*id, &NAMESAKE.to_string(), "赵*安", "139****0000", "139****5678", "听蝉社区"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("13912345678") && !said.contains("13900000000"), "{said}");
    let (code, said) = show(&["赵安安 5678"]);
    assert!(code == Some(0) && said.contains(&NAMESAKE.to_string()), "{said}");
    let (code, said) = show(&["赵安安", "--json"]);
    let failure: serde_json::Value =
        serde_json::from_str(said.lines().find(|l| l.starts_with('{')).unwrap()).unwrap();
    assert_eq!((code, failure["failure"]["exit"].as_u64()), (Some(2), Some(2)));
    end(server);
    town.ledger.is_sound();
}

#[test]
fn an_action_takes_names_and_does_nothing_by_one_that_means_several() {
    let town = Town::with_members(2);
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let does = |args: &[&str]| by(&town, &url, &town.worker, args);
    let (code, said) = does(&["act", "do", "name-helper", "helper=钱安安"]);
    assert!(code == Some(0) && said.contains("on the log at position"), "{said}");
    let (code, said) = does(&["act", "do", "end-helper", &format!("helper={}", member(1))]);
    assert!(code == Some(0), "it was that person: {said}");
    register_namesake(&town, &address);
    let (code, said) = does(&["act", "do", "name-helper", "helper=赵安安"]);
    assert!(code == Some(2) && !said.contains("on the log"), "{said}");
    let key = town.second.key_id().to_string();
    let grant = ["role", "grant", "钱安安", "worker", "--org", "听蝉社区", "--key-id", &key];
    let (code, said) = does(&grant);
    assert!(code == Some(1) && said.contains("not-authorised"), "a worker grants none: {said}");
    let (code, said) = does(&["role", "take", "钱安安", "worker", "--org", "听蝉"]);
    assert!(code == Some(2) && said.contains("没有名为“听蝉”的组织"), "{said}");
    let (code, said) = does(&["key", "end", &key, "--person", "钱安安"]);
    assert!(code == Some(1) && said.contains("unknown-key"), "it is not that person's: {said}");
    let (code, said) = does(&["org", "link", "听蝉社区", "听蝉社区", "--from", "2030-01-01"]);
    assert!(code == Some(1) && said.contains("not-authorised"), "a worker does not: {said}");
    let (code, said) = does(&["code", "give", "钱安安", "--json"]);
    let given: serde_json::Value = serde_json::from_str(&said).expect(&said);
    assert!(code == Some(0) && given["code"].as_str().is_some_and(|code| code.len() >= 8), "{said}");
    let (code, said) = does(&["code", "钱安安", "--org", "听蝉社区"]);
    assert!(code == Some(0) && said.contains("登录码 code:"), "{said}");
    end(server);
    town.ledger.is_sound();
}

#[test]
fn people_and_organisations_are_listed_in_columns_and_as_json() {
    let town = Town::with_members(12);
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let does = |args: &[&str]| by(&town, &url, &town.worker, args);
    let (code, said) = does(&["person", "find", "zaa"]);
    assert_eq!(code, Some(0), "{said}");
    let line = said.lines().find(|line| line.contains(&member(0).to_string())).expect(&said);
    assert!(
        line.contains("赵*安  ") && line.contains("139****0000  ") && line.ends_with("听蝉社区"),
        "{said}"
    );
    let (code, said) = does(&["person", "find", "钱", "0011", "--org", "听蝉社区", "--json"]);
    let found: Vec<serde_json::Value> = serde_json::from_str(&said).expect(&said);
    assert_eq!(
        (code, found.len(), &found[0]["id"]),
        (Some(0), 1, &serde_json::json!(member(11).to_string()))
    );
    let (code, said) = does(&["person", "find", "孙悟空"]);
    assert!(code == Some(0) && said.contains("没有找到相符的人 / nobody fits"), "{said}");
    let (code, said) = does(&["person", "find", "x"]);
    assert!(code == Some(1) && said.contains("too short"), "{said}");
    let (code, said) = does(&["person", "show", "钱安安"]);
    assert!(code == Some(0) && said.contains("name: 钱安安") && said.contains("听蝉社区"), "{said}");
    let (code, said) = does(&["person", "add", "欧阳春", "--home", "听蝉社区", "--phone", "19900000001"]);
    assert_eq!(code, Some(0), "{said}");
    // The same paper typed in by somebody who does not know that a colleague was faster.
    let again = ["person", "add", "欧阳春", "--home", "听蝉社区", "--phone", "19900000001"];
    let (code, said) = does(&again);
    assert_eq!(code, Some(1), "{said}");
    for part in ["已有同名的人登记", "欧*春", "199****0001", "--again", "nothing was done"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("on the log at position") && !said.contains("19900000001"), "{said}");
    let (code, said) = does(&[&again[..5], &["--phone", "19900000002", "--again"]].concat());
    assert!(code == Some(0) && said.contains("on the log at position"), "{said}");
    let (_, said) = does(&["person", "find", "欧阳春"]);
    assert!(said.contains("199****0001") && said.contains("199****0002"), "{said}");
    let (code, said) = does(&["person", "find", "oyc"]);
    assert!(code == Some(0) && said.contains("欧*春") && said.contains("199****0001"), "{said}");
    let (code, said) = does(&["org", "add", "第九网格", "--kind", "grid", "--parent", "听蝉社区"]);
    assert!(code == Some(1) && said.contains("not-authorised"), "a worker does not: {said}");
    let (code, said) = does(&["org", "list", "--within", "听蝉社区"]);
    assert!(code == Some(0) && said.contains(&HOME.to_string()) && said.contains("community"), "{said}");
    let (code, said) = does(&["org", "list", "--kind", "team", "--json"]);
    assert_eq!((code, said.trim()), (Some(0), "[]"));
    end(server);
    town.ledger.is_sound();
}

#[test]
fn a_directory_that_is_named_overrides_the_server_of_the_environment() {
    let root = tempfile::tempdir().unwrap();
    let data = ledger(root.path());
    let (mut server, address) = serve(&data, &[]);
    let show = |args: &[&str], server: &str| {
        let mut command = hourbook();
        command.args(["show", "ledger"]).args(args).env("HOURBOOK_SERVER", server);
        told(&command.output().unwrap())
    };
    let (code, said) = show(&[], &format!("http://{address}"));
    assert!(code == Some(0) && said.contains("process.test/town"), "{said}");
    signal(&server, "-TERM");
    ended(&mut server, Duration::from_secs(20));
    let (code, said) = show(&["--data", data.to_str().unwrap()], "http://127.0.0.1:1");
    assert!(code == Some(0) && said.contains("process.test/town"), "{said}");
    let (code, said) = show(&[], "");
    assert!(code == Some(2) && said.contains("请用 --server 或 --data 指明账簿"), "{said}");
}

/// A roll as a grid keeps it: of its columns three are read, who is there already is skipped, and one mistake registers nobody.
#[test]
fn a_roll_of_residents_is_registered_once_and_as_a_whole() {
    let town = Town::with_members(2);
    let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
    let url = format!("http://{address}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("roll.csv");
    let import = |rows: &str, more: &[&str]| {
        let head = "听蝉社区居民信息表\n姓名,身份证号,联系电话,是否已迁出,健康状况\n";
        std::fs::write(&file, format!("{head}{rows}")).unwrap();
        let args = ["person", "import", file.to_str().unwrap(), "--home", "听蝉社区"];
        by(&town, &url, &town.worker, &[&args[..], more].concat())
    };
    let found = |name: &str| by(&town, &url, &town.worker, &["person", "find", name]).1;
    let rows = "钱安安,,13900000001,,\n陈 晨,,13912340001;0563-6022222,0,高血压\n褚楚(党员),,无,,\n褚楚,,,,\n冯枫,,,1,\n";

    let (code, said) = import(&format!("{rows}卫伟,,1.38E+10,,\n"), &[]);
    assert!(
        code == Some(1) && said.contains("第 8 行 C 列") && said.contains("nobody was registered"),
        "{said}"
    );
    let (code, said) = import(rows, &["--dry-run"]);
    assert!(code == Some(0) && said.contains("将登记 2 人，跳过已登记的 2 人"), "{said}");
    assert!(found("陈晨").contains("nobody fits"), "nothing was done");
    let (code, said) = import(rows, &[]);
    assert!(code == Some(0) && said.contains("已登记 2 人，跳过已登记的 2 人"), "{said}");
    assert!(
        said.contains("第 3 行 钱安安：已登记（钱*安），跳过") && said.contains("第 6 行 褚楚"),
        "{said}"
    );
    assert!(said.contains("身份证号、健康状况") && !said.contains("高血压"), "{said}");
    assert!(found("陈晨").contains("139****0001") && found("冯枫").contains("nobody fits"));
    let (code, said) = import(rows, &["--json"]);
    let told: serde_json::Value =
        serde_json::from_str(said.lines().find(|l| l.starts_with('{')).unwrap()).unwrap();
    assert_eq!(
        (code, &told["registered"], &told["skipped"]),
        (Some(0), &0.into(), &serde_json::json!([3, 4, 5, 6]))
    );
    let (code, said) = import("钱安安,,13900000001,,\n", &["--again"]);
    assert!(code == Some(0) && said.contains("已登记 1 人"), "{said}");
    let far =
        by(&town, &url, &town.worker, &["person", "import", file.to_str().unwrap(), "--home", "无名社区"]);
    assert!(far.0 == Some(2) && far.1.contains("没有名为“无名社区”的组织"), "{}", far.1);
    end(server);
    town.ledger.is_sound();
}

//! In a small demo town, by its own keys, in its directory: lists are drawn up and published by two, funds pay on the word of two, and
//! tables show what there is.

use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::domain::time::{Offset, Period};
use serde_json::Value;

use super::*;

struct Demo {
    root: tempfile::TempDir,
}

impl Demo {
    fn built() -> Self {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("town");
        let made = hourbook()
            .args(["demo", "--people", "13", "--weeks", "45", "--no-serve", "--data"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { root }
    }

    /// How it ended, and what it said; as somebody whose key the demo left, if anybody is named.
    fn say(&self, who: Option<&str>, args: &[&str]) -> (Option<i32>, String) {
        let data = self.root.path().join("town");
        let mut command = hourbook();
        command.args(args).arg("--data").arg(&data);
        if let Some(who) = who {
            command.arg("--as").arg(data.join("demo-keys").join(format!("{who}.pem")));
        }
        let out = command.output().unwrap();
        let text = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
        (out.status.code(), text)
    }

    #[track_caller]
    fn done(&self, who: &str, args: &[&str]) -> String {
        let (code, said) = self.say(Some(who), args);
        assert_eq!(code, Some(0), "{said}");
        said
    }

    #[track_caller]
    fn refused(&self, who: Option<&str>, args: &[&str], code: i32, part: &str) {
        let (got, said) = self.say(who, args);
        assert!(got == Some(code) && said.contains(part), "{got:?}: {said}");
    }
}

/// The last quarter that is over, and the one that is not.
fn quarters() -> [String; 2] {
    let today = SystemClock.now().date(Offset(480));
    let [_, now, _] = Period::all_of(today);
    let [_, before, _] = Period::all_of(now.range().0.plus(-1));
    [before.to_string(), now.to_string()]
}

fn act_of(said: &str) -> &str {
    said.split("hourbook act approve ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect(said)
}

#[test]
fn a_list_is_drawn_up_published_and_stood_for_and_a_fund_pays_on_the_word_of_two() {
    let demo = Demo::built();
    let [over, running] = quarters();
    demo.refused(None, &["list", "publish", "听蝉社区", &over], 1, "no-list");
    demo.refused(Some("auditor"), &["list", "draft", "听蝉社区", &running], 1, "no-list");
    demo.refused(Some("secretary"), &["list", "publish", "听蝉社区", &running], 1, "bad-list");
    demo.refused(Some("secretary"), &["list", "draft", "听蝉社区", "soon"], 1, "bad-request");
    let draft = demo.done("secretary", &["list", "draft", "听蝉社区", &over, "--json"]);
    let draft: Value = serde_json::from_str(&draft).unwrap();
    let member = draft["lines"][0]["name"].as_str().expect("a secretary reads the names").to_owned();
    let said = demo.done("secretary", &["list", "publish", "听蝉社区", &over]);
    assert!(said.contains(&member) && said.contains("state: draft"), "what is signed is shown: {said}");
    let published = |what: &str| {
        let shown = demo.done("secretary", &["list", "show", "听蝉社区", &over, "--json"]);
        serde_json::from_str::<Value>(&shown).unwrap()[what].clone()
    };
    let before = published("cutoff");
    demo.refused(Some("secretary"), &["act", "approve", act_of(&said)], 1, "four-eyes");
    demo.refused(Some("steward"), &["act", "approve", act_of(&said)], 1, "four-eyes");
    demo.done("second-steward", &["act", "approve", act_of(&said)]);
    assert!(published("cutoff").as_u64() > before.as_u64(), "the new one is published");
    assert_eq!(published("published")["reproduced"], true, "and the log gives it again");

    let drafted = demo.done("steward", &["list", "draft", "听蝉社区", &over, "--json"]);
    let drafted: Value = serde_json::from_str(&drafted).unwrap();
    let id = drafted["lines"][0]["member"].as_str().expect("a steward may see the record");
    let exempt = |whom: &str| {
        ["list", "exempt", whom, "听蝉社区", "--from", "2026-12-01", "--reason", "病假"].map(str::to_owned)
    };
    let by_name = exempt("孙悟空");
    demo.refused(Some("secretary"), &by_name.each_ref().map(String::as_str), 2, "nobody with whom you work");
    let said = demo.done("secretary", &exempt(id).each_ref().map(String::as_str));
    assert!(said.contains("须由第二个人"), "{said}");
    let grant = ["credit", "grant", "听蝉社区", &member, "1"];
    let said = demo.done("worker", &grant);
    demo.done("confirmer", &["act", "approve", act_of(&said)]);
    let balance = demo.done("worker", &["show", "balance", &member]);
    assert!(balance.contains("credit-transferred") && balance.contains("余额 balance"), "{balance}");
    demo.refused(Some("officer"), &grant, 2, "nobody with whom you work");
    demo.refused(
        Some("worker"),
        &["credit", "grant", "听蝉社区", &member, "9999999"],
        1,
        "not-enough-credit",
    );
}

#[test]
fn tables_line_up_and_json_is_for_programs() {
    let demo = Demo::built();
    let board = demo.done("worker", &["show", "leaderboard", "听蝉社区"]);
    assert!(board.contains("名次 rank  姓名 name  分钟 minutes\n1          "), "{board}");
    let wishes = demo.done("worker", &["show", "wishes"]);
    let header = wishes.lines().find(|line| line.contains("心愿 sentence")).expect(&wishes);
    assert!(header.starts_with("编号 id                               心愿 sentence"), "{wishes}");
    let orgs = demo.done("worker", &["show", "orgs", "--json"]);
    let orgs: Value = serde_json::from_str(&orgs).unwrap();
    assert!(orgs["orgs"].as_array().unwrap().len() > 13);
    // A sentence that several wishes have means none of them.
    let listed = demo.done("worker", &["wish", "list", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let all = listed["wishes"].as_array().unwrap();
    // What nobody has vetted has no sentence.
    let sentences: Vec<&str> = all.iter().filter_map(|wish| wish["sentence"].as_str()).collect();
    let twice = sentences.iter().find(|one| sentences.iter().filter(|other| other == one).count() > 1);
    let twice = twice.expect("there are fourteen sentences and more wishes");
    demo.refused(Some("worker"), &["wish", "claim", twice], 2, "有几个叫");
    let (code, said) = demo.say(Some("worker"), &["wish", "claim", twice, "--json"]);
    let failure = said.lines().find(|line| line.starts_with('{')).expect(&said);
    let failure: Value = serde_json::from_str(failure).unwrap();
    assert_eq!((code, failure["failure"]["exit"].as_u64()), (Some(2), Some(2)), "{said}");
}

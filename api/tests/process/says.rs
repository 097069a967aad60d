//! Staff do their work by the command line, by names: activities, hours, wishes, report-ins, lists, policies, credit. And what is
//! not understood, or not allowed, does nothing and says why.

use std::process::Output;

use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::domain::time::{Offset, Period};
use serde_json::Value;

use super::clock::end;
use super::town::Town;
use super::*;

/// A served town and who speaks in it.
struct Scene {
    town: Town,
    server: Option<Child>,
    url: String,
}

/// How a command ended, and what it said.
struct Said {
    code: Option<i32>,
    text: String,
}

impl Said {
    fn of(out: &Output) -> Self {
        let text = [out.stdout.as_slice(), out.stderr.as_slice()].concat();
        Self { code: out.status.code(), text: String::from_utf8_lossy(&text).into_owned() }
    }

    #[track_caller]
    fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.text);
        self.text
    }

    #[track_caller]
    fn refused(self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.text);
        for part in parts {
            assert!(self.text.contains(part), "{part}: {}", self.text);
        }
        assert!(!self.text.contains("on the log at position"), "{}", self.text);
    }
}

impl Scene {
    fn new(members: u32) -> Self {
        let town = Town::with_members(members);
        let (server, address) = serve(&town.ledger.data(), &[("HOURBOOK_ACCEPT_CLOCK", "true")]);
        Self { town, server: Some(server), url: format!("http://{address}") }
    }

    fn by(&self, who: &Actor, args: &[&str]) -> Said {
        let mut command = hourbook();
        command.args(args).args(["--server", &self.url, "--as"]).arg(self.town.key_of(who));
        Said::of(&command.output().unwrap())
    }

    fn worker(&self, args: &[&str]) -> Said {
        self.by(&self.town.worker, args)
    }

    fn second(&self, args: &[&str]) -> Said {
        self.by(&self.town.second, args)
    }

    fn nobody(&self, args: &[&str]) -> Said {
        Said::of(&hourbook().args(args).args(["--server", &self.url]).output().unwrap())
    }

    /// As whoever founded the ledger.
    fn founder(&self, args: &[&str]) -> Said {
        let mut command = hourbook();
        command.args(args).args(["--server", &self.url, "--as"]).arg(self.town.ledger.key());
        Said::of(&command.output().unwrap())
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if let Some(server) = self.server.take().filter(|_| !std::thread::panicking()) {
            end(server);
            self.town.ledger.is_sound();
        }
    }
}

fn days_ago(days: i32) -> String {
    SystemClock.now().date(Offset(480)).plus(-days).to_string()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn an_activity_goes_from_its_plan_to_the_roll_by_its_title() {
    let scene = Scene::new(3);
    let plan =
        ["activity", "plan", "清理楼道", "--org", "听蝉社区", "--category", "cleaning", "--place", "三号楼"];
    scene.worker(&plan).done();
    assert!(!scene.nobody(&["activity", "list"]).done().contains("清理楼道"), "it is not published");
    let (day, past) = (days_ago(-3), days_ago(3));
    let open = ["activity", "open", "清理楼道", "--places", "2", "--start"];
    scene.worker(&[&open[..], &[&format!("{day} 09:00"), "--end", "11:00"]].concat()).done();
    scene.second(&["activity", "publish", "清理楼道"]).done();
    let listed = scene.nobody(&["activity", "list"]).done();
    for part in ["清理楼道", "published", "听蝉社区", &format!("{day} 09:00–11:00 (0/2)")] {
        assert!(listed.contains(part), "{part}: {listed}");
    }
    scene.worker(&["activity", "sign-up", "清理楼道", "--on-behalf", "赵安安"]).done();
    scene.worker(&["activity", "sign-up", "清理楼道", "--on-behalf", "钱安安"]).done();
    let listed = json(&scene.nobody(&["activity", "list", "--json"]).done());
    assert_eq!(listed["activities"][0]["shifts"][0]["taken"], 2, "{listed}");
    scene.worker(&["activity", "withdraw", "清理楼道", "--on-behalf", "钱安安"]).done();
    let at = format!("{past} 14:00");
    scene.worker(&[&open[..], &[&at, "--end", "15:00"]].concat()).done();
    scene
        .worker(&["activity", "sign-up", "清理楼道"])
        .refused(2, &["请写明是哪个班次", &day, "Name the shift"]);
    let roll = ["activity", "roll", "清理楼道", &at, "--present", "赵安安,孙安安"];
    let absent = [&roll[..], &["--absent", "钱安安"]].concat();
    scene.worker(&absent).refused(1, &["sign-up-state"]);
    scene.worker(&roll).done();
    scene.worker(&["activity", "close", "清理楼道"]).done();
    scene.worker(&["activity", "cancel", "清理楼道", "--reason", "下雨"]).refused(1, &["activity-state"]);
    scene.worker(&plan).done();
    scene
        .worker(&["activity", "close", "清理楼道"])
        .refused(2, &["有几个叫“清理楼道”的活动", "closed", "planned"]);
    scene
        .worker(&["activity", "close", "清理"])
        .refused(2, &["没有叫“清理”的活动", "hourbook activity list"]);
    scene
        .worker(&["activity", "plan", "清理楼道", "--org", "无名", "--category", "x"])
        .refused(2, &["没有名为“无名”的组织"]);
    scene
        .worker(&["activity", "plan", "清理楼道", "--category", "x"])
        .refused(2, &["required arguments", "命令用法有误：缺少 --org <ORG>"]);
    scene.worker(&["activity", "paint"]).refused(2, &["unrecognized subcommand", "没有 paint 这个命令"]);
    scene.worker(&["activity", "list", "--colour", "red"]).refused(2, &["没有 --colour 这个参数"]);
    let wrong = [&open[..], &["soon", "--end", "11:00"]].concat();
    scene.worker(&[&wrong[..2], &["清理楼道"], &wrong[3..]].concat()).refused(2, &["有几个叫"]);
    scene.nobody(&["activity", "publish", "清理楼道"]).refused(2, &["--as"]);
}

#[test]
fn hours_are_recorded_by_one_corrected_and_confirmed_by_another_by_the_names_of_who_served() {
    let scene = Scene::new(3);
    let plan = |category| ["activity", "plan", "清理楼道", "--org", "听蝉社区", "--category", category];
    scene.worker(&plan("种树")).refused(1, &["category", "清洁打扫（cleaning）", "bad-request"]);
    scene.worker(&plan("清洁打扫")).done();
    let listed = json(&scene.worker(&["activity", "list", "--json"]).done());
    assert_eq!(listed["activities"][0]["category"], "cleaning");
    let day = days_ago(3);
    let (nine, ten) = (format!("{day} 09:00"), format!("{day} 10:00"));
    let lasting = |start: &str, end: &str| {
        let hours =
            ["hours", "record", "清理楼道", "赵安安", "--org", "听蝉社区", "--start", start, "--end", end];
        scene.worker(&hours)
    };
    lasting(&nine, "08:00").refused(1, &["结束时间没有晚于开始时间", "bad-interval"]);
    lasting(&nine, "22:00").refused(1, &["时间超过规则允许", "780 minutes, at most 720"]);
    let ahead = format!("{} 09:00", days_ago(-1));
    lasting(&ahead, "10:00").refused(1, &["服务还没有结束", "It is not over yet"]);
    lasting(&format!("{}/09:00", day), "10:00").refused(2, &["不是时间", "2026-12-05 09:00"]);
    let nine = nine.replace('-', "/");
    let record = [
        "hours",
        "record",
        "清理楼道",
        "赵安安,钱安安",
        "--org",
        "听蝉社区",
        "--start",
        &nine,
        "--end",
        "11:00",
    ];
    scene.worker(&record).done();
    scene.worker(&record).refused(1, &["row-recorded"]);
    scene.worker(&["hours", "confirm", "清理楼道"]).refused(1, &["four-eyes", "这是您自己录入"]);
    let me = scene.town.worker.person.to_string();
    let own = [&record[..3], &[&*me], &record[4..]].concat();
    scene.worker(&own).refused(1, &["four-eyes", "所涉及的是您本人", "It concerns you"]);
    let late =
        ["hours", "correct", "清理楼道", "钱安安", "--start", &ten, "--end", "11:00", "--reason", "来晚了"];
    scene.worker(&late).done();
    let before = looks(&scene);
    scene.second(&["hours", "confirm", "别的活动"]).refused(2, &["没有叫“别的活动”的登记"]);
    assert_eq!(looks(&scene), before, "nobody was looked at for a title that nothing has");
    let pending = scene.second(&["hours", "list", "--state", "pending"]).done();
    for part in ["赵安安", "钱安安", "工安", "清理楼道", &nine.replace('/', "-"), &ten, "待审核 pending"]
    {
        assert!(pending.contains(part), "{part}: {pending}");
    }
    scene.second(&["hours", "confirm", "清理楼道"]).refused(2, &["有几个叫“清理楼道”的登记", "编号 id"]);
    scene.second(&["hours", "confirm", "清理楼道", "孙安安"]).refused(2, &["没有叫“清理楼道”的登记"]);
    scene.second(&["hours", "confirm", "清理楼道", "赵安安"]).done();
    scene.second(&["hours", "confirm", "清理楼道", "钱安安"]).done();
    let shown = scene.worker(&["show", "record", "钱安安"]).done();
    for part in ["certified_minutes: 60", "corrected", "来晚了", "certified", &ten, "工安", "工宁"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // A confirmed row loses minutes only with a second person.
    let said = scene.worker(&["hours", "void", "清理楼道", "赵安安", "--reason", "没有来"]).done();
    assert!(said.contains("须由第二个人") && said.contains("hourbook act approve"), "{said}");
    let listed = scene.second(&["hours", "list", "--state", "certified"]).done();
    for part in
        ["等待生效 / waiting to take effect", "待同意 needs-approval", "hours-corrected", "已审核 certified"]
    {
        assert!(listed.contains(part), "{part}: {listed}");
    }
    let listed = json(&scene.second(&["hours", "list", "--state", "certified", "--json"]).done());
    assert_eq!(listed["waiting"].as_array().map(Vec::len), Some(1), "{listed}");
    let left = json(&scene.worker(&["show", "record", "赵安安", "--json"]).done());
    assert_eq!(left["certified_minutes"], 120, "{left}");
    scene.nobody(&["hours", "list"]).refused(1, &["sign-in-required"]);
    scene
        .worker(&[
            "hours",
            "record",
            "无名活动",
            "赵安安",
            "--org",
            "听蝉社区",
            "--start",
            &nine,
            "--end",
            "11:00",
        ])
        .refused(2, &["没有叫“无名活动”的活动"]);
    scene
        .worker(&[
            "hours",
            "record",
            "清理楼道",
            "赵安",
            "--org",
            "听蝉社区",
            "--start",
            &nine,
            "--end",
            "11:00",
        ])
        .refused(2, &["是不是", "赵*安"]);
    scene
        .worker(&[
            "hours",
            "record",
            "清理楼道",
            "孙安安",
            "--org",
            "听蝉社区",
            "--start",
            "9点",
            "--end",
            "11:00",
        ])
        .refused(2, &["“9点”不是时间", "2026-12-05 09:00"]);
}

#[test]
fn a_wish_is_posted_vetted_claimed_and_granted_by_its_words() {
    let scene = Scene::new(3);
    let post = [
        "wish",
        "post",
        "赵安安",
        "--org",
        "听蝉社区",
        "--category",
        "repair",
        "--text",
        "床头灯坏了",
        "--minutes",
        "30",
    ];
    scene.worker(&post).done();
    scene.worker(&["wish", "vet", "床头灯坏了", "--sentence", "想换一盏灯"]).refused(1, &["four-eyes"]);
    assert!(!scene.nobody(&["wish", "list"]).done().contains("灯"));
    scene.second(&["wish", "vet", "床头灯坏了", "--sentence", "想换一盏灯"]).done();
    let listed = scene.nobody(&["wish", "list", "--state", "open"]).done();
    assert!(
        listed.contains("想换一盏灯") && listed.contains("听蝉社区") && !listed.contains("床头"),
        "{listed}"
    );
    scene.second(&["wish", "claim", "想换一盏灯", "--on-behalf", "钱安安"]).done();
    scene.second(&["wish", "fulfil", "想换一盏灯", "30", "--on-behalf", "钱安安"]).done();
    scene
        .second(&["wish", "confirm", "想换一盏灯", "--rating", "5", "--on-behalf", "赵安安"])
        .refused(1, &["four-eyes"]);
    scene.worker(&["wish", "confirm", "想换一盏灯", "--rating", "5"]).refused(1, &["not-authorised"]);
    scene
        .worker(&["wish", "confirm", "想换一盏灯", "--rating", "nine", "--on-behalf", "赵安安"])
        .refused(1, &["rating：满意程度，1 至 5", "rating: 1 to 5"]);
    scene
        .worker(&["wish", "claim", "想要月亮"])
        .refused(2, &["没有叫“想要月亮”的心愿", "hourbook wish list"]);
    scene.worker(&["wish", "claim"]).refused(2, &["<WISH>"]);
    scene.worker(&post).done();
    scene.worker(&post).done();
    scene
        .second(&["wish", "vet", "床头灯坏了", "--sentence", "再换一盏"])
        .refused(2, &["有几个叫“床头灯坏了”的心愿", "draft"]);
}

#[test]
fn policies_are_adopted_for_later_and_shown_by_the_names_of_what_they_say() {
    let scene = Scene::new(1);
    let from = days_ago(-30);
    let adopt = [
        "policy",
        "adopt",
        "wishes",
        "--open-claims",
        "5",
        "--fulfil-days",
        "20",
        "--open-days",
        "90",
        "--from",
    ];
    scene.worker(&[&adopt[..], &[&from]].concat()).refused(1, &["not-authorised"]);
    scene.founder(&[&adopt[..], &[&from]].concat()).done();
    scene.founder(&[&adopt[..], &["2020-01-01"]].concat()).refused(1, &["policy-in-past"]);
    scene.founder(&[&adopt[..], &["soon"]].concat()).refused(1, &["from：第一天", "from: The first day"]);
    let shown = scene.nobody(&["policy", "show", "听蝉社区"]).done();
    for part in ["adopt-wish-policy", "open-claims=3", "open-claims=5", &from, "是 yes", "否 no"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    scene.nobody(&["policy", "show", "无名社区"]).refused(2, &["没有名为“无名社区”的组织"]);
    scene
        .founder(&["policy", "adopt", "calendar", "2027", "--from", &from, "--holidays", "2027-01-01"])
        .done();
    assert!(scene.nobody(&["policy", "show"]).done().contains("year=2027"));
    scene
        .founder(&["policy", "adopt", "waiting", "3", "--from", &from])
        .refused(1, &["out-of-range", "days: 7 to 90"]);
}

#[test]
fn report_ins_credit_lists_and_notices_are_said_by_names_too() {
    let scene = Scene::new(2);
    scene
        .worker(&["report-in", "answer", "赵安安", "听蝉社区", "--accepted", "true"])
        .refused(1, &["report-in-state"]);
    scene
        .worker(&["report-in", "answer", "赵安安", "听蝉社区", "--accepted", "perhaps"])
        .refused(1, &["accepted"]);
    scene.worker(&["report-in", "file", "听蝉社区"]).done();
    scene.worker(&["report-in", "file", "听蝉设区"]).refused(2, &["是不是", "听蝉社区  "]);
    let filed = scene.second(&["report-in", "list"]).done();
    assert!(
        filed.contains("工安") && filed.contains("待答复 pending") && filed.contains("others: 0"),
        "{filed}"
    );
    scene.nobody(&["report-in", "list"]).refused(1, &["sign-in-required"]);
    scene.second(&["report-in", "answer", "工安", "听蝉社区", "--accepted", "true"]).done();
    assert!(scene.second(&["report-in", "list"]).done().contains("没有 / none"));
    assert!(scene.second(&["report-in", "list", "--state", "accepted"]).done().contains("工安"));
    scene.second(&["report-in", "end", "工安", "听蝉社区", "--on", &days_ago(-1)]).done();
    scene.worker(&["credit", "give", "赵安安", "60"]).refused(1, &["not-enough-credit"]);
    scene.worker(&["credit", "give", "赵安安", "an hour"]).refused(1, &["minutes：多少分钟"]);
    scene
        .worker(&["credit", "hold", "赵安安", "60", "--until", &format!("{} 18:00", days_ago(-9))])
        .refused(1, &["not-enough-credit"]);
    let quarter = Period::Quarter(2026, 3).to_string();
    scene.worker(&["list", "draft", "听蝉社区", &quarter]).refused(1, &["no-list"]);
    scene.worker(&["list", "publish", "听蝉社区", &quarter]).refused(1, &["no-list"]);
    scene.worker(&["list", "show", "听蝉", &quarter]).refused(2, &["没有名为“听蝉”的组织", "社区 community"]);
    scene
        .worker(&["list", "exempt", "赵安安", "听蝉社区", "--from", &days_ago(-1), "--reason", "病假"])
        .refused(1, &["not-authorised"]);
    let (from, last) = (days_ago(0), days_ago(-2));
    let notice = [
        "notice",
        "publish",
        "听蝉社区",
        "--title",
        "停水通知",
        "--text",
        "周六停水",
        "--from",
        &from,
        "--last",
        &last,
    ];
    let published = json(&scene.worker(&[&notice[..], &["--json"]].concat()).done());
    assert!(scene.nobody(&["notice", "list", "听蝉社区"]).done().contains("停水通知"));
    let id = published["event"].as_str().unwrap();
    scene.worker(&["notice", "withdraw", "听蝉社区", id]).done();
    assert!(scene.nobody(&["notice", "list", "听蝉社区"]).done().contains("没有 / none"));
}

#[test]
fn what_staff_do_to_people_keys_and_codes_waits_where_it_must_and_says_so() {
    let scene = Scene::new(2);
    let said = scene.worker(&["person", "erase", "赵安安"]).done();
    assert!(said.contains(&format!("最早生效 / not in effect before  {}", days_ago(-7))), "{said}");
    let told = scene.worker(&["act", "list"]).done();
    assert!(told.contains("待同意 needs-approval") && told.contains(&days_ago(-7)), "{told}");
    let act =
        said.split("hourbook act approve ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    scene.worker(&["act", "approve", act]).refused(1, &[]);
    scene.worker(&["act", "stop", act]).done();
    scene.worker(&["person", "name-helper", "钱安安"]).done();
    scene.worker(&["person", "end-helper", "钱安安"]).done();
    scene.worker(&["person", "public-name", "true"]).done();
    scene
        .worker(&[
            "person",
            "affiliate",
            "钱安安",
            "听蝉社区",
            "--affiliation",
            "friend",
            "--from",
            &days_ago(0),
        ])
        .refused(1, &["affiliation：归属类别", "organisational, reported-in, resident or team"]);
    scene.worker(&["role", "lay-down", "steward", "--org", "听蝉社区"]).refused(1, &["unknown-role"]);
    let new = scene.town.ledger.root.path().join("new.pem");
    assert!(hourbook().args(["key", "new"]).arg(&new).output().unwrap().status.success());
    let new = new.to_str().unwrap().to_owned();
    scene.worker(&["key", "rotate", &new]).done();
    scene.worker(&["activity", "list"]).refused(1, &["wrong-challenge"]);
    let by_new =
        Said::of(&hourbook().args(["hours", "list", "--server", &scene.url, "--as", &new]).output().unwrap());
    assert!(by_new.done().contains("没有 / none"), "the new key exercises the role");
}

/// How often somebody looked at records, as the server counts it.
fn looks(scene: &Scene) -> u64 {
    let metrics = get(scene.url.trim_start_matches("http://"), "/metrics");
    let line = metrics.lines().find(|line| line.contains("kind=\"record-accessed\""));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or_default()
}

#[test]
fn a_record_and_an_organisations_hours_are_exported_as_sheets_and_each_look_leaves_a_trace() {
    let scene = Scene::new(3);
    scene.worker(&["activity", "plan", "清理楼道", "--org", "听蝉社区", "--category", "cleaning"]).done();
    let start = format!("{} 09:00", days_ago(3));
    let record = ["hours", "record", "清理楼道", "赵安安,钱安安", "--org", "听蝉社区", "--start", &start];
    scene.worker(&[&record[..], &["--end", "11:00"]].concat()).done();
    let file = |name: &str| scene.town.ledger.root.path().join(name);
    let to = |name: &str| file(name).to_str().unwrap().to_owned();
    let before = looks(&scene);
    let said = scene.worker(&["export", "org", "听蝉社区", "--to", &to("时长.csv")]).done();
    assert!(said.contains("2 行已写入") && looks(&scene) > before, "{said}");
    let csv = std::fs::read_to_string(file("时长.csv")).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(
        lines.len() == 3 && lines[0].starts_with("\u{feff}登记 recorded,行 row,人员编号 person,姓名 name"),
        "{csv}"
    );
    for part in ["赵安安", "钱安安", "清理楼道", &start, "pending", "工安"] {
        assert!(csv.contains(part), "{part}: {csv}");
    }
    let said = scene.second(&["export", "person", "赵安安", "--to", &to("赵安安.xlsx"), "--json"]).done();
    assert_eq!(json(&said)["rows"], 1, "{said}");
    assert!(std::fs::read(file("赵安安.xlsx")).unwrap().starts_with(b"PK"));
    let before = looks(&scene);
    scene
        .second(&["export", "person", "赵安安", "--to", &to("赵安安.xlsx")])
        .refused(3, &["已存在", "not replaced"]);
    assert_eq!(looks(&scene), before, "nobody is looked at in vain");
    scene.second(&["export", "person", "赵安安", "--to", &to("a.pdf")]).refused(2, &[".xlsx", ".csv"]);
    scene.second(&["export", "person", "孙悟空", "--to", &to("a.csv")]).refused(2, &["没有这个人"]);
    scene
        .second(&["export", "org", "无名社区", "--to", &to("a.csv")])
        .refused(2, &["没有名为“无名社区”的组织"]);
    scene.second(&["export", "org", "听蝉社区"]).refused(2, &["--to"]);
    scene.founder(&["export", "org", "听蝉社区", "--to", &to("a.csv")]).refused(1, &["not-for-you"]);
    scene.nobody(&["export", "org", "听蝉社区", "--to", &to("a.csv")]).refused(2, &["--as"]);
    assert!(!file("a.csv").exists());
    let template = Said::of(&hourbook().args(["import", "--template", &to("空白.csv")]).output().unwrap());
    assert!(template.done().contains("空白模板已写入"));
    assert!(std::fs::read_to_string(file("空白.csv")).unwrap().starts_with("\u{feff}姓名,"));
}

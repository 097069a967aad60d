//! Serves every page with made-up data, to look at while working on the style and for the browser checks:
//! `cargo run -p hourbook --example preview -- 127.0.0.1:8088`. No ledger, no names of real people.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use hourbook::leaderboards::page as leaderboard;
use hourbook::lists::page as lists;
use hourbook::members::hours::page as hours;
use hourbook::members::statement::page as statement;
use hourbook::sign_in::page as signin;
use hourbook::town::page as home;
use hourbook::ui::charts::{Bump, Day, Hex, Month, Mover, Stage};
use hourbook::ui::components::{Choice, Pager, Step, Tone, Walk};
use hourbook::ui::parts::{Change, PersonName, RankRow, WishCard, WishState};
use hourbook::ui::{AsOf, Look, Shell, Viewer, error_page};
use hourbook::wishes::board::page as wishes;
use hourbook::wishes::page as wish;

const COMMUNITIES: [&str; 13] = [
    "景贤",
    "万桂山",
    "大木桥",
    "红旗",
    "苏觉",
    "天寿",
    "清溪",
    "凤凰",
    "升平",
    "凤井",
    "荷花",
    "双河",
    "南塘",
];

#[tokio::main]
async fn main() {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8088".to_owned());
    let listener = tokio::net::TcpListener::bind(&address).await.expect("the address is free");
    println!("http://{}", listener.local_addr().expect("a bound socket has an address"));
    axum::serve(listener, hourbook::ui::dress(pages())).await.expect("the server runs until it is stopped");
}

fn pages() -> Router {
    Router::new()
        .route("/", get(|look: Look| async { home::render(&public(look), &home_view()) }))
        .route("/empty", get(|look: Look| async { home::render(&public(look), &home::View::default()) }))
        .route("/wishes", get(|look: Look| async { wishes::render(&public(look), &wishes_view()) }))
        .route("/wishes/none", get(|look: Look| async { wishes::render(&public(look), &no_wishes()) }))
        .route("/wishes/open", get(|look: Look| async { wish::render(&member(look), &open_wish()) }))
        .route("/wishes/{id}", get(|look: Look| async { wish::render(&public(look), &granted_wish()) }))
        .route("/leaderboard", get(|look: Look| async { leaderboard::render(&member(look), &board_view()) }))
        .route("/lists", get(|look: Look| async { lists::render(&public(look), &lists_view(false)) }))
        .route("/lists/unit", get(|look: Look| async { lists::render(&unit(look), &lists_view(true)) }))
        .route("/me", get(|look: Look| async { hours::render(&member(look), &hours_view()) }))
        .route("/me/new", get(|look: Look| async { hours::render(&member(look), &new_member()) }))
        .route(
            "/me/statement",
            get(|look: Look| async { statement::render(&member(look), &statement_view()) }),
        )
        .route("/signin", get(|look: Look| async { signin::render(&public(look), &signin::View::default()) }))
        .route("/signin/wrong", get(|look: Look| async { signin::render(&public(look), &wrong_code()) }))
        .fallback(|look: Look| async {
            (StatusCode::NOT_FOUND, error_page::render(&public(look), &not_found()))
        })
}

fn public(look: Look) -> Shell {
    let as_of = AsOf {
        position: 184_302,
        root_hex: "9f3c1ab7d02e58446b1f0c7de93a25108fd4c6b2710e9a53cc48f0167be2d9a4".into(),
        recorded_at: "2026-11-20T18:42:07+08:00".into(),
    };
    let town = look.lang.t("广德", "Guangde").to_owned();
    Shell { look, town, as_of, ..Shell::default() }
}

fn member(look: Look) -> Shell {
    let role = look.lang.t("志愿者", "volunteer").to_owned();
    Shell { viewer: Some(Viewer { name: "王秀兰".into(), role, waiting: 0 }), ..public(look) }
}

fn unit(look: Look) -> Shell {
    let role = look.lang.t("单位联络员", "unit officer").to_owned();
    Shell { viewer: Some(Viewer { name: "周明".into(), role, waiting: 0 }), ..public(look) }
}

fn year(scale: u64) -> Vec<Month> {
    let shape = [310, 465, 190, 720, 540, 380, 660, 95, 810, 450, 1_080, 390];
    let dates = [(2025, 12)].into_iter().chain((1..=11).map(|month| (2026, month)));
    dates.zip(shape).map(|((year, month), m)| Month { year, month, minutes: Some(m * scale) }).collect()
}

fn shown(name: &str) -> PersonName {
    PersonName::Shown(name.into())
}

fn masked(name: &str) -> PersonName {
    PersonName::Masked(name.into())
}

fn ranks() -> Vec<RankRow> {
    let row = |rank, tied, name, group: &str, minutes, change: Option<i64>| RankRow {
        rank,
        tied,
        name,
        group: format!("{group}社区"),
        minutes,
        change: change.map_or(Change::New, Change::By),
        own: false,
    };
    vec![
        row(1, false, shown("陈建国"), "凤凰", 19_350, Some(2)),
        row(2, false, masked("李**"), "大木桥", 18_900, Some(-1)),
        row(3, true, shown("张桂芳"), "景贤", 17_415, Some(0)),
        row(3, true, masked("赵*"), "荷花", 17_415, None),
        row(5, false, shown("刘志强"), "升平", 16_980, Some(4)),
        RankRow { own: true, ..row(6, false, shown("王秀兰"), "凤凰", 7_710, Some(11)) },
        row(7, false, masked("孙**"), "祠山岗茶场", 7_650, Some(-12)),
        row(8, false, shown("欧阳春梅"), "清溪", 7_200, None),
    ]
}

fn movement() -> Bump {
    let mover = |name: &str, ranks: [u32; 5], own| Mover {
        name: name.into(),
        ranks: ranks.into_iter().map(Some).collect(),
        own,
    };
    Bump {
        periods: ["7月", "8月", "9月", "10月", "11月"].map(String::from).to_vec(),
        movers: vec![
            mover("凤凰", [2, 1, 1, 2, 1], true),
            mover("大木桥", [1, 2, 3, 1, 2], false),
            mover("景贤", [3, 3, 2, 4, 3], false),
            mover("荷花", [5, 4, 4, 3, 4], false),
            mover("祠山岗茶场", [4, 5, 5, 5, 5], false),
        ],
    }
}

fn card(id: &str, sentence: &str, category: &str, community: &str, state: WishState) -> WishCard {
    WishCard {
        id: id.into(),
        sentence: sentence.into(),
        category: category.into(),
        community: format!("{community}社区"),
        state,
        posted_on: "2026-11-18".into(),
        effort_minutes: 60,
    }
}

fn cards() -> Vec<WishCard> {
    vec![
        card("open", "独居老人客厅的灯坏了，想请人换一盏。", "修修补补", "凤凰", WishState::Open),
        card("2", "想学会用手机挂号，请年轻人教一教。", "数字助老", "大木桥", WishState::Open),
        card("3", "孩子上三年级，周三放学后想有人陪写作业。", "课业陪伴", "景贤", WishState::Open),
        card("4", "腿脚不便，想请人每周帮忙取一次药。", "代办跑腿", "荷花", WishState::Claimed),
        card(
            "5",
            "阳台的晾衣杆断了，需要带工具来装一根新的。",
            "修修补补",
            "祠山岗茶场",
            WishState::Fulfilled,
        ),
        card("6", "九十岁生日，想拍一张全家福。", "圆梦", "升平", WishState::Confirmed),
        card("7", "楼道堆物多，想请人一起清理半天。", "环境整治", "双河", WishState::Lapsed),
    ]
}

fn home_view() -> home::View {
    let hex = |(i, name): (usize, &&str)| Hex {
        name: format!("{name}社区"),
        minutes: Some([61, 24, 83, 45, 12, 38, 70, 92, 55, 19, 66, 8, 30][i] * 6_000),
        href: None,
    };
    let stages =
        [("已发布", 1_260), ("已审核", 1_212), ("已认领", 1_096), ("已完成", 1_001), ("已确认", 978)];
    home::View {
        minutes_certified: Some(12_840_360),
        minutes_this_month: Some(421_230),
        volunteers: Some(6_400),
        wishes_granted: 978,
        teams: 286,
        months: year(1_100),
        communities: COMMUNITIES.iter().enumerate().map(hex).collect(),
        funnel: stages.map(|(name, count)| Stage { name: name.into(), count }).to_vec(),
        wishes: cards()[..3].to_vec(),
        top: ranks()[..5].to_vec(),
        movement: movement(),
        red_list: Some(home::RedTeaser {
            period: "2026年第三季度".into(),
            people: Some(214),
            names: vec!["陈建国".into(), "张桂芳".into(), "刘志强".into()],
            href: "/lists".into(),
        }),
    }
}

fn choices(labels: &[&str], selected: usize) -> Vec<Choice> {
    let choice = |(i, label): (usize, &&str)| Choice {
        value: if i == 0 { String::new() } else { i.to_string() },
        label: (*label).into(),
        selected: i == selected,
    };
    labels.iter().enumerate().map(choice).collect()
}

fn wishes_view() -> wishes::View {
    wishes::View {
        statuses: choices(&["全部", "等待认领", "已认领", "已实现"], 0),
        categories: choices(&["全部", "修修补补", "数字助老", "课业陪伴", "代办跑腿"], 0),
        communities: choices(&["全部", "景贤社区", "大木桥社区", "祠山岗茶场社区"], 0),
        wishes: cards(),
        walk: Walk { gone: true, next: Some(171_020) },
    }
}

fn no_wishes() -> wishes::View {
    wishes::View { wishes: vec![], walk: Walk::default(), ..wishes_view() }
}

fn step(title: &str, who: &str, at: &str, position: u64, tone: Tone) -> Step {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Step {
        title: title.into(),
        who: given(who),
        at: given(at),
        position: (position > 0).then_some(position),
        note: None,
        tone,
    }
}

fn open_wish() -> wish::View {
    wish::View {
        wish: cards().remove(0),
        cost_ceiling_fen: 12_050,
        due: Some("2026-12-02".into()),
        steps: vec![
            step("社区发布", "凤凰社区 · 吴敏", "2026-11-18T09:12:00+08:00", 183_921, Tone::Good),
            step("审核通过", "桐汭街道 · 汪涛", "2026-11-18T15:40:00+08:00", 183_977, Tone::Good),
            step("等待认领", "", "", 0, Tone::Wait),
            step("完成", "", "", 0, Tone::Plain),
            step("住户确认并评分", "", "", 0, Tone::Plain),
        ],
        next: wish::Next::Claim { action: "/wishes/open/claim".into() },
        ..wish::View::default()
    }
}

fn granted_wish() -> wish::View {
    let mut steps = vec![
        step("社区发布", "升平社区 · 何芳", "2026-10-20T09:12:00+08:00", 171_921, Tone::Good),
        step("审核通过", "升平街道 · 汪涛", "2026-10-20T15:40:00+08:00", 171_977, Tone::Good),
        step("认领", "红星先锋队（3 人）", "2026-10-21T19:03:00+08:00", 172_405, Tone::Good),
        step("完成", "红星先锋队", "2026-10-25T11:20:00+08:00", 173_118, Tone::Good),
        step("住户确认，5 分", "住户一次性验证码", "2026-10-26T08:55:00+08:00", 173_204, Tone::Good),
    ];
    steps[3].note = Some("照片一张，哈希在记录里；照片本身只有当事人和社区能看。".into());
    wish::View { wish: cards().remove(5), steps, ..wish::View::default() }
}

fn board_view() -> leaderboard::View {
    leaderboard::View {
        withheld: false,
        own_minutes: None,
        scopes: choices(&["全市", "桐汭街道", "凤凰社区"], 0),
        periods: choices(&["2026年", "2026年11月", "2026年第三季度"], 0),
        rows: ranks(),
        own: None,
        pager: Pager { page: 1, pages: 128, rows: 6_371 },
        movement: movement(),
    }
}

fn item(label: &str, points_centi: i64, positions: &[u64]) -> lists::Item {
    lists::Item { label: label.into(), points_centi, positions: positions.to_vec() }
}

fn lists_view(allowed: bool) -> lists::View {
    let line = |name, points_centi, reason: &str, items| lists::Line {
        name,
        unit: "市自然资源局党支部".into(),
        points_centi,
        reason: reason.into(),
        by_decision: false,
        items,
    };
    let red_items = || {
        vec![
            item("基础分", 6_000, &[]),
            item(
                "社区服务 42 小时",
                5_040,
                &[151_022, 152_310, 155_871, 160_004, 161_220, 165_313, 170_100, 171_808, 176_001],
            ),
            item("实现微心愿 2 个", 400, &[158_411, 169_902]),
        ]
    };
    let yellow = vec![
        line(
            shown("钱进"),
            5_400,
            "低于 60 分",
            vec![item("基础分", 6_000, &[]), item("无故缺席 2 次", -600, &[149_330, 163_087])],
        ),
        lists::Line {
            by_decision: true,
            ..line(shown("马超"), 6_000, "支部决定列入", vec![item("基础分", 6_000, &[])])
        },
    ];
    lists::View {
        scopes: choices(&["全市", "市自然资源局", "市教育局"], 0),
        periods: choices(&["2026年第三季度", "2026年第二季度"], 0),
        stage: lists::Stage::Published {
            at: "2026-10-08T09:30:00+08:00".into(),
            position: 181_441,
            digest: "9f3c1ab7d02e58446b1f0c7de93a25108fd4c6b2710e9a53cc48f0167be2d9a4".into(),
            reproduced: true,
        },
        policy: "红榜 80 分起，黄榜 60.5 分及以下".into(),
        cutoff_position: 181_440,
        red: vec![
            line(shown("陈建国"), 11_440, "达到 100 分", red_items()),
            line(shown("张桂芳"), 10_875, "达到 100 分", red_items()),
            line(masked("李**"), 10_250, "达到 100 分", red_items()),
        ],
        red_people: Some(40),
        red_unnamed: Some(37),
        pager: Pager::default(),
        yellow: if allowed {
            lists::Yellow::Visible { people: 2, lines: yellow }
        } else {
            lists::Yellow::default()
        },
        apart: lists::Apart { zero_service: Some(118), exempt: Some(46), not_reported: Some(9) },
    }
}

fn said(by: &str, assurance: hours::Assurance, at: &str, position: u64) -> hours::Said {
    hours::Said { by: by.into(), assurance, at: at.into(), position }
}

fn record(activity: &str, date: &str, minutes: u64) -> hours::Row {
    hours::Row {
        activity: activity.into(),
        date: date.into(),
        start: "09:00".into(),
        end: "11:30".into(),
        minutes,
        place: "凤凰社区党群服务中心".into(),
        content: "清理楼道杂物，劝导飞线充电".into(),
        organisation: "凤凰社区".into(),
        lead: "负责人 吴敏".into(),
        state: hours::RowState::Confirmed,
        late_reason: None,
        recorded: said("吴敏", hours::Assurance::DeviceKey, "2026-11-14T11:41:00+08:00", 182_114),
        confirmed: Some(said("汪涛", hours::Assurance::DeviceKey, "2026-11-15T09:05:00+08:00", 182_390)),
        posting: Some(hours::Posting { minutes: 150, over_cap_minutes: 0, position: 182_390 }),
    }
}

fn records() -> Vec<hours::Row> {
    vec![
        hours::Row {
            state: hours::RowState::Waiting,
            confirmed: None,
            posting: None,
            ..record("红色星期六 · 文明劝导", "2026-11-19", 120)
        },
        record("红色星期六 · 楼道清理", "2026-11-14", 150),
        hours::Row {
            late_reason: Some("签到表遗失后由两名同组志愿者书面证明".into()),
            recorded: said("何芳", hours::Assurance::Imported, "2026-11-10T16:20:00+08:00", 180_733),
            ..record("独居老人陪伴", "2026-10-30", 90)
        },
        hours::Row {
            posting: Some(hours::Posting { minutes: 480, over_cap_minutes: 60, position: 176_902 }),
            recorded: said(
                "吴敏 代 王秀兰",
                hours::Assurance::StaffProxy,
                "2026-10-25T18:00:00+08:00",
                176_640,
            ),
            ..record("社区运动会后勤", "2026-10-24", 540)
        },
        hours::Row {
            state: hours::RowState::Disputed, ..record("微心愿：换一盏灯", "2026-10-11", 45)
        },
        record("暑期课业陪伴", "2026-08-22", 120),
    ]
}

fn hours_view() -> hours::View {
    let day = |i: u16| Day {
        year: 2026,
        month: u8::try_from(1 + i % 11).unwrap_or(1),
        day: u8::try_from(1 + i * 9 % 27).unwrap_or(1),
        minutes: 45 + u64::from(i) * 23 % 240,
    };
    hours::View {
        person: "王秀兰".into(),
        own: true,
        volunteer_no: Some("3418 8200 1187".into()),
        minutes_total: 7_710,
        minutes_this_month: 390,
        minutes_waiting: 120,
        credit_minutes: 2_730,
        credit_held_minutes: 60,
        months: year(1),
        days: (0..36).map(day).collect(),
        rows: records(),
        pager: Pager { page: 1, pages: 6, rows: 58 },
    }
}

fn new_member() -> hours::View {
    hours::View { person: "王秀兰".into(), own: true, ..hours::View::default() }
}

fn statement_view() -> statement::View {
    let line = |i: u64| statement::Line {
        date: format!("2026-{:02}-{:02}", 1 + i / 2, 3 + i),
        activity: ["红色星期六 · 楼道清理", "独居老人陪伴", "社区运动会后勤"]
            [usize::try_from(i % 3).unwrap_or(0)]
        .into(),
        organisation: "凤凰社区".into(),
        minutes: 60 + i * 15,
        position: 120_000 + i * 2_741,
    };
    statement::View {
        person: "王秀兰".into(),
        volunteer_no: Some("3418 8200 1187".into()),
        issuer: "凤凰社区居民委员会".into(),
        from: "2026-01-03".into(),
        to: "2026-11-14".into(),
        rows: (0..18).map(line).collect(),
        pager: Pager::default(),
        minutes_here: 3_375,
        minutes_total: 3_375,
    }
}

fn wrong_code() -> signin::View {
    signin::View {
        code: None,
        fault: Some(signin::Fault::WrongOrUsed),
        next: Some("/me".into()),
        desk_phone: Some("0563-600 0000".into()),
    }
}

fn not_found() -> error_page::View {
    error_page::View {
        status: 404,
        code: "not-found".into(),
        title: "没有这一页".into(),
        mend: "请检查地址，或从首页重新进入。".into(),
        ask: String::new(),
    }
}

//! What staff, units and secretaries see, and that the member learns of it.

use hourbook_ledger::domain::event::{Body, ListEvent};
use hourbook_ledger::domain::time::Period;
use hourbook_projections::canonical::Canonical as _;
use hourbook_tests::town::{
    ANN, AUDITOR, BEN, FAR_WORKER, OFFICER, SECOND_STEWARD, STEWARD, Town, UNIT, WORKER, name, today,
};

use crate::browser::Browser;

fn id(bytes: [u8; 16]) -> String {
    uuid::Uuid::from_bytes(bytes).to_string()
}

#[test]
fn a_look_is_noted_before_it_is_shown_and_the_member_sees_it() {
    let town = crate::public::lived_in();
    let member = format!("/members/{}", id([BEN; 16]));
    let mut worker = Browser::with_token(&town.server, &town.server.sign_in(WORKER));
    let record = worker.page(&member);
    assert!(
        record.contains(name(BEN)) && record.contains("您正在看别人的记录") && record.contains("清扫小区")
    );
    assert!(!record.contains("/me/statement"), "the statement is one's own");
    let mut stranger = Browser::with_token(&town.server, &town.server.sign_in(FAR_WORKER));
    assert_eq!(stranger.get(&member).status, 403);
    assert_eq!(stranger.get(&format!("/members/{}", id([99; 16]))).status, 403, "ids cannot be guessed");
    assert_eq!(Browser::new(&town.server).get(&member).status, 303);
    let mut own = Browser::with_token(&town.server, &town.server.sign_in(BEN));
    assert_eq!(own.get(&member).header("location"), Some("/me"));
    let looks = own.page("/me/access");
    assert!(
        looks.contains("查看次数：1") && looks.contains("社区工作者") && looks.contains("社区办事"),
        "{looks}"
    );
    let record = own.page("/me");
    assert!(record.contains("1 小时") && record.contains("已审核") && record.contains("审核"));
    assert!(own.page("/me/statement").contains("清扫小区"));
}

/// The unit's list of the quarter in which the town was founded, published; the page's address.
fn published(town: &Town) -> String {
    let [_, quarter, _] = Period::all_of(today());
    let (cutoff, policy, digest) = {
        let models = town.server.app.read.read();
        let draft = models.draft(UNIT, quarter, models.as_of() - 1).expect("a policy holds");
        (draft.cutoff, draft.policy, draft.digest())
    };
    let body = Body::List(ListEvent::Published { scope: UNIT, period: quarter, cutoff, policy, digest });
    town.must_both(STEWARD, SECOND_STEWARD, body, Vec::new());
    format!("/lists?scope={}&period={quarter}", id(UNIT.0))
}

#[test]
fn a_draft_is_for_those_who_publish_it_and_a_list_agrees_with_the_log() {
    let town = crate::public::lived_in();
    let [_, quarter, _] = Period::all_of(today());
    let draft = format!("/lists?scope={}&period={quarter}", id(UNIT.0));
    let mut public = Browser::new(&town.server);
    assert!(public.page(&draft).contains("这个时间还没有公布榜单"));
    let mut steward = Browser::with_token(&town.server, &town.server.sign_in(STEWARD));
    let page = steward.page(&draft);
    assert!(page.contains("草案，尚未公布") && page.contains(name(ANN)), "{page}");
    assert!(
        page.contains("社区服务 1 小时 30 分") && page.contains("基础分"),
        "each line explains its points"
    );

    // A list can be published once its period is over.
    town.server.pass(45, 0);
    let list = published(&town);
    let page = public.page(&list);
    assert!(page.contains("已公布") && page.contains("重新计算，结果一致"));
    assert!(!page.contains(name(ANN)) && page.contains("黄榜不公开") && page.contains("少于5人"));
    assert!(page.contains("依据：萤组发〔2026〕3号，中共萤湾镇委员会"), "{page}");
    let english = Browser::new(&town.server).page(&format!("{list}&lang=en"));
    assert!(english.contains("Basis: 萤组发〔2026〕3号, 中共萤湾镇委员会"), "{english}");
    let json = town.server.get(&format!("/v1/lists/{}/{quarter}", id(UNIT.0))).json();
    assert_eq!(json["basis"]["document"], "萤组发〔2026〕3号");
    assert_eq!(json["basis"]["issuer"], "中共萤湾镇委员会");
    assert_eq!((json["covers"].as_str(), json["no_service"].as_str()), (Some("all"), Some("by-total")));
    let mut ann = Browser::with_token(&town.server, &town.server.sign_in(ANN));
    let own = ann.page(&list);
    assert!(own.contains(name(ANN)) && own.contains("社区服务 1 小时 30 分"), "one's own line is explained");
    let mut officer = Browser::with_token(&town.server, &town.server.sign_in(OFFICER));
    assert!(officer.page(&list).contains(name(ANN)));
    assert!(Browser::new(&town.server).page("/").contains("受到表扬"), "the front page tells of it");
}

#[test]
fn an_entry_is_offered_to_auditors_alone_and_opens_for_them() {
    let town = crate::public::lived_in();
    let offer = |browser: &mut Browser<'_>| browser.page("/log/3").contains("读全文（审计员）");
    assert!(!offer(&mut Browser::new(&town.server)));
    for who in [WORKER, STEWARD, OFFICER, ANN] {
        assert!(!offer(&mut Browser::with_token(&town.server, &town.server.sign_in(who))), "{who}");
    }
    let mut auditor = Browser::with_token(&town.server, &town.server.sign_in(AUDITOR));
    assert!(offer(&mut auditor));
    let page = auditor.page("/log/3");
    let link = page.split("href=\"").find(|link| link.starts_with("/v1/")).expect("a link to the entry");
    let link = link.split('"').next().unwrap_or_default();
    assert_eq!(auditor.get(link).status, 200, "{link}");
}

#[test]
fn who_reported_in_and_did_nothing_is_without_service_and_whoever_served_is_not() {
    let shown = |town: &Town| {
        let [_, quarter, _] = Period::all_of(today());
        let list = format!("/lists?scope={}&period={quarter}", id(UNIT.0));
        let page = Browser::with_token(&town.server, &town.server.sign_in(STEWARD)).page(&list);
        let state = page.split("本期无服务记录</h2>").nth(1).expect("the state has its place");
        assert!(state.contains("已报到，本期没有确认的服务。"));
        let count = state.split("<b>").nth(1).and_then(|rest| rest.split('<').next());
        count.map(str::to_owned)
    };
    assert_eq!(shown(&Town::start()).as_deref(), Some("1"), "Ann, before she served");
    assert_eq!(shown(&crate::public::lived_in()).as_deref(), Some("0"));
}

//! What a street reads of its communities, and the policies: in plain words, as a draft, and rankings switched off.

use hourbook_ledger::domain::event::Body;
use hourbook_ledger::domain::policy::{Basis, Policy, RankingPolicy, Rankings};
use hourbook_ledger::domain::time::{Date, Period};
use hourbook_tests::town::{ANN, COMMUNITY, FOUNDER, STEWARD, Town, UNIT, WORKER, name, today};

use crate::browser::Browser;

fn signed_in(town: &Town, who: u8) -> Browser<'_> {
    Browser::with_token(&town.server, &town.server.sign_in(who))
}

fn quarter(of: Date) -> Period {
    Period::all_of(of)[1]
}

#[test]
fn a_street_reads_its_communities_added_up_and_who_is_behind() {
    let town = crate::public::lived_in();
    let page = format!("/communities?period={}", quarter(today()));
    for who in [ANN, WORKER] {
        assert_eq!(signed_in(&town, who).get(&page).status, 403, "{who}: for stewards and founders");
    }
    assert_eq!(Browser::new(&town.server).get(&page).status, 303);
    let mut steward = signed_in(&town, STEWARD);
    let text = steward.page(&page);
    assert!(
        text.contains("合计") && text.contains("参加服务人数") && text.contains("社区工作者："),
        "{text}"
    );
    assert!(!text.contains(name(ANN)), "figures name no volunteer");
    let english = steward.page(&format!("{page}&lang=en"));
    assert!(english.contains("People who served") && english.contains("Sum"), "{english}");

    // What waits beyond its time is told there, and in the words that are copied.
    let behind = "超过期限未审核的时长";
    assert!(!text.contains(behind), "{text}");
    let activity = town.activity(WORKER, 77, COMMUNITY);
    let of = [(ANN, hourbook_tests::town::interval(0, 421, 45))];
    town.must(WORKER, town.hours(COMMUNITY, activity, &of), Vec::new());
    town.server.pass(30, 0);
    let text = signed_in(&town, STEWARD).page(&page);
    assert!(text.contains(&format!("{behind} 1 条")) && text.matches(behind).count() == 2, "{text}");
    let book = signed_in(&town, STEWARD).get(&page.replace("communities", "communities.xlsx"));
    assert_eq!(book.status, 200);
    assert!(book.header("content-type").is_some_and(|kind| kind.ends_with("spreadsheetml.sheet")));
    assert_eq!(signed_in(&town, ANN).get("/communities.xlsx").status, 403);
}

#[test]
fn policies_stand_in_plain_words_with_their_document_for_everybody() {
    let town = crate::public::lived_in();
    let page = Browser::new(&town.server).page("/policies");
    for said in [
        "现行规则",
        "10 个工作日内登记",
        "期中改的下一期才用",
        "萤组发〔2026〕3号",
        "61 分起红榜",
        "不可透支",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("/policies/draft"), "nobody else drafts");
    let english = Browser::new(&town.server).page("/policies?lang=en");
    assert!(english.contains("Policies in force") && english.contains("No overdraft."), "{english}");
    assert_eq!(Browser::new(&town.server).get("/policies?org=nowhere").status, 404);
    let founder = signed_in(&town, FOUNDER).page("/policies");
    assert!(founder.contains("/policies/draft?kind=points"), "{founder}");
    // A steward of a city adopts nothing for the whole ledger.
    assert!(!signed_in(&town, STEWARD).page("/policies").contains("/policies/draft"));
}

#[test]
fn a_draft_tells_what_it_would_have_changed_and_what_is_wrong_with_it() {
    let town = crate::public::lived_in();
    town.server.pass(100, 0);
    let mut steward = signed_in(&town, STEWARD);
    let unit = uuid::Uuid::from_bytes(UNIT.0);
    let form = steward.page(&format!("/policies/draft?kind=points&org={unit}"));
    assert!(form.contains("name=\"red-from\" value=\"61\"") && !form.contains("签名发布"), "{form}");
    let tried = |red: &str, yellow: &str| {
        format!(
            "/policies/draft?kind=points&org={unit}&try=1&from=2027-06-01&base=60&minutes-num=0.02&minutes-den=1\
             &wish=2&absence=-3&floor=0&ceiling=&red-from={red}&yellow-to={yellow}&document=&issuer=&covers=&no-service="
        )
    };
    let page = steward.page(&tried("61", "60.5"));
    assert!(page.contains("61 分起红榜，60.5 分及以下黄榜") && page.contains("红榜人数"), "{page}");
    assert!(page.contains("签名发布") && page.contains("adopt-points-policy"), "{page}");
    assert!(!page.contains(name(ANN)), "figures name nobody");
    let wrong = steward.page(&tried("60", "60.5"));
    assert!(wrong.contains("黄榜的分数线要低于红榜的") && !wrong.contains("签名发布"), "{wrong}");
    let wrong = steward.page(&tried("much", "60.5"));
    assert!(
        wrong.contains("最多两位小数") && wrong.contains("value=\"much\""),
        "nothing typed is lost: {wrong}"
    );
    for (who, path) in [(STEWARD, "/policies/draft?kind=credit"), (ANN, "/policies/draft?kind=points")] {
        assert_eq!(signed_in(&town, who).get(path).status, 403, "{who} {path}");
    }
    assert_eq!(signed_in(&town, FOUNDER).get("/policies/draft?kind=calendar").status, 404);
    for kind in ["credit", "records", "wishes", "waiting", "rankings"] {
        let page = signed_in(&town, FOUNDER).page(&format!("/policies/draft?kind={kind}"));
        assert!(page.contains("试算"), "{kind}: {page}");
    }
}

#[test]
fn a_policy_switches_rankings_off_everywhere() {
    let town = crate::public::lived_in();
    let from = town.server.app.today().plus(1);
    let basis =
        Basis { document: "国办发〔2026〕1号".to_owned(), issuer: "国务院办公厅".to_owned() };
    let off = |rankings| Policy::Rankings(RankingPolicy { rankings, basis: Some(basis.clone()) });
    assert!(Browser::new(&town.server).page("/").contains("href=\"/leaderboard\""));
    town.must(FOUNDER, Body::policy_adopted(from, off(Rankings::Off)), Vec::new());
    town.server.pass(1, 1);

    let mut public = Browser::new(&town.server);
    for path in ["/", "/wishes", "/policies", "/lists"] {
        assert!(!public.page(path).contains("href=\"/leaderboard\""), "{path} leads to no ranking");
    }
    let policies = public.page("/policies");
    assert!(policies.contains("不排名") && policies.contains("国办发〔2026〕1号"), "{policies}");
    let board = public.get("/leaderboard");
    assert_eq!((board.status, board.text().contains("不排名")), (404, true));
    let machine = town.server.get("/v1/leaderboards/ledger");
    assert_eq!((machine.status, machine.code().as_str()), (404, "rankings-off"));
    let draft = format!("/v1/lists/{}/{}?draft=true", uuid::Uuid::from_bytes(UNIT.0), quarter(today()));
    let token = town.server.sign_in(STEWARD);
    assert_eq!(town.server.get_as(&token, &draft).code(), "rankings-off");
    let lists = public.page("/lists");
    assert!(lists.contains("按规则不再公布榜单"), "{lists}");

    town.must(FOUNDER, Body::policy_adopted(from.plus(1), off(Rankings::On)), Vec::new());
    town.server.pass(1, 1);
    assert_eq!(town.server.get("/v1/leaderboards/ledger").status, 200);
}

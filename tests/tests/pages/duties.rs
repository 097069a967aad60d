//! What waits for somebody leads on from their own page; long lists are looked through by the names of organisations.

use hourbook_ledger::domain::event::{ActivityEvent, Body};
use hourbook_ledger::domain::ids::ShiftId;
use hourbook_tests::server::person;
use hourbook_tests::town::*;

use crate::browser::Browser;

fn browser(town: &Town, seed: u8) -> Browser<'_> {
    Browser::with_token(&town.server, &town.server.sign_in(seed))
}

#[test]
fn what_somebody_took_on_leads_on_from_the_own_page() {
    let town = Town::start();
    assert!(!browser(&town, ANN).page("/me").contains("等着您的"), "nothing waits");
    let wish = town.wish(WORKER, 151, OLD);
    town.vet(SECOND_WORKER, wish);
    let code = town.code_session(WORKER, BEN, "42819300");
    let old = town.code_session(WORKER, OLD, "53917204");
    let (mut ben, mut old) =
        (Browser::with_token(&town.server, &code), Browser::with_token(&town.server, &old));
    let at = format!("/wishes/{wish}");
    let page = ben.page(&at);
    let page = ben.submit(&page, &format!("{at}/claim"), "");
    let me = ben.page("/me");
    assert!(me.contains("等着您的") && me.contains(&format!("href=\"{at}\"")), "{me}");
    assert!(me.contains("您认领的心愿，办好后请在这里说"), "{me}");
    assert!(!old.page("/me").contains("等着您的"), "it is not done yet");
    let _ = ben.submit(&page, &format!("{at}/fulfil"), "minutes=30");
    assert!(!ben.page("/me").contains("等着您的"), "now it is for the resident");
    let asked = old.page("/me");
    assert!(
        asked.contains("您的心愿，请确认是否已经实现") && asked.contains(&format!("href=\"{at}\"")),
        "{asked}"
    );
    assert!(!browser(&town, ANN).page("/me").contains("等着您的"), "and for nobody else");
}

#[test]
fn a_place_in_a_shift_stands_on_the_own_page_until_it_is_given_back() {
    let town = Town::start();
    let (activity, shift) = (town.activity(WORKER, 140, GRID), ShiftId([141; 16]));
    town.must(WORKER, Body::Activity(ActivityEvent::Published { activity }), vec![]);
    town.must(WORKER, Body::shift_opened(activity, shift, interval(-1, 480, 60), 1), vec![]);
    let sign_up = |who| Body::Activity(ActivityEvent::SignedUp { activity, shift, person: person(who) });
    for who in [ANN, BEN] {
        let answer = town.must(who, sign_up(who), vec![]);
        town.settle(&answer);
    }
    let placed = browser(&town, ANN).page("/me");
    assert!(
        placed.contains("等着您的") && placed.contains("您报了名") && placed.contains("08:00"),
        "{placed}"
    );
    assert!(browser(&town, BEN).page("/me").contains("您在候补"), "one place alone");
    let back = Body::Activity(ActivityEvent::SignUpWithdrawn { activity, shift, person: person(ANN) });
    let answer = town.must(ANN, back, vec![]);
    town.settle(&answer);
    assert!(!browser(&town, ANN).page("/me").contains("等着您的"));
    assert!(!browser(&town, WORKER).page(&format!("/members/{}", person(BEN))).contains("等着您的"));
}

#[test]
fn organisations_and_colleagues_are_looked_through_by_the_names_of_organisations() {
    let town = Town::start();
    let mut steward = browser(&town, STEWARD);
    let all = steward.page("/orgs");
    assert!(
        all.contains("听蝉社区") && all.contains("供水公司") && !all.contains("enterkeyhint=\"search\""),
        "{all}"
    );
    let found = steward.page("/orgs?q=%E5%90%AC%E8%9D%89");
    let tree = found.split("<ul class=\"plain tree\"").nth(1).expect("the list");
    assert!(tree.contains("听蝉社区") && !tree.contains("供水公司"), "{tree}");
    assert!(found.contains("enterkeyhint=\"search\"") && found.contains("value=\"听蝉\""), "{found}");
    assert!(steward.page("/orgs?q=%E6%97%A0").contains("没有名称里有这几个字的组织"));
    let colleagues = steward.page("/colleagues?q=%E5%90%AC%E8%9D%89");
    assert!(
        colleagues.contains("社区工作者 · 听蝉社区") && !colleagues.contains("供水公司</p>"),
        "{colleagues}"
    );
    assert!(colleagues.contains("enterkeyhint=\"search\""));
    let none = steward.page("/colleagues?q=%E6%97%A0%E5%90%8D");
    assert!(none.contains("没有人在名称里有这几个字的组织任职") && !none.contains("社区工作者 · "), "{none}");
}

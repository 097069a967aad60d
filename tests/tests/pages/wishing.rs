//! Wishes at the desk, many together: posted for a resident, vetted and taken on with one signature.

use hourbook_ledger::domain::event::{Body, WishEvent};
use hourbook_tests::server::person;
use hourbook_tests::town::*;
use serde_json::json;

use crate::browser::{Browser, attributes};

fn by_key(town: &Town, n: u8) -> Browser<'_> {
    Browser::with_token(&town.server, &town.server.sign_in(n))
}

/// Whose wishes they are: somebody who comes in by a code.
fn resident(town: &Town) -> Browser<'_> {
    Browser::with_token(&town.server, &town.code_session(SECOND_WORKER, OLD, "13572468"))
}

/// The parts of a page that begin with a row to be ticked.
fn rows(html: &str) -> Vec<&str> {
    html.split("<li data-row").skip(1).collect()
}

#[test]
fn staff_post_a_wish_from_the_page_of_a_person() {
    let town = Town::start();
    let form = format!("/wishes/new?for={}", person(OLD));
    let mut worker = by_key(&town, WORKER);
    assert!(worker.page("/today").contains("href=\"/wishes/new\""));
    assert!(worker.page("/wishes").contains("href=\"/wishes/new\""));
    assert!(worker.page(&format!("/people/{}", person(OLD))).contains(&format!("href=\"{form}\"")));
    assert!(worker.page("/wishes/new").contains("先找到住户"));
    let html = worker.page(&form);
    assert!(attributes(&html, "data-sign").contains("post-wish") && html.contains(name(OLD)), "{html}");
    assert!(
        html.contains("听蝉社区") && html.contains("修修补补") && !html.contains("repair</option>"),
        "{html}"
    );
    assert!(resident(&town).page("/me/access").contains("社区工作者"), "the look is noted");
    for who in [FAR_WORKER, OFFICER, ANN] {
        assert_eq!(by_key(&town, who).get(&form).status, 403, "{who}");
    }
    assert_eq!(resident(&town).get(&form).status, 403, "one's own is for a colleague");
    let code = town.code_session(STEWARD, WORKER, "42819302");
    let by_code = Browser::with_token(&town.server, &code).page(&form);
    assert!(!by_code.contains("data-sign=\"post-wish\"") && by_code.contains("只能查看"), "{by_code}");
    assert_eq!(
        Browser::new(&town.server).get("/wishes/new").header("location"),
        Some("/signin?next=/wishes/new")
    );

    // What the form signs is what the ledger takes.
    let token = town.server.sign_in(WORKER);
    let asked = json!({ "kind": "post-wish", "resident": person(OLD).to_string(), "org": COMMUNITY.to_string(),
        "category": "repair", "text": "床头灯坏了", "minutes": 60 });
    let drafted = town.server.post_as(&token, "/v1/drafts", &asked);
    assert_eq!(drafted.status, 200, "{}", drafted.text());
}

#[test]
fn drafts_are_vetted_together_and_what_should_not_be_said_stays_unticked() {
    let town = Town::start();
    let (plain, ill) =
        (town.wish(WORKER, 211, OLD), town.wish_saying(WORKER, 212, OLD, "孙子有自闭症，想要画笔"));
    let named = town.wish_saying(
        WORKER,
        213,
        OLD,
        &format!("{}想理发，家住3栋2单元501，电话 13905630001", name(OLD)),
    );
    let own = town.wish(SECOND_WORKER, 214, OLD);
    let html = by_key(&town, SECOND_WORKER).page("/wishes/vetting");
    let rows = rows(&html);
    assert_eq!(rows.len(), 3, "{html}");
    let of = |wish: hourbook_ledger::domain::ids::WishId| {
        *rows.iter().find(|row| row.contains(&wish.to_string())).expect("a row")
    };
    assert!(
        of(plain).contains("checked") && of(named).contains("checked") && !of(ill).contains("checked"),
        "{html}"
    );
    assert!(of(named).contains(">想理发</textarea>"), "{}", of(named));
    assert!(of(named).contains("13905630001"), "the resident's words stand beside it");
    assert!(!html.contains(&own.to_string()) && html.contains("1 个是您提交的"), "{html}");
    assert!(attributes(&html, "data-sign").contains("vet-wish"));
    assert!(resident(&town).page("/me/access").contains("社区工作者"), "each look is noted");
    for who in [OFFICER, ANN] {
        assert_eq!(by_key(&town, who).get("/wishes/vetting").status, 403, "{who}");
    }
    assert!(by_key(&town, FAR_WORKER).page("/wishes/vetting").contains("没有等您审核的心愿"));
    town.vet(SECOND_WORKER, plain);
    assert_eq!(self::rows(&by_key(&town, SECOND_WORKER).page("/wishes/vetting")).len(), 2);
}

#[test]
fn whoever_speaks_for_a_unit_takes_many_on_together() {
    let town = Town::start();
    let wishes = [211, 212].map(|seed| town.wish(WORKER, seed, OLD));
    let draft = town.wish(WORKER, 213, OLD);
    wishes.iter().for_each(|wish| town.vet(SECOND_WORKER, *wish));
    let mut officer = by_key(&town, OFFICER);
    assert!(officer.page("/wishes").contains("href=\"/wishes/claiming\""));
    let html = officer.page("/wishes/claiming");
    assert_eq!(rows(&html).len(), 2, "{html}");
    assert!(attributes(&html, "data-sign").contains("claim-wish-together"));
    assert!(html.contains(&UNIT.to_string()) && !html.contains(&draft.to_string()), "{html}");
    assert!(!html.contains(name(OLD)) && !html.contains("床头灯坏了"), "only what the public reads");
    assert!(!html.contains("checked"), "nothing is taken on unasked");
    assert_eq!(by_key(&town, ANN).get("/wishes/claiming").status, 403);
    assert!(!by_key(&town, ANN).page("/wishes").contains("/wishes/claiming"));
    let by_poster = by_key(&town, WORKER).page("/wishes/claiming");
    assert!(rows(&by_poster).is_empty(), "whoever posted it does not take it on: {by_poster}");

    let claim = |wish| {
        let claimer = hourbook_ledger::domain::event::Claimer::Org(UNIT);
        Body::Wish(WishEvent::Claimed { wish, claimer, participants: Vec::new() })
    };
    wishes.into_iter().for_each(|wish| {
        town.must(OFFICER, claim(wish), Vec::new());
    });
    assert!(officer.page("/wishes/claiming").contains("现在没有待认领的心愿"));
}

#[test]
fn a_register_of_wishes_is_read_and_each_is_found_by_name_and_phone() {
    let town = Town::start();
    town.register(71, GRID, "王秀芳", Some("19901554567"), None);
    town.register(72, COMMUNITY, "张小明", Some("19901558888"), None);
    let mut worker = by_key(&town, WORKER);
    assert!(worker.page("/wishes/new").contains("href=\"/wishes/import\""));
    let html = worker.page("/wishes/import");
    assert!(attributes(&html, "data-sign").contains("post-wish") && html.contains("听蝉社区"), "{html}");
    assert_eq!(by_key(&town, ANN).get("/wishes/import").status, 403);

    let sheet = "微心愿征集认领台账\n\
        序号,心愿人姓名,年龄,联系电话,人员类别(独居老人/低保),家庭住址,心愿内容,心愿类别(物品/服务),认领人,完成时间,备注\n\
        1,王秀芳,78,199 0155 4567,独居老人,3栋501,想要一双棉鞋,物品,住建局第二党支部,,38码\n\
        2,张小明,9,19901558888,困境儿童,,想有人辅导作业,服务,,,\n\
        3,李四,60,19901550000,其他,,想理发,服务,,,\n\
        4,王秀芳,78,19901554567,,,想要一双棉鞋,物品,,,38码\n\
        5,王秀芳,78,19901554567,,,想看戏,服务,,已完成,\n";
    let token = town.server.sign_in(WORKER);
    let path = format!("/v1/wishes/sheet?org={COMMUNITY}&name=a.csv");
    let read = |token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("content-type", "text/csv"), ("authorization", bearer.as_str())];
        town.server.send("POST", &path, &headers, sheet.as_bytes())
    };
    let answer = read(&token);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    let [shoes, child] = &told["wishes"].as_array().expect("wishes")[..] else { panic!("{told}") };
    assert_eq!((&shoes["resident"], &shoes["category"]), (&json!(person(71).to_string()), &json!("goods")));
    assert_eq!(
        (&shoes["text"], &shoes["unit"]),
        (&json!("想要一双棉鞋（38码）"), &json!("住建局第二党支部"))
    );
    assert_eq!((&child["is_child"], &child["category"]), (&json!(true), &json!("study")));
    for (list, name) in [("unknown", "李四"), ("twice", "王秀芳"), ("done", "王秀芳")] {
        assert_eq!(
            (&told[list][0]["name"], told[list].as_array().map(Vec::len)),
            (&json!(name), Some(1)),
            "{list}: {told}"
        );
    }
    assert!(!answer.text().contains("独居老人,") && !answer.text().contains("3栋501"), "{told}");
    assert!(
        told["unread"].to_string().contains("人员类别") && told["unread"].to_string().contains("家庭住址"),
        "{told}"
    );
    assert_eq!(read(&town.server.sign_in(ANN)).status, 403);

    // What was posted is not posted again.
    town.wish_saying(WORKER, 211, 71, "想要一双棉鞋（38码）");
    let again = read(&token).json();
    assert_eq!(again["twice"].as_array().map(Vec::len), Some(2), "{again}");
}

//! What a signed-in person does with plain forms.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{ActivityEvent, Body, NoticeEvent, Span, WishEvent};
use hourbook_ledger::domain::ids::ShiftId;
use hourbook_tests::server::Server;
use hourbook_tests::town::{
    BEN, COMMUNITY, FAR, FAR_WORKER, OLD, SECOND_WORKER, STEWARD, Town, WORKER, interval, name, opening,
    today,
};

use crate::browser::Browser;

fn id(bytes: [u8; 16]) -> String {
    uuid::Uuid::from_bytes(bytes).to_string()
}

fn signed_in<'a>(town: &'a Town, who: u8, code: &str) -> Browser<'a> {
    signed_in_by(town, WORKER, who, code)
}

fn signed_in_by<'a>(town: &'a Town, by: u8, who: u8, code: &str) -> Browser<'a> {
    town.hand_out(by, who, code);
    let mut browser = Browser::new(&town.server);
    let page = browser.page("/signin");
    let page = browser.submit(&page, "/signin", &format!("code={code}"));
    assert!(page.contains(name(who)), "one's own name on one's own page");
    browser
}

#[test]
fn a_wish_goes_its_whole_way_by_plain_forms() {
    let town = Town::start();
    let wish = town.wish(WORKER, 211, OLD);
    town.vet(SECOND_WORKER, wish);
    let here = format!("/wishes/{}", id(wish.0));
    let to = |act: &str| format!("{here}/{act}");
    let mut ben = signed_in(&town, BEN, "24681357");
    let page = ben.page(&here);
    assert!(!page.contains("床头灯坏了"), "the resident's words are not there before the claim");
    let page = ben.submit(&page, &to("claim"), "");
    assert!(page.contains("认领成功") && page.contains("撤销认领") && page.contains("床头灯坏了"));
    let page = ben.submit(&page, &to("release"), "");
    assert!(page.contains("已经放下") && !page.contains("床头灯坏了"));
    let page = ben.submit(&page, &to("claim"), "");
    assert!(ben.page("/wishes?status=mine").contains(&here));
    let nonsense = ben.post(&to("fulfil"), "minutes=many");
    assert_eq!(nonsense.status, 422);
    assert!(nonsense.text().contains("请用数字填写") && nonsense.text().contains(&to("fulfil")));
    let page = ben.submit(&page, &to("fulfil"), "minutes=45");
    assert!(page.contains("已登记办好") && !page.contains(&to("release")));

    let mut old = signed_in(&town, OLD, "13572468");
    let page = old.page(&here);
    let page = old.submit(&page, &to("confirm"), "rating=5");
    assert!(page.contains("已确认") && page.contains("回访，满意"));
    assert!(Browser::new(&town.server).page("/wishes?status=confirmed").contains(&here));
}

#[test]
fn the_reason_of_a_step_is_read_by_whoever_may_read_the_wish() {
    let town = Town::start();
    let wish = town.wish(WORKER, 211, OLD);
    town.vet(SECOND_WORKER, wish);
    let reason = opening(wish.0, Field::Reason, "女儿已经修好了");
    let body = Body::Wish(WishEvent::Withdrawn { wish, reason: reason.commitment() });
    town.settle(&town.must(WORKER, body, vec![reason]));
    let here = format!("/wishes/{}", id(wish.0));
    assert!(signed_in(&town, OLD, "13572468").page(&here).contains("女儿已经修好了"));
    assert!(!signed_in(&town, BEN, "24681357").page(&here).contains("女儿已经修好了"));
    let of = |who: Option<u8>| {
        let path = format!("/v1/wishes/{wish}");
        let answer = match who {
            Some(who) => town.server.get_as(&town.server.sign_in(who), &path),
            None => town.server.get(&path),
        };
        answer.json()["timeline"][2]["reason"].clone()
    };
    assert_eq!(of(Some(WORKER)), "女儿已经修好了");
    assert_eq!(of(None), serde_json::Value::Null);
}

#[test]
fn a_dispute_is_raised_by_a_plain_form_and_decided_by_staff_with_no_part_in_it() {
    let town = Town::start();
    let wish = town.wish(WORKER, 211, OLD);
    town.vet(SECOND_WORKER, wish);
    let here = format!("/wishes/{}", id(wish.0));
    let to = |act: &str| format!("{here}/{act}");
    let mut ben = signed_in(&town, BEN, "24681357");
    let page = ben.page(&here);
    let page = ben.submit(&page, &to("claim"), "");
    let page = ben.submit(&page, &to("fulfil"), "minutes=45");
    assert!(page.contains("等住户确认") && page.contains(&to("dispute")), "the claimer may say so too");

    let mut old = signed_in(&town, OLD, "13572468");
    let page = old.page(&here);
    assert!(page.contains(&to("confirm")) && page.contains("<summary>不是这样</summary>"));
    let empty = old.post(&to("dispute"), "reason=+");
    assert_eq!(empty.status, 422);
    assert!(empty.text().contains("请写明哪里不符"));
    let page = old.submit(&page, &to("dispute"), "reason=灯还没有换");
    assert!(page.contains("已收到您的异议") && page.contains("有异议") && page.contains("灯还没有换"));
    assert!(!page.contains(&to("confirm")), "staff decide first");
    assert!(ben.page(&here).contains("灯还没有换"), "the other side reads it");
    assert!(!Browser::new(&town.server).page(&here).contains("灯还没有换"), "the public does not");

    let answer = opening(wish.0, Field::Reason, "上门看过，灯没有换");
    let body = Body::Wish(WishEvent::DisputeUpheld { wish, reason: answer.commitment() });
    assert_eq!(town.say(WORKER, body.clone(), vec![answer.clone()]).code(), "four-eyes");
    town.settle(&town.must(SECOND_WORKER, body, vec![answer]));
    let page = ben.page(&here);
    assert!(page.contains("异议成立") && page.contains("上门看过") && page.contains(&to("fulfil")));
    let shown = town.server.get(&format!("/v1/wishes/{wish}")).json();
    assert_eq!((&shown["state"], &shown["took_minutes"]), (&"claimed".into(), &serde_json::Value::Null));

    ben.submit(&page, &to("release"), "");
    let mut far = signed_in_by(&town, FAR_WORKER, FAR, "24681358");
    let page = far.page(&here);
    let page = far.submit(&page, &to("claim"), "");
    assert!(page.contains("床头灯坏了"), "whoever takes it on reads the wish");
    assert!(page.contains("异议成立") && !page.contains("灯还没有换") && !page.contains("上门看过"));
}

#[test]
fn who_had_a_wish_is_nobody_in_its_history_even_if_named_in_public() {
    let town = Town::start();
    let wish = town.wish(WORKER, 211, OLD);
    town.vet(SECOND_WORKER, wish);
    let here = format!("/wishes/{}", id(wish.0));
    let mut old = signed_in(&town, OLD, "13572468");
    old.post("/me/public-name", "agreed=yes");
    town.server.pass(8, 0);
    town.server.tick();
    assert!(old.page("/me/access").contains("姓名公开"), "the term is over");
    let mut ben = signed_in(&town, BEN, "24681357");
    for (act, fields) in [("claim", ""), ("fulfil", "minutes=45")] {
        assert_eq!(ben.post(&format!("{here}/{act}"), fields).status, 303);
    }
    let mut old = signed_in(&town, OLD, "13572469");
    assert_eq!(old.post(&format!("{here}/dispute"), "reason=灯还没有换").status, 303);
    let page = Browser::new(&town.server).page(&here);
    assert!(page.contains("当事人") && !page.contains(name(OLD)), "{page}");
}

#[test]
fn a_notice_stands_on_the_first_page_and_with_its_organisation_until_it_is_over_or_withdrawn() {
    let town = Town::start();
    let publish = |title: &str, from: i32, to: i32| {
        let title = opening(COMMUNITY.0, Field::Title, title);
        let text = opening(COMMUNITY.0, Field::Content, "周六上午\n<b>停水</b>");
        let span = Span { from: today().plus(from), to: Some(today().plus(to)) };
        let (org, commitments) = (COMMUNITY, (title.commitment(), text.commitment()));
        let body =
            Body::Notice(NoticeEvent::Published { org, title: commitments.0, text: commitments.1, span });
        let answer = town.must(WORKER, body, vec![title, text]);
        town.settle(&answer);
        Town::event_of(&answer)
    };
    publish("以后的通知", 5, 9);
    let older = publish("停电通知", 0, 3);
    let notice = publish("停水通知", 0, 3);
    let page = Browser::new(&town.server).page("/");
    assert!(
        page.contains("停水通知") && page.contains("&lt;b&gt;停水&lt;/b&gt;") && !page.contains("以后的通知")
    );
    assert!(!page.contains("停电通知"), "one of each organisation, the newest");
    let told = || town.server.get(&format!("/v1/orgs/{COMMUNITY}")).json()["notices"].clone();
    let titles = told().as_array().unwrap().iter().map(|one| one["title"].clone()).collect::<Vec<_>>();
    assert!(titles.contains(&"停水通知".into()) && titles.contains(&"停电通知".into()), "{titles:?}");
    for notice in [notice, older] {
        let body = Body::Notice(NoticeEvent::Withdrawn { org: COMMUNITY, notice });
        town.settle(&town.must(SECOND_WORKER, body, vec![]));
    }
    // In the other language, for a page that was made already may be two seconds old.
    let english = Browser::new(&town.server).send("GET", "/", &[("accept-language", "en")], "");
    assert!(!english.text().contains("停水通知"));
    assert_eq!(told(), serde_json::json!([]));
}

#[test]
fn what_the_rules_refuse_is_said_on_the_page_in_both_languages() {
    let town = Town::start();
    for seed in [211, 212] {
        let wish = town.wish(WORKER, seed, OLD);
        town.vet(SECOND_WORKER, wish);
    }
    let mut ben = signed_in(&town, BEN, "24681357");
    assert_eq!(ben.post(&format!("/wishes/{}/claim", id([211; 16])), "").status, 303);
    let second = format!("/wishes/{}/claim", id([212; 16]));
    for (lang, text) in [("zh", "没有办成"), ("en", "That was not done")] {
        let refused = ben.post(&format!("{second}?lang={lang}"), "");
        assert_eq!(refused.status, 409, "{}", refused.text());
        let html = refused.text();
        assert!(
            html.contains(text) && html.contains("too-many-claims") && html.contains("role=\"alert\""),
            "{html}"
        );
        assert!(html.contains(&format!("action=\"{second}\"")), "the form is still there");
    }
    let unknown = ben.post(&format!("/wishes/{}/claim", id([213; 16])), "");
    assert_eq!(unknown.status, 404);
    assert_eq!(ben.post(&format!("/wishes/{}/steal", id([212; 16])), "").status, 404);
}

#[test]
fn whoever_is_not_signed_in_is_led_to_the_form_and_back() {
    let town = Town::start();
    let wish = town.wish(WORKER, 211, OLD);
    town.vet(SECOND_WORKER, wish);
    town.hand_out(WORKER, BEN, "24681357");
    let here = format!("/wishes/{}", id(wish.0));
    let mut browser = Browser::new(&town.server);
    for path in ["/me", "/me/access", "/me/statement"] {
        let answer = browser.get(path);
        assert_eq!((answer.status, answer.header("location")), (303, Some(&*format!("/signin?next={path}"))));
    }
    let claim = browser.post(&format!("{here}/claim"), "");
    assert_eq!(claim.header("location"), Some(&*format!("/signin?next={here}")));
    let form = browser.page(&format!("/signin?next={here}"));
    assert!(form.contains(&format!("name=\"next\" value=\"{here}\"")));
    let back = browser.submit(&form, "/signin", &format!("code=24681357&next={here}"));
    assert!(back.contains("我来帮忙"));
    assert_eq!(browser.get("/signin?next=/lists").header("location"), Some("/lists"));
}

#[test]
fn the_form_leads_nowhere_but_to_this_site_and_takes_nothing_from_others() {
    let town = Town::start();
    town.hand_out(WORKER, BEN, "24681357");
    let mut browser = Browser::new(&town.server);
    for next in ["//evil.example", "https://evil.example/", "/%5Cevil.example", "javascript:alert(1)"] {
        assert!(!browser.page(&format!("/signin?next={next}")).contains("name=\"next\""), "{next}");
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let elsewhere = [form[0], ("origin", "https://evil.example")];
    let cross = [form[0], ("sec-fetch-site", "cross-site")];
    for headers in [&form[..], &elsewhere[..], &cross[..]] {
        let answer = browser.send("POST", "/signin", headers, "code=24681357");
        assert_eq!(answer.status, 403, "{headers:?}");
        assert!(answer.text().contains("cross-site") && browser.cookie("hourbook_session").is_none());
    }
    let taken = browser.post("/signin", "code=24681357&next=%2F%2Fevil.example");
    assert_eq!((taken.status, taken.header("location")), (303, Some("/me")));
    let out = browser.send("POST", "/signout", &elsewhere, "");
    assert_eq!(out.status, 403, "nobody else signs one out");
    assert_eq!(browser.get("/me").status, 200);
}

#[test]
fn a_wrong_code_is_told_in_place_and_is_not_shown_again() {
    let town = Town::start();
    let mut browser = Browser::new(&town.server);
    let wrong = browser.post("/signin", "code=99999999&next=%2Fwishes");
    assert_eq!(wrong.status, 401);
    assert!(wrong.text().contains("登录码不对") && wrong.text().contains("value=\"/wishes\""));
    assert!(!wrong.text().contains("99999999"));
    assert_eq!(browser.post("/signin", "code=").status, 422);
    town.hand_out(WORKER, BEN, "24681357");
    assert_eq!(browser.post("/signin", "code=24681357").status, 303);
    let mut other = Browser::new(&town.server);
    assert_eq!(other.post("/signin", "code=24681357").status, 409, "it works once");
}

/// A code in a query would stand in logs and histories: a link has it behind `#`, where a script reads it.
#[test]
fn a_code_in_a_query_is_not_read_and_only_sending_the_form_spends_one() {
    let town = Town::start();
    town.hand_out(WORKER, BEN, "24681357");
    let mut browser = Browser::new(&town.server);
    let page = browser.page("/signin?code=24681357");
    assert!(!page.contains("value=\"24681357"), "{page}");
    assert!(page.contains("inputmode=\"numeric\"") && page.contains("autocomplete=\"one-time-code\""));
    assert_eq!(browser.post("/signin", "code=2468+1357").status, 303, "it was not spent");
    assert_eq!(browser.post("/signin", "code=24681357").status, 409, "now it is");
}

#[test]
fn whoever_tries_too_often_has_to_wait() {
    let few = std::num::NonZeroU32::new(2).unwrap();
    let server =
        Server::start_with(|options| options.limits = hourbook::auth::sign_in_limits::Limits::of(few, few));
    let mut browser = Browser::new(&server);
    let statuses: Vec<u16> = (0..3).map(|_| browser.post("/signin", "code=99999999").status).collect();
    assert_eq!(statuses, [401, 401, 429]);
    let waits = browser.post("/signin", "code=99999999");
    assert!(waits.header("retry-after").is_some() && waits.text().contains("试的次数太多"));
}

#[test]
fn signing_out_ends_the_session_everywhere() {
    let town = Town::start();
    let mut ben = signed_in(&town, BEN, "24681357");
    let token = ben.cookie("hourbook_session").expect("a session").to_owned();
    let page = ben.page("/me");
    let home = ben.submit(&page, "/signout", "");
    assert!(!home.contains("退出登录") && ben.cookie("hourbook_session").is_none());
    assert_eq!(Browser::with_token(&town.server, &token).get("/me").status, 303, "the old token is void");
}

#[test]
fn places_are_taken_and_given_back() {
    let town = Town::start();
    let activity = town.activity(WORKER, 201, COMMUNITY);
    town.must(WORKER, Body::Activity(ActivityEvent::Published { activity }), Vec::new());
    let shift = ShiftId([221; 16]);
    town.must(WORKER, Body::shift_opened(activity, shift, interval(-3, 540, 120), 1), Vec::new());
    let public = Browser::new(&town.server).page("/activities");
    assert!(public.contains("清扫小区") && public.contains("余位 1 / 1") && public.contains("登录后报名"));
    let to = |act: &str| format!("/activities/{}/{}/{act}", id(activity.0), id(shift.0));
    let mut ben = signed_in(&town, BEN, "24681357");
    let page = ben.page("/activities");
    let page = ben.submit(&page, &to("sign-up"), "");
    assert!(page.contains("您已报名") && page.contains("已报满"));
    let mut far = signed_in_far(&town);
    let page = far.page("/activities");
    let page = far.submit(&page, &to("sign-up"), "");
    assert!(page.contains("您在候补"));
    let page = ben.page("/activities");
    let _ = ben.submit(&page, &to("withdraw"), "");
    assert!(far.page("/activities").contains("您已报名"), "whoever waits moves up");
    let again = ben.post(&to("withdraw"), "");
    assert!(again.status >= 400 && again.text().contains("没有办成"), "{}", again.status);
}

fn signed_in_far(town: &Town) -> Browser<'_> {
    town.hand_out(hourbook_tests::town::FAR_WORKER, FAR, "11223344");
    let mut browser = Browser::new(&town.server);
    assert_eq!(browser.post("/signin", "code=11223344").status, 303);
    browser
}

#[test]
fn a_role_is_laid_down_where_it_is_shown() {
    use hourbook_ledger::domain::event::{Body, Role, Scope};
    use hourbook_tests::server::person;
    let town = Town::start();
    let mut ben = signed_in(&town, BEN, "24681357");
    assert!(!ben.page("/me/access").contains("我的职务"));
    let (role, scope) = (Role::Lead, Scope::Org(COMMUNITY));
    town.must(STEWARD, Body::appointed(person(BEN), role, scope, vec![]), vec![]);
    let page = ben.page("/me/access");
    assert!(page.contains("我的职务") && page.contains("领队 · 听蝉社区"), "{page}");
    let fields = format!("role=lead&org={COMMUNITY}");
    assert!(!ben.submit(&page, "/me/roles", &fields).contains("我的职务"));
    let again = ben.post("/me/roles", &fields);
    assert!(again.status >= 400 && again.text().contains("unknown-role"), "{}", again.text());
    for wrong in ["role=mayor&org=", "role=lead&org=x", "role=lead"] {
        let status = ben.post("/me/roles", wrong).status;
        assert!([400, 422].contains(&status), "{wrong}: {status}");
    }
}

#[test]
fn a_name_is_public_only_as_long_as_its_owner_wants() {
    let town = crate::public::lived_in();
    let mut ben = signed_in(&town, BEN, "24681357");
    let seen = |town: &Town| Browser::new(&town.server).page("/leaderboard?period=all").contains(name(BEN));
    assert!(seen(&town));
    let page = ben.page("/me/access");
    let page = ben.submit(&page, "/me/public-name", "agreed=no");
    assert!(page.contains("姓名不公开") && !seen(&town));
    let _ = ben.submit(&page, "/me/public-name", "agreed=yes");
    assert!(!seen(&town), "whoever handed out the code could have agreed");
    town.server.pass(7, 0);
    town.server.tick();
    assert!(ben.page("/me/access").contains("姓名公开") && seen(&town));
}

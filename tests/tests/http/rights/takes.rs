//! What the server takes in beside signed events: sheets, and what is done in a session or by a form about somebody else.

use hourbook_tests::server::Answer;
use hourbook_tests::town::*;
use serde_json::json;

use super::cast::*;
use super::reads::Reader;
use super::routes::{Trace, takers};
use super::states::*;

/// A sheet that says of one person when that person served.
fn sheet(name: &str, phone: &str) -> String {
    format!(
        "姓名,电话,志愿者编号,活动名称,日期,开始时间,结束时间,地点,服务内容,负责人\n\
         {name},{phone},,清扫小区,2026-12-20,09:00,10:00,小广场,清扫,孙社工\n"
    )
}

impl Reader<'_> {
    /// Everybody hands in what is not theirs to hand in.
    pub(crate) fn hand_in_all(&mut self) {
        for face in takers() {
            match face {
                "/v1/imports/preview" => {
                    self.preview();
                    self.preview_names();
                }
                "/v1/me/events" => self.act_for_others(),
                "/v1/people/known" => self.ask_who_is_known(),
                "/v1/people/sheet" => self.read_a_roll(),
                "/v1/wishes/sheet" => self.read_wishes(),
                "/me/acts/{id}/{way}" | "/wishes/{id}/{act}" | "/activities/{activity}/{shift}/{act}" => {
                    self.send_forms(face);
                }
                "/v1/sessions/challenge" => self.ask_for_a_challenge(),
                // One's own affair, drafts that record nothing, signing in and out, and signed events, which `writes` tries.
                "/v1/drafts" | "/me/public-name" | "/me/roles" | "/signout" | "/v1/sessions"
                | "/v1/events" | "gRPC Append" => {}
                new => panic!("{new} is a new face: say here how it is tried"),
            }
        }
    }

    fn post(&mut self, path: &str, kind: &str, body: &str) -> Answer {
        self.post_with(path, kind, None, body)
    }

    /// The same with one header more.
    fn post_with(&mut self, path: &str, kind: &str, more: Option<(&str, &str)>, body: &str) -> Answer {
        self.outcome.requests += 1;
        self.outcome.cells += 1;
        let mut headers = vec![("content-type", kind), ("sec-fetch-site", "same-origin")];
        headers.extend(more);
        let bearer = match &self.viewer.door {
            Door::Nobody => None,
            Door::Token(token) | Door::Over(token) => Some(format!("Bearer {token}")),
        };
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        self.scene.town.server.send("POST", path, &headers, body.as_bytes())
    }

    fn is_by_code(&mut self) -> bool {
        self.get("/v1/sessions/current").json()["by"] == "code"
    }

    /// A name without a number is asked about: they are told that there is such a person only of whom they may find.
    fn preview_names(&mut self) {
        let path = format!("/v1/imports/preview?org={COMMUNITY}&name=a.csv");
        let named = Some(("hourbook-named", ""));
        let unknown = self.post_with(&path, "text/csv", named, &sheet(&format!("{SURNAME}明无"), ""));
        for state in [State::Home, State::ReportedIn, State::Far, State::Moved] {
            let subject = &self.scene.subjects[state as usize];
            let answer = self.post_with(&path, "text/csv", named, &sheet(&subject.full(), ""));
            if !matches!(answer.status, 401 | 403 | 422) {
                self.blame(format!("a name alone, of {state:?}, is answered {}", answer.status));
            }
            let is_asked = answer.status == 422 && answer.json()["errors"][0]["code"] == json!("say-who");
            if is_asked != (answer.status == 422 && self.viewer.finds(subject)) {
                self.blame(format!("a name alone is asked about or not, of {state:?}: {}", answer.text()));
            }
            match is_asked {
                true => self.expect_trace(subject, &path, Trace::Register),
                false if answer.text() != unknown.text() => {
                    self.blame(format!("a name alone tells that {state:?} is known: {}", answer.text()));
                }
                false => {}
            }
        }
    }

    /// Who records somewhere finds by a sheet who belongs there, and nobody else.
    fn preview(&mut self) {
        let by_code = self.is_by_code();
        let path = format!("/v1/imports/preview?org={COMMUNITY}&name=a.csv");
        let unknown = self.post(&path, "text/csv", &sheet(&format!("{SURNAME}明无"), &phone(99)));
        for state in [State::Home, State::ReportedIn, State::Far, State::Moved] {
            let subject = &self.scene.subjects[state as usize];
            let text = sheet(&subject.full(), &phone(200 + subject.number));
            let answer = self.post(&path, "text/csv", &text);
            let owed = match self.viewer.door {
                Door::Nobody | Door::Over(_) => 401,
                Door::Token(_) if by_code || !self.viewer.records(COMMUNITY) => 403,
                Door::Token(_) if self.viewer.finds(subject) => 200,
                Door::Token(_) => 422,
            };
            if answer.status != owed {
                let got = format!("{} {}", answer.status, answer.code());
                self.blame(format!("a sheet of {state:?} is answered {got}, owed {owed}"));
            }
            match answer.status {
                200 => self.expect_trace(subject, &path, Trace::Register),
                _ if answer.text() != unknown.text() => {
                    self.blame(format!("a sheet tells that {state:?} is known: {}", answer.text()));
                }
                _ => {}
            }
        }
    }

    /// Whoever registers people somewhere, with the key that will sign.
    fn owed_to_registrars(&mut self) -> u16 {
        let by_code = self.is_by_code();
        match self.viewer.door {
            Door::Nobody | Door::Over(_) => 401,
            Door::Token(_) if by_code || !self.viewer.is_registrar(COMMUNITY) => 403,
            Door::Token(_) => 200,
        }
    }

    /// They are told who is registered already of those whom they may find, and of nobody else.
    fn ask_who_is_known(&mut self) {
        let owed = self.owed_to_registrars();
        let ask = |name: String, phone: String| {
            json!({ "home": COMMUNITY.to_string(), "people": [{ "name": name, "phone": phone }] }).to_string()
        };
        let path = "/v1/people/known";
        let unknown = self.post(path, "application/json", &ask(format!("{SURNAME}明无"), phone(99)));
        for state in [State::Home, State::ReportedIn, State::Far, State::Moved] {
            let subject = &self.scene.subjects[state as usize];
            let asked = ask(subject.full(), phone(200 + subject.number));
            let answer = self.post(path, "application/json", &asked);
            if answer.status != owed {
                self.blame(format!("who is known: {state:?} is answered {}, owed {owed}", answer.status));
            }
            let is_told = answer.status == 200 && answer.json()["people"] != json!([[]]);
            if is_told != (owed == 200 && self.viewer.finds(subject)) {
                self.blame(format!("who is known: {state:?} is told or not: {}", answer.text()));
            }
            match is_told {
                true => self.expect_trace(subject, path, Trace::Register),
                false if answer.text() != unknown.text() => {
                    self.blame(format!("it tells that {state:?} is known: {}", answer.text()));
                }
                false => {}
            }
        }
    }

    /// A roll is read for them alone, and says nothing of who is registered.
    fn read_a_roll(&mut self) {
        let owed = self.owed_to_registrars();
        let subject = &self.scene.subjects[State::Home as usize];
        let path = format!("/v1/people/sheet?home={COMMUNITY}&name=a.csv");
        let roll = format!("姓名,电话\n{},{}\n", subject.full(), phone(200 + subject.number));
        let answer = self.post(&path, "text/csv", &roll);
        if answer.status != owed {
            self.blame(format!("a roll is answered {}, owed {owed}", answer.status));
        }
    }

    /// A register of wishes finds for staff of the community who lives there, and nobody for anybody else.
    fn read_wishes(&mut self) {
        let by_code = self.is_by_code();
        let path = format!("/v1/wishes/sheet?org={COMMUNITY}&name=a.csv");
        let sheet =
            |name: &str, phone: &str| format!("心愿人姓名,联系电话,心愿内容\n{name},{phone},想理发\n");
        for state in [State::Home, State::ReportedIn, State::Far, State::Moved] {
            let subject = &self.scene.subjects[state as usize];
            let answer = self.post(&path, "text/csv", &sheet(&subject.full(), &phone(200 + subject.number)));
            let owed = match self.viewer.door {
                Door::Nobody | Door::Over(_) => 401,
                Door::Token(_) if by_code || !self.viewer.is_staff(COMMUNITY) => 403,
                Door::Token(_) => 200,
            };
            if answer.status != owed {
                self.blame(format!("wishes of {state:?} are answered {}, owed {owed}", answer.status));
            }
            let is_found = answer.text().contains(&subject.id().to_string());
            let lives_here = matches!(state, State::Home | State::ReportedIn);
            if is_found != (owed == 200 && lives_here && !self.viewer.is(subject)) {
                self.blame(format!("wishes of {state:?}: found or not: {}", answer.text()));
            }
            if is_found {
                self.expect_trace(subject, &path, Trace::Register);
            }
        }
    }

    /// What waits about somebody else is not called off or agreed to in one's own session, and a wish not confirmed.
    fn act_for_others(&mut self) {
        let others = self.scene.subjects.iter().filter(|subject| !self.viewer.is(subject));
        for (subject, (act, ..)) in others.filter_map(|subject| Some((subject, subject.act?))).take(4) {
            for body in [
                json!({ "kind": "stop-act", "act": act.to_string() }),
                json!({ "kind": "approve-act", "act": act.to_string() }),
                json!({ "kind": "confirm-wish", "wish": subject.wish.to_string(), "rating": 5 }),
            ] {
                let answer = self.post("/v1/me/events", "application/json", &body.to_string());
                if !matches!(answer.status, 401 | 403 | 409 | 422) {
                    self.blame(format!("{body} about {:?} is answered {}", subject.state, answer.status));
                }
            }
        }
    }

    /// The same by the forms of pages.
    fn send_forms(&mut self, face: &str) {
        let (activity, shift) = (self.scene.work.activity, self.scene.work.shift);
        for subject in self.scene.subjects.iter().filter(|subject| !self.viewer.is(subject)).take(5) {
            let act = subject.act.map_or(subject.wish.to_string(), |(act, ..)| act.to_string());
            let paths = match face {
                "/me/acts/{id}/{way}" => {
                    vec![format!("/me/acts/{act}/stop"), format!("/me/acts/{act}/approve")]
                }
                "/wishes/{id}/{act}" => vec![format!("/wishes/{}/confirm", subject.wish)],
                _ => vec![format!("/activities/{activity}/{shift}/withdraw")],
            };
            for path in paths {
                let answer = self.post(&path, "application/x-www-form-urlencoded", "rating=5");
                let to_sign_in = answer.header("location").is_some_and(|to| to.starts_with("/signin"));
                if !(matches!(answer.status, 403 | 404 | 409 | 422) || answer.status == 303 && to_sign_in) {
                    self.blame(format!("{path} of {:?} is answered {}", subject.state, answer.status));
                }
            }
        }
    }

    /// A challenge tells nothing about the key.
    fn ask_for_a_challenge(&mut self) {
        let ask = |key: String| json!({ "key_id": key }).to_string();
        let known = self.scene.subjects[0].who.key_id().to_string();
        let [known, unknown] = [known, "0".repeat(32)].map(|key| {
            let answer = self.post("/v1/sessions/challenge", "application/json", &ask(key));
            let names: Vec<String> =
                answer.json().as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
            (answer.status, names, answer.bytes.len())
        });
        if known != unknown {
            self.blame(format!("a challenge tells of a key: {known:?}, else {unknown:?}"));
        }
    }
}

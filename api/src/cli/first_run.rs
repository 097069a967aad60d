//! The first run: whoever founds a ledger names its first stewards, who make their keys in the page while the founder waits
//! to compare the digits and sign the grant.

use std::io::{BufRead as _, Write as _};
use std::sync::{Arc, Weak};

use hourbook_ledger::actor::{Actor, random_id};
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::code::draw;
use hourbook_ledger::commitment::{CODE_DIGITS, Field, Opening};
use hourbook_ledger::domain::event::{
    ActEvent, Body, KeyEvent, MemberEvent, OrgKind, OrganisationEvent, RevocationReason, Role, RoleEvent,
    Scope,
};
use hourbook_ledger::domain::ids::{KeyId, OrgId, PersonId};
use hourbook_ledger::domain::key::Key;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::sequencer::Handle;
use rand_core::Rng as _;
use tokio::sync::mpsc;

use super::code::granted;
use super::failure::Failure;
use crate::commands::Unsigned;
use crate::state::{App, system_rng};
use crate::ui::parts::grouped;

/// So many digits are typed to say that they were compared; the others are read.
const LAST: usize = 4;

/// The town or community that a ledger is founded for.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) kind: OrgKind,
}

/// Somebody who is to be a steward, and the founder who brings them in.
pub(super) struct Steward {
    name: String,
    person: PersonId,
    by: Actor,
    code: String,
}

/// What the founder has begun and finishes once the stewards have keys.
pub(super) struct FirstRun {
    org: OrgId,
    founders: Vec<Actor>,
    stewards: Vec<Steward>,
}

impl FirstRun {
    /// Registers the place and the stewards, and draws a code for each. The first comes in by the first founder, the second by
    /// the second, if that key is here: two who came by one hand count as one person for the first week.
    pub(super) fn begin(
        handle: &Handle,
        founders: &[Actor],
        place: &Place,
        names: &[String],
    ) -> Result<Self, Failure> {
        let org = OrgId(random_id(&mut system_rng()));
        let body = Body::Organisation(OrganisationEvent::Registered {
            org,
            kind: place.kind,
            name: place.name.clone(),
            code: None,
            parent: None,
        });
        let mut batch = vec![signed(&founders[0], body, Vec::new())];
        let mut stewards = Vec::new();
        for (name, by) in names.iter().zip(founders.iter().cycle()) {
            let person = PersonId(random_id(&mut system_rng()));
            let sealed = seal(person, Field::Name, name)?;
            let body = Body::Member(MemberEvent::Registered {
                person,
                home: org,
                name: sealed.commitment(),
                phone: None,
                id_number: None,
                volunteer_number: None,
            });
            batch.push(signed(by, body, vec![sealed]));
            let code = draw(*CODE_DIGITS.start(), &mut system_rng());
            batch.push(grant(by, person, &code)?);
            stewards.push(Steward { name: name.clone(), person, by: by.clone(), code });
        }
        handle.submit_waiting(batch).wait()?;
        Ok(Self { org, founders: founders.to_vec(), stewards })
    }

    /// What each steward does next.
    pub(super) fn told(&self, address: &str) -> String {
        let mut text = String::new();
        for Steward { name, code, person, .. } in &self.stewards {
            text.push_str(&format!(
                "\n管理员 {name}：打开 {address}/signin ，输入登录码 {code} ，在“我的密钥”里新建密钥。\n\
                 Steward {name}: open {address}/signin, type the code {code}, make a key under \"My keys\".\n\
                 编号 id  {person}\n"
            ));
        }
        text
    }

    /// How a founder names the key without waiting for it here.
    pub(super) fn told_later(&self) -> String {
        let line = |steward: &Steward| {
            format!(
                "  hourbook act do grant-role person={} role=steward org={} key=KEY --as FOUNDER-KEY --server URL\n",
                steward.person, self.org
            )
        };
        format!(
            "管理员建好密钥后，由创立者写入任命 / once a steward has a key, a founder names it:\n{}",
            self.stewards.iter().map(line).collect::<String>()
        )
    }

    /// Waits for each steward's key, shows its digits, and names it when the founder says that they are the same.
    pub(super) async fn finish(self, app: Weak<App>) {
        let (mut lines, mut named) = (lines(), 0);
        for steward in &self.stewards {
            match self.appoint(&app, steward, &mut lines).await {
                Ok(done) => named += usize::from(done),
                Err(failure) => eprintln!("{failure}"),
            }
        }
        if named < self.stewards.len() {
            say!("{}", self.told_later());
            return;
        }
        say!(
            "\n创立者的密钥现在可以锁进保险柜；平时用不到。\n\
             The founders' keys can go into the safe now; they are not needed from day to day."
        );
    }

    async fn appoint(
        &self,
        app: &Weak<App>,
        steward: &Steward,
        lines: &mut mpsc::Receiver<String>,
    ) -> Result<bool, Failure> {
        let mut refused = Vec::new();
        while let Some(key) = next_key(app, steward.person, &refused).await {
            say!(
                "\n{} 新建了密钥 / made a key:\n\n    {}\n\n\
                 请与网页上的全部数字核对。一致就输入最后 {LAST} 位，不一致请输入 n。\n\
                 Compare it with the page, all of it. If it is the same, type its last {LAST} digits, else n.",
                steward.name,
                grouped(&key.to_string())
            );
            let _ = std::io::stdout().flush();
            let (Some(same), Some(app)) = (compared(key, lines).await, app.upgrade()) else {
                return Ok(false);
            };
            if same {
                let body = Body::Role(RoleEvent::Granted {
                    person: steward.person,
                    role: Role::Steward,
                    scope: Scope::Org(self.org),
                    keys: vec![key],
                });
                app.submit(vec![signed(&steward.by, body, Vec::new())]).await?;
                say!("{} 现在是管理员 / is a steward now.", steward.name);
                return Ok(true);
            }
            refused.push(key);
            // It may have been ended meanwhile; the steward needs another code all the same.
            if let Err(failure) = self.end(&app, steward, key).await {
                eprintln!("{failure}");
            }
            let code = draw(*CODE_DIGITS.start(), &mut system_rng());
            app.submit(vec![grant(&steward.by, steward.person, &code)?]).await?;
            say!(
                "请本人当面用新登录码 {code} 登录，重建密钥。\nSign in with the new code {code} and make another key."
            );
        }
        Ok(false)
    }

    /// Ends a key that is not the steward's: both founders say so, or what the second one does is said.
    async fn end(&self, app: &App, steward: &Steward, key: KeyId) -> Result<(), Failure> {
        let body =
            Body::Key(KeyEvent::Revoked { person: steward.person, key, reason: RevocationReason::Stolen });
        let receipts = app.submit(vec![signed(&self.founders[0], body, Vec::new())]).await?;
        let act = receipts[0].event;
        let Some(second) = self.founders.get(1) else {
            say!(
                "密钥 {key} 不能行使任何职务；还要另一位创立者同意停用：hourbook act approve {act}\n\
                 The key {key} exercises nothing; the other founder approves its end: hourbook act approve {act}"
            );
            return Ok(());
        };
        app.submit(vec![signed(second, Body::Act(ActEvent::Approved { act }), Vec::new())]).await?;
        say!("没有任命，密钥 {key} 已停用。\nNothing was granted, and the key {key} has ended.");
        Ok(())
    }
}

/// A key of the person that is in force and not among those that were refused; none once the server ends.
async fn next_key(app: &Weak<App>, person: PersonId, refused: &[KeyId]) -> Option<KeyId> {
    let mut cursor = app.upgrade()?.read.cursor();
    loop {
        cursor.borrow_and_update();
        {
            let app = app.upgrade()?;
            let models = app.read.read();
            let mut keys = models.directory.register().keys.of(person);
            let fits = |(id, key): &(KeyId, &Key)| key.until.is_none() && !refused.contains(id);
            if let Some((id, _)) = keys.find(fits) {
                return Some(id);
            }
        }
        cursor.changed().await.ok()?;
    }
}

/// What is typed, read on a thread of its own: the process ends without waiting for it.
fn lines() -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if tell.blocking_send(line).is_err() {
                return;
            }
        }
    });
    told
}

/// Whether the digits typed are the last of the key, or a no; a line that is neither, such as one that was typed before the
/// key was shown, is asked again. None once nobody types any more.
async fn compared(key: KeyId, lines: &mut mpsc::Receiver<String>) -> Option<bool> {
    let digits = key.to_string();
    let last = &digits[digits.len() - LAST..];
    loop {
        match lines.recv().await?.trim().to_lowercase().as_str() {
            typed if typed == last => return Some(true),
            "n" | "no" | "否" | "不" => return Some(false),
            _ => say!(
                "请输入网页上的最后 {LAST} 位，不一致请输入 n / type the last {LAST} digits that the page shows, or n if it is another key"
            ),
        }
    }
}

fn signed(by: &Actor, body: Body, openings: Vec<Opening>) -> Submission {
    let event = by.event(SystemClock.now(), &mut system_rng(), body);
    Unsigned { event, openings }.sign(by)
}

fn grant(by: &Actor, person: PersonId, code: &str) -> Result<Submission, Failure> {
    let (body, opening) = granted(person, code)?;
    Ok(signed(by, body, vec![opening]))
}

fn seal(person: PersonId, field: Field, text: &str) -> Result<Opening, Failure> {
    let mut salt = [0; 32];
    system_rng().fill_bytes(&mut salt);
    Opening::new(person.0, field, salt, text)
        .map_err(|error| Failure::usage(both!("{text}：{error}", "{text}: {error}")))
}

/// The kind of a place by how its name ends, as names of places do.
pub(super) fn kind_by_name(name: &str) -> Option<OrgKind> {
    let ends: [(&[char], OrgKind); 4] = [
        (&['市', '州', '盟'], OrgKind::City),
        (&['区', '县', '旗'], OrgKind::District),
        (&['道', '镇', '乡'], OrgKind::Street),
        (&['村'], OrgKind::Community),
    ];
    if name.ends_with("社区") {
        return Some(OrgKind::Community);
    }
    ends.into_iter().find(|(ends, _)| name.ends_with(*ends)).map(|(_, kind)| kind)
}

/// Starts to wait for the stewards beside a server.
pub(super) fn wait_beside(first_run: FirstRun, app: &Arc<App>) {
    tokio::spawn(first_run.finish(Arc::downgrade(app)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_place_stands_in_its_name() {
        for (name, kind) in [
            ("某某市", Some(OrgKind::City)),
            ("某某区", Some(OrgKind::District)),
            ("某某街道", Some(OrgKind::Street)),
            ("某某社区", Some(OrgKind::Community)),
            ("某某村", Some(OrgKind::Community)),
            ("某某", None),
        ] {
            assert_eq!(kind_by_name(name), kind, "{name}");
        }
    }
}

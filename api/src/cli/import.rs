//! `hourbook import`: a sheet into a ledger, in a directory or behind a server.

use std::collections::BTreeSet;

use futures::executor::block_on;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::domain::authority::holds;
use hourbook_ledger::domain::event::{ActivityEvent, HoursEvent, OrganisationEvent, Role, Scope};
use hourbook_ledger::domain::ids::{KeyId, OrgId, PersonId};
use hourbook_ledger::domain::person::Office;
use hourbook_ledger::domain::time::Offset;
use hourbook_ledger::dsse::SignedEvent;
use hourbook_ledger::ledger::Ledger;
use serde_json::{Value, json};

use super::args::ImportArgs;
use super::common_args::Place;
use super::failure::{Exit, Failure};
use super::files::read_key;
use super::init;
use super::remote::{Remote, escaped, garbled, submission};
use super::render;
use super::resolve;
use crate::auth::visibility::RECORDERS;
use crate::auth::visibility::found_offline;
use crate::commands::Unsigned;
use crate::imports::{self, Faults, ImportContext, ImportError, Prepared, Recording, Summary};
use crate::sheet::write::{Language, template_csv, template_xlsx};
use crate::sheet::{self, Given, Limits, Note, Sheet, SheetError};
use crate::state::system_rng;

pub(super) fn run(args: &ImportArgs) -> Result<Exit, Failure> {
    if let Some(path) = &args.template {
        return template(path, args.english);
    }
    let (Some(file), Some(key)) = (&args.file, &args.key) else {
        return Err(Failure::usage(both!("请给出表格文件和 --as。", "Name the sheet, and a key with --as.")));
    };
    let bytes = std::fs::read(file).map_err(|error| Failure::file(file, &error))?;
    let key = read_key(key, &args.passphrase)?;
    let work =
        Work { args, name: file.file_name().unwrap_or_default().to_string_lossy(), bytes: &bytes, key: &key };
    let dir = match args.at.place()? {
        Place::Server(url) => return work.remotely(&url),
        Place::Directory(dir) => dir,
    };
    let node = init::open(&dir)?;
    let done = work.record_in(&node);
    node.close();
    done
}

/// Writes the blank template, over no file that is there.
fn template(path: &std::path::Path, english: bool) -> Result<Exit, Failure> {
    use std::io::Write as _;
    let language = if english { Language::English } else { Language::Chinese };
    let bytes = match path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
        true => template_csv(language),
        false => template_xlsx(language).map_err(|error| Failure::file(path, &error))?,
    };
    let file = std::fs::File::create_new(path).and_then(|mut file| file.write_all(&bytes));
    file.map_err(|error| Failure::file(path, &error))?;
    say!("空白模板已写入 {0}。\nThe blank template is in {0}.", path.display());
    Ok(Exit::Done)
}

/// What is to be imported, and by whom.
struct Work<'a> {
    args: &'a ImportArgs,
    name: std::borrow::Cow<'a, str>,
    bytes: &'a [u8],
    key: &'a ed25519_dalek::SigningKey,
}

impl Work<'_> {
    /// Through a server: it reads and prepares, the key stays here and signs.
    fn remotely(&self, url: &str) -> Result<Exit, Failure> {
        let args = self.args;
        let mut remote = Remote::server(url)?;
        remote.sign_in(self.key)?;
        let org = remote_org(args, &remote)?;
        let mut path = format!("/v1/imports/preview?org={}&name={}", escaped(&org), escaped(&self.name));
        if let Some(reason) = &args.late_reason {
            path.push_str(&format!("&late_reason={}", escaped(reason)));
        }
        for (_, name, value) in args.given.told() {
            path.push_str(&format!("&{name}={}", escaped(value)));
        }
        let preview = remote.post_bytes(&path, self.bytes)?;
        let notes = Notes(preview.json["notes"].as_array().cloned().unwrap_or_default());
        notes.print();
        if preview.status == 422 && preview.json["errors"].is_array() {
            return refused_by_server(args, &preview.json, &notes);
        }
        let preview = preview.good()?;
        let summary: Summary = serde_json::from_value(preview["summary"].clone()).map_err(|e| garbled(&e))?;
        let mut progress = Progress::default();
        if !args.dry_run {
            let done = self.hand_in_all(&remote, &path, preview, &mut progress);
            done.inspect_err(|_| progress.tell_where_it_stopped())?;
        }
        show(args, &summary, progress.positions, &notes);
        Ok(Exit::Done)
    }

    fn read(&self, limits: &Limits) -> Result<Sheet, SheetError> {
        let told = self.args.given.told().map(|(column, _, value)| (column, value));
        sheet::read_given(self.bytes, &self.name, limits, Given::typed(told)?)
    }

    /// Hands in what a server prepared, and asks again for what did not fit into its answer.
    fn hand_in_all(
        &self,
        remote: &Remote,
        path: &str,
        mut preview: Value,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        loop {
            let before = progress.done;
            self.hand_in(remote, &preview, progress)?;
            if preview["rest"].as_u64().unwrap_or_default() == 0 {
                return Ok(());
            }
            if progress.done == before {
                return Err(garbled(&"rest"));
            }
            preview = remote.post_bytes(path, self.bytes)?.good()?;
        }
    }

    /// Signs what a server prepared and hands it in, batch by batch.
    fn hand_in(&self, remote: &Remote, preview: &Value, progress: &mut Progress) -> Result<(), Failure> {
        let mut events = preview["events"].as_array().map_or(&[][..], Vec::as_slice);
        let sizes = preview["batches"].as_array().map_or(&[][..], Vec::as_slice);
        progress.expect(events.len() as u64 + preview["rest"].as_u64().unwrap_or_default());
        for size in sizes.iter().filter_map(Value::as_u64) {
            let batch = events.split_off(..size as usize).ok_or_else(|| garbled(&"batches"))?;
            let signed: Vec<Value> =
                batch.iter().map(|event| sign_remote(self.key, event)).collect::<Result<_, _>>()?;
            let answer = remote.hand_in(signed)?.good()?;
            let receipts = answer["receipts"].as_array().map_or(&[][..], Vec::as_slice);
            progress.recorded(receipts.iter().filter_map(|receipt| receipt["position"].as_u64()));
        }
        Ok(())
    }

    fn record_in(&self, node: &Ledger) -> Result<Exit, Failure> {
        let args = self.args;
        let (actor, org, offset) = importer(args, node, self.key)?;
        let now = SystemClock.now();
        let ledger = ImportContext { handle: &node.handle, vault: &node.vault, now };
        block_on(imports::allowed((actor.person, actor.key_id()), org, ledger))?;
        let sheet = match self.read(&Limits::new(now.date(offset).0)) {
            Ok(sheet) => sheet,
            Err(error) => {
                let notes = Notes::of(&error.notes);
                notes.print();
                return Ok(refused_file(args, error.code, (&error.zh, &error.en), &notes));
            }
        };
        let notes = Notes::of(&sheet.notes);
        notes.print();
        let recording = Recording {
            ledger: node.origin.as_str(),
            recorder: actor.person,
            signer: actor.key_id(),
            org,
            named: None,
            late_reason: args.late_reason.as_deref(),
        };
        let mut found = Vec::new();
        let prepared = block_on(imports::prepare_and_tell(
            &sheet,
            recording,
            ledger,
            &mut system_rng(),
            usize::MAX,
            &mut found,
        ));
        note_found(node, actor.person, org, &found)?;
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(ImportError::Rows(faults)) => return Ok(refused(args, &faults, &notes)),
            Err(error) => return Err(error.into()),
        };
        let Prepared { batches, summary, .. } = prepared;
        let mut progress = Progress::default();
        progress.expect(batches.iter().map(|batch| batch.len() as u64).sum());
        for batch in batches.into_iter().filter(|_| !args.dry_run) {
            let recorded = node
                .handle
                .submit_waiting(batch.into_iter().map(|draft| draft.sign(&actor)).collect())
                .wait();
            let receipts = recorded.inspect_err(|_| progress.tell_where_it_stopped())?;
            progress.recorded(receipts.iter().map(|receipt| receipt.position));
        }
        show(args, &summary, progress.positions, &notes);
        Ok(Exit::Done)
    }
}

/// How far the events of a sheet that makes several batches have come.
#[derive(Default)]
struct Progress {
    done: u64,
    expected: u64,
    /// The first and the last.
    positions: Option<(u64, u64)>,
}

impl Progress {
    /// So many are still to come.
    fn expect(&mut self, more: u64) {
        self.expected = self.done + more;
    }

    /// Notes a batch, and tells of it if there are others.
    fn recorded(&mut self, positions: impl Iterator<Item = u64>) {
        for position in positions {
            self.done += 1;
            let first = self.positions.map_or(position, |(first, _)| first);
            self.positions = Some((first, position));
        }
        if self.done < self.expected {
            let Self { done, expected, .. } = self;
            eprintln!("已登记 {done} / {expected} 条。 / {done} of {expected} events are recorded.");
        }
    }

    /// A batch failed after others: those stay, and the way on is the same command.
    fn tell_where_it_stopped(&self) {
        if self.done > 0 {
            let Self { done, expected, .. } = self;
            eprintln!(
                "{expected} 条中已登记 {done} 条，其余没有登记；原样再次导入同一文件，会从这里继续。\n\
                 {done} of {expected} events are recorded, the others are not; import the same file again to go on from here."
            );
        }
    }
}

/// What the sender should know of the file, in the form in which a server tells it.
struct Notes(Vec<Value>);

impl Notes {
    fn of(notes: &[Note]) -> Notes {
        Notes(notes.iter().map(|note| json!(note)).collect())
    }

    fn print(&self) {
        for note in &self.0 {
            let text = |name: &str| note[name].as_str().unwrap_or_default().to_owned();
            eprintln!("注意：{}\nNote: {}", text("zh"), text("en"));
        }
    }
}

/// What a server said against the sheet.
fn refused_by_server(args: &ImportArgs, problem: &Value, notes: &Notes) -> Result<Exit, Failure> {
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    if problem["code"] != "row-errors" {
        return Ok(refused_file(args, &text("code"), (&text("zh"), &text("en")), notes));
    }
    let faults: Faults = serde_json::from_value(problem.clone()).map_err(|error| garbled(&error))?;
    Ok(refused(args, &faults, notes))
}

/// Signs what the server prepared, having read that it is what was asked for.
fn sign_remote(key: &ed25519_dalek::SigningKey, event: &Value) -> Result<Value, Failure> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use hourbook_ledger::domain::event::Body;
    let payload = event["payload"].as_str().and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    let decoded = hourbook_ledger::wire::decode_event(&payload).map_err(|error| garbled(&error))?;
    // A server that is not to be trusted must not get a signature under anything else.
    if !matches!(
        decoded.body,
        Body::Activity(ActivityEvent::Planned { .. }) | Body::Hours(HoursEvent::Recorded { .. })
    ) {
        return Err(garbled(&decoded.body.kind().name()));
    }
    submission(&SignedEvent::sign(key, payload), event["openings"].clone())
}

/// The organisation that records: as named, or the only one where the key's holder has a fitting role.
fn remote_org(args: &ImportArgs, remote: &Remote) -> Result<String, Failure> {
    let Some(wanted) = &args.org else {
        let session = remote.get("/v1/sessions/current")?.good()?;
        let roles = session["roles"].as_array().map_or(&[][..], Vec::as_slice);
        let recording = |role: &&Value| matches!(role["role"].as_str(), Some("worker" | "steward" | "lead"));
        let orgs = roles.iter().filter(recording).filter_map(|role| role["org"]["id"].as_str()?.parse().ok());
        return Ok(only_scope(orgs.collect())?.to_string());
    };
    Ok(resolve::org(remote, wanted)?.to_string())
}

/// Whoever was found in the register by what the sheet says is told of it, as with a server.
fn note_found(node: &Ledger, by: PersonId, org: OrgId, found: &[PersonId]) -> Result<(), Failure> {
    let role = block_on(node.handle.read_state(move |state, now| {
        let today = now.date(state.offset());
        RECORDERS.into_iter().find(|role| holds(state, by, *role, org, today))
    }))?;
    let now = SystemClock.now();
    let sign = |body| Unsigned::bare(node.ledger.event(now, &mut system_rng(), body)).sign(&node.ledger);
    let looks: Vec<_> = found_offline(by, role, org, found).into_iter().map(sign).collect();
    if !looks.is_empty() {
        node.handle.submit_waiting(looks).wait()?;
    }
    Ok(())
}

/// Whoever imports, the organisation that records, and the ledger's offset.
fn importer(
    args: &ImportArgs,
    node: &Ledger,
    key: &ed25519_dalek::SigningKey,
) -> Result<(Actor, OrgId, Offset), Failure> {
    let public = hourbook_ledger::domain::ids::PublicKey(key.verifying_key().to_bytes());
    let id = KeyId::of(&public);
    let known = block_on(node.handle.read_state(move |state, _| {
        let person = state.keys.get(id).filter(|key| key.until.is_none()).map(|key| key.person)?;
        Some((person, state.offset(), scopes(state.people.roles(person), id)))
    }))?;
    let Some((person, offset, scopes)) = known else {
        return Err(Failure::refused(both!(
            "密钥 {id} 未在此账簿登记，或已停用：请先由管理员登记。",
            "The key {id} is not enrolled in this ledger, or has ended: have a steward enrol it."
        )));
    };
    let org = match &args.org {
        Some(org) => find_org(node, org)?,
        None => only_scope(scopes)?,
    };
    Ok((Actor::new(person, node.origin.as_str(), key.clone()), org, offset))
}

/// Organisations where a person may record hours.
fn scopes(roles: &[Office], key: KeyId) -> BTreeSet<OrgId> {
    let recording = |role: &Role| matches!(role, Role::Worker | Role::Steward | Role::Lead);
    let of = |office: &Office| match office.scope {
        Scope::Org(org) if recording(&office.role) && office.keys.contains(&key) => Some(org),
        Scope::Org(_) | Scope::Ledger => None,
    };
    roles.iter().filter_map(of).collect()
}

fn only_scope(mut scopes: BTreeSet<OrgId>) -> Result<OrgId, Failure> {
    match (scopes.pop_first(), scopes.is_empty()) {
        (Some(org), true) => Ok(org),
        _ => Err(Failure::usage(both!(
            "您在几个组织任职，或没有登记时长的职务：请用 --org 指明组织。",
            "You serve several organisations or none: name the one that records with --org."
        ))),
    }
}

/// By id, or by the public name if only one has it.
fn find_org(node: &Ledger, wanted: &str) -> Result<OrgId, Failure> {
    if let Ok(org) = wanted.parse() {
        return Ok(org);
    }
    let mut found = Vec::new();
    let size = node.reader.head().size;
    let mut next = 0;
    while next < size {
        let entries = node.reader.read(next, 4_096).map_err(hourbook_ledger::ledger::LedgerError::from)?;
        next += entries.len().max(1) as u64;
        found.extend(entries.iter().filter_map(|(_, bytes)| named_org(bytes, wanted)));
    }
    only_named(&found, wanted)
}

fn only_named(found: &[OrgId], wanted: &str) -> Result<OrgId, Failure> {
    match *found {
        [org] => Ok(org),
        [] => {
            Err(Failure::usage(both!("没有名为“{wanted}”的组织。", "No organisation is called “{wanted}”.")))
        }
        _ => Err(Failure::usage(both!(
            "有几个组织名为“{wanted}”，请改用编号。",
            "Several organisations are called “{wanted}”: use the id."
        ))),
    }
}

fn named_org(entry: &[u8], wanted: &str) -> Option<OrgId> {
    use hourbook_ledger::domain::event::Body;
    use hourbook_ledger::wire;
    let entry = wire::decode_entry(entry).ok()?;
    match wire::decode_event(&entry.signed.payload).ok()?.body {
        Body::Organisation(OrganisationEvent::Registered { org, name, .. }) if name == wanted => Some(org),
        _ => None,
    }
}

/// Rows are wrong: the first mistakes, and how many of each kind where there are more.
fn refused(args: &ImportArgs, faults: &Faults, notes: &Notes) -> Exit {
    if args.json {
        let Faults { first, counts } = faults;
        say!("{}", json!({ "status": "refused", "errors": first, "counts": counts, "notes": notes.0 }));
    } else {
        print!("{}", render::faults(&faults.first));
        if faults.is_shortened() {
            print!("{}", render::counts(&faults.counts));
        }
        let count = faults.total();
        say!("有 {count} 处错误，未作任何改动。 / {count} errors; nothing was changed.");
    }
    Exit::Refused
}

/// The file as a whole cannot be imported.
fn refused_file(args: &ImportArgs, code: &str, (zh, en): (&str, &str), notes: &Notes) -> Exit {
    if args.json {
        let counts = json!({ code: 1 });
        say!(
            "{}",
            json!({ "status": "refused", "code": code, "zh": zh, "en": en, "errors": [], "counts": counts, "notes": notes.0 })
        );
    } else {
        eprintln!("{}", Failure::refused(both!("{zh}（{code}）", "{en} ({code})")));
    }
    Exit::Refused
}

fn show(args: &ImportArgs, summary: &Summary, recorded: Option<(u64, u64)>, notes: &Notes) {
    let (status, text) = match recorded {
        Some((first, last)) => (
            "recorded",
            format!(
                "已登记，位置 {first} 至 {last}；须由另一人确认后计入时长。\nRecorded at positions {first} to {last}; a second person has to confirm."
            ),
        ),
        None if summary.rows == summary.known_rows => (
            "nothing-new",
            "表中各行都已登记过，未作改动。\nEvery row was recorded before; nothing was changed.".to_owned(),
        ),
        None => ("dry-run", "仅预览，未写入。\nPreview only; nothing was recorded.".to_owned()),
    };
    if args.json {
        let positions = recorded.map(|(first, last)| json!({ "first": first, "last": last }));
        say!("{}", json!({ "status": status, "summary": summary, "positions": positions, "notes": notes.0 }));
        return;
    }
    print!("{}", render::summary(summary));
    say!("{text}");
}

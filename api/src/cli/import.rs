//! `hourbook import`: a sheet into a ledger, in a directory or behind a server.

use futures::executor::block_on;
use hourbook_ledger::actor::Actor;
use hourbook_ledger::clock::{Clock as _, SystemClock};
use hourbook_ledger::domain::event::{Role, Scope};
use hourbook_ledger::domain::ids::{KeyId, OrgId};
use hourbook_ledger::domain::time::Offset;
use hourbook_ledger::envelope::Submission;
use hourbook_ledger::node::Node;
use serde_json::json;

use super::args::ImportArgs;
use super::failure::{Exit, Failure};
use super::files::read_key;
use super::init;
use super::key::system_rng;
use super::render;
use crate::import::{self, ImportError, Ledger, Prepared, Recording, RowFault, Summary};
use crate::sheet::{self, Limits, Sheet};

pub(super) fn run(args: &ImportArgs) -> Result<Exit, Failure> {
    let bytes = std::fs::read(&args.file).map_err(|error| Failure::file(&args.file, &error))?;
    let key = read_key(&args.key, &args.passphrase)?;
    let Some(dir) = &args.data else {
        return Err(Failure::new(
            Exit::Usage,
            "请用 --data 指定账簿目录。",
            "Name the ledger's directory with --data.",
        ));
    };
    let node = init::open(dir)?;
    let done = into_node(args, &node, &bytes, &key);
    node.close();
    done
}

/// What is known of whoever imports.
struct Importer {
    actor: Actor,
    org: OrgId,
    offset: Offset,
}

fn into_node(
    args: &ImportArgs,
    node: &Node,
    bytes: &[u8],
    key: &ed25519_dalek::SigningKey,
) -> Result<Exit, Failure> {
    let Importer { actor, org, offset } = importer(args, node, key)?;
    let now = SystemClock.now();
    let sheet = read_sheet(args, bytes, &Limits::new(now.date(offset).0))?;
    let recording = Recording {
        ledger: node.origin.as_str(),
        recorder: actor.person,
        signer: actor.key_id(),
        org,
        late_reason: args.late_reason.as_deref(),
    };
    let ledger = Ledger { handle: &node.handle, vault: &node.vault, now };
    let prepared = match block_on(import::prepare(&sheet, recording, ledger, &mut system_rng())) {
        Ok(prepared) => prepared,
        Err(ImportError::Rows(faults)) => return Ok(refused(args, &faults)),
        Err(error) => return Err(error.into()),
    };
    if args.dry_run || prepared.events.is_empty() {
        show(args, &prepared.summary, None);
        return Ok(Exit::Done);
    }
    let Prepared { events, summary } = prepared;
    let sign = |u: import::Unsigned| Submission { signed: actor.sign(&u.event), openings: u.openings };
    let receipts = node.handle.submit_waiting(events.into_iter().map(sign).collect()).wait()?;
    show(args, &summary, receipts.first().map(|r| r.position).zip(receipts.last().map(|r| r.position)));
    Ok(Exit::Done)
}

/// Reads the sheet; whatever is wrong with the whole of it is a refusal.
fn read_sheet(args: &ImportArgs, bytes: &[u8], limits: &Limits) -> Result<Sheet, Failure> {
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let sheet = sheet::read(bytes, &name, limits)
        .map_err(|error| Failure::new(Exit::Refused, error.zh.clone(), error.en.clone()))?;
    for note in &sheet.notes {
        eprintln!("注意：{}\nNote: {}", note.zh, note.en);
    }
    Ok(sheet)
}

fn importer(args: &ImportArgs, node: &Node, key: &ed25519_dalek::SigningKey) -> Result<Importer, Failure> {
    let public = hourbook_ledger::domain::ids::PublicKey(key.verifying_key().to_bytes());
    let id = KeyId::of(&public);
    let known = block_on(node.handle.look(move |state, _| {
        let person = state.keys.get(id).filter(|key| key.until.is_none()).map(|key| key.person)?;
        Some((person, state.offset(), scopes(state.people.roles(person))))
    }))?;
    let Some((person, offset, scopes)) = known else {
        return Err(Failure::new(
            Exit::Refused,
            format!("密钥 {id} 未在此账簿登记，或已停用：请先由管理员登记。"),
            format!("The key {id} is not enrolled in this ledger, or has ended: have a steward enrol it."),
        ));
    };
    let org = match &args.org {
        Some(org) => find_org(node, org)?,
        None => only_scope(&scopes)?,
    };
    let actor = Actor::new(person, node.origin.as_str(), key.clone());
    Ok(Importer { actor, org, offset })
}

/// Organisations where a person may record hours.
fn scopes(roles: &[(Role, Scope)]) -> Vec<OrgId> {
    let recording = |role: &Role| matches!(role, Role::Worker | Role::Steward | Role::Lead);
    let of = |(role, scope): &(Role, Scope)| match scope {
        Scope::Org(org) if recording(role) => Some(*org),
        Scope::Org(_) | Scope::Ledger => None,
    };
    let mut orgs: Vec<OrgId> = roles.iter().filter_map(of).collect();
    orgs.sort_unstable();
    orgs.dedup();
    orgs
}

fn only_scope(scopes: &[OrgId]) -> Result<OrgId, Failure> {
    match scopes {
        [org] => Ok(*org),
        _ => Err(Failure::new(
            Exit::Usage,
            "您在几个组织任职，或没有登记时长的职务：请用 --org 指明组织。",
            "You serve several organisations or none: name the one that records with --org.",
        )),
    }
}

/// By id, or by the public name if only one has it.
fn find_org(node: &Node, wanted: &str) -> Result<OrgId, Failure> {
    if let Ok(org) = wanted.parse() {
        return Ok(org);
    }
    let mut found = Vec::new();
    let size = node.reader.head().size;
    let mut next = 0;
    while next < size {
        let entries = node.reader.read(next, 4_096).map_err(hourbook_ledger::node::NodeError::from)?;
        next += entries.len().max(1) as u64;
        found.extend(entries.iter().filter_map(|(_, bytes)| named_org(bytes, wanted)));
    }
    match found[..] {
        [org] => Ok(org),
        [] => Err(Failure::new(
            Exit::Usage,
            format!("没有名为“{wanted}”的组织。"),
            format!("No organisation is called “{wanted}”."),
        )),
        _ => Err(Failure::new(
            Exit::Usage,
            format!("有几个组织名为“{wanted}”，请改用编号。"),
            format!("Several organisations are called “{wanted}”: use the id."),
        )),
    }
}

fn named_org(entry: &[u8], wanted: &str) -> Option<OrgId> {
    use hourbook_ledger::domain::event::Body;
    use hourbook_ledger::wire;
    let entry = wire::decode_entry(entry).ok()?;
    match wire::decode_event(&entry.signed.payload).ok()?.body {
        Body::OrganisationRegistered { org, name, .. } if name == wanted => Some(org),
        _ => None,
    }
}

fn refused(args: &ImportArgs, faults: &[RowFault]) -> Exit {
    if args.json {
        println!("{}", json!({ "status": "refused", "errors": faults }));
    } else {
        print!("{}", render::faults(faults));
        let count = faults.len();
        println!("有 {count} 处错误，未作任何改动。 / {count} errors; nothing was changed.");
    }
    Exit::Refused
}

fn show(args: &ImportArgs, summary: &Summary, recorded: Option<(u64, u64)>) {
    let nothing = summary.rows == summary.known_rows;
    let status = match (recorded, nothing) {
        (Some(_), _) => "recorded",
        (None, true) => "nothing-new",
        (None, false) => "dry-run",
    };
    if args.json {
        let positions = recorded.map(|(first, last)| json!({ "first": first, "last": last }));
        println!("{}", json!({ "status": status, "summary": summary, "positions": positions }));
        return;
    }
    print!("{}", render::summary(summary));
    println!(
        "{}",
        match (recorded, nothing) {
            (Some((first, last)), _) => format!(
                "已登记，位置 {first} 至 {last}；须由另一人确认后计入时长。\nRecorded at positions {first} to {last}; a second person has to confirm."
            ),
            (None, true) =>
                "表中各行都已登记过，未作改动。\nEvery row was recorded before; nothing was changed."
                    .to_owned(),
            (None, false) => "仅预览，未写入。\nPreview only; nothing was recorded.".to_owned(),
        }
    );
}

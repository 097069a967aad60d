//! What an audit says: in plain words for people, as one document for programs.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hourbook_ledger::audit::{Finding, Kind, Report};
use serde_json::{Value, json};

use super::super::failure::{Both, Exit};
use crate::ui::i18n::count as grouped;

/// An audit that was done.
pub(super) struct Outcome<'a> {
    /// What was audited, as it was named.
    pub(super) place: &'a str,
    /// What was found.
    pub(super) report: &'a Report,
    /// Signatures were checked in batches.
    pub(super) quick: bool,
    /// The vault was looked into.
    pub(super) with_vault: bool,
    /// Saved checkpoints were given.
    pub(super) with_saved: bool,
    /// Bytes that opening cut off.
    pub(super) torn_bytes: u64,
    /// How long it took.
    pub(super) millis: i64,
}

/// Adds to a list: what it is about, and a text in Chinese and English.
macro_rules! add {
    ($list:ident, $($about:expr),+; $zh:literal, $en:literal) => {
        $list.push(($($about,)+ both!($zh, $en)))
    };
}

impl Outcome<'_> {
    /// The exit code that the findings ask for.
    pub(super) fn exit(&self) -> Exit {
        self.report.findings.group().map_or(Exit::Done, Exit::Found)
    }

    /// Prints it to standard output. Whoever stops reading, as `head` does, has seen enough.
    pub(super) fn print(&self, json: bool) {
        let text = if json { format!("{:#}\n", self.json()) } else { self.text() };
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut out = self.head();
        if self.report.size > 0 {
            out.push_str("\n检查了 checked\n");
            for (what, how_many, (zh, en)) in self.checked() {
                out.push_str(&format!("  {what}  {how_many}\n      {zh}\n      {en}\n"));
            }
        }
        let not = self.not_checked();
        if !not.is_empty() {
            out.push_str("\n没有检查 not checked\n");
            not.iter().for_each(|(_, (zh, en))| out.push_str(&format!("  {zh}\n  {en}\n")));
        }
        out.push_str(&self.findings());
        out.push_str(&self.verdict());
        out
    }

    fn head(&self) -> String {
        let report = self.report;
        let mut out = format!("审计 audit of  {}\n", self.place);
        if let Some(origin) = &report.origin {
            out.push_str(&format!("账簿 ledger    {origin}\n"));
        }
        if let Some((size, root)) = &report.signed {
            let root = STANDARD.encode(root);
            out.push_str(&format!("检查点 signed  {} 条 entries，树根 root {root}\n", grouped(*size)));
        }
        if let Some(key) = &report.log_key {
            let whence = match report.key_given {
                true => "由您给出 given by you",
                false => "取自创立事件 as the founding event names it",
            };
            out.push_str(&format!("日志公钥 vkey  {key}\n               {whence}\n"));
        }
        if self.torn_bytes > 0 {
            out.push_str(&format!(
                "恢复 recovered 截掉了未写完、从未确认的 {0} 字节 cut off {0} bytes of an unfinished group that nobody was told about\n",
                grouped(self.torn_bytes)
            ));
        }
        out
    }

    /// What was checked: a name, how many, and what exactly.
    fn checked(&self) -> Vec<(&'static str, String, Both)> {
        let counts = &self.report.counts;
        let n = grouped;
        let mut all = Vec::new();
        let bytes = n(counts.bytes);
        add!(all, "条目 entries", n(counts.entries);
            "格式、位置、不倒退的记录时间、流内修订号；共 {bytes} 字节。",
            "Form, position, recorded time that never goes back, revision in the stream; {bytes} bytes.");
        if self.quick {
            add!(all, "签名 signatures", n(counts.signatures);
                "批量核对（--quick），比严格核对弱：不拒绝小阶成分，签名者可能造出各家软件判断不一的签名；旁人仍不能伪造。",
                "In batches (--quick), which is weaker than strictly: a part of small order is not refused, so a signer \
                 could make signatures on which programs disagree. Nobody else can forge by that.");
        } else {
            add!(all, "签名 signatures", n(counts.signatures);
                "逐条严格核对（verify_strict），对原始字节，用该位置有效的密钥。",
                "Each by itself and strictly (verify_strict), over the exact bytes, by a key in force at its position.");
        }
        let own = n(counts.own);
        add!(all, "规则 events judged again", n(counts.decided);
            "按当时的状态、时间和规则重新判定权限与规则；其中 {own} 条是账簿自己记的。",
            "Authority and every rule, on the state and at the time of each position; {own} are by the ledger itself.");
        add!(all, "编号 ids", n(counts.ids);
            "全日志中每个只出现一次。",
            "Each only once on the whole log.");
        add!(all, "哈希瓦片 hash tiles", n(counts.tiles);
            "与由条目重新算出的逐一比较；树根与检查点比较。",
            "Compared with those made anew from the entries; the root with the checkpoint.");
        if counts.archived > 0 {
            add!(all, "归档文件 archive files", n(counts.archived);
                "条目、哈希瓦片和检查点，逐一与账簿比较。",
                "Entries, hash tiles and the checkpoint, each compared with the log.");
        }
        if self.report.rules_stopped.is_none() {
            let [accounts, rows, persons] = [counts.accounts, counts.rows, counts.persons].map(n);
            add!(all, "分录 postings", n(counts.postings);
                "另记一套账逐笔相加：{accounts} 个账户，总和为零。",
                "Added up in books of their own: {accounts} accounts, together zero at every position.");
            add!(all, "认定分钟 certified minutes", n(counts.minutes);
                "由 {rows} 行已审核记录重新相加，{persons} 人，同一分钟只计一次。",
                "Added up again from {rows} confirmed rows of {persons} persons, each minute once.");
        }
        if counts.reproduced > 0 {
            add!(all, "状态摘要 state digests", format!("{} / {}", n(counts.reproduced), n(counts.digests));
                "日志上的状态摘要由条目推演重现。",
                "Digests of the derived state on the log, reproduced from the entries.");
        }
        if self.lists_checked() {
            add!(all, "红黄榜 published lists", n(counts.lists);
                "公布的红黄榜按各自的规则和截止位置重新得出，并与摘要比较。",
                "Published lists, drawn up again under their policy from the entries before their cut-off, and compared by digest.");
        }
        if self.with_vault {
            add!(all, "保密库 vault", format!("{} / {}", n(counts.openings), n(counts.commitments));
                "日志承诺的内容（已删除的人除外）在保密库中且相符。",
                "Values that the log commits to, except those of erased persons, are in the vault and fit.");
        }
        for saved in self.report.saved.iter().filter(|saved| saved.is_prefix == Some(true)) {
            let file = &saved.name;
            add!(all, "保存的检查点 saved checkpoint", n(saved.size.unwrap_or_default());
                "{file}：日志是它的延续。",
                "{file}: the log is a continuation of it.");
        }
        all
    }

    /// Lists are drawn up from all entries.
    fn lists_checked(&self) -> bool {
        self.report.trusted == 0 && self.report.rules_stopped.is_none()
    }

    /// What was not, with a code for programs.
    fn not_checked(&self) -> Vec<(&'static str, Both)> {
        let report = self.report;
        let mut not = Vec::new();
        if report.size == 0 {
            return not;
        }
        if report.trusted > 0 {
            let n = grouped(report.trusted);
            add!(not, "before-the-snapshot";
                "快照之前的 {n} 条：只核对了树根；其签名、规则和快照中的状态未经核对（--from，较弱）。",
                "The {n} entries before the snapshot: of them only the root; their signatures and rules, and the \
                 state in the snapshot, were taken on trust (--from, weaker).");
        }
        if !self.with_saved {
            add!(not, "history";
                "历史：没有给出以前保存的检查点（--checkpoint），不能排除整本账被重写。",
                "History: without a checkpoint kept from before (--checkpoint) a wholly rewritten log would pass.");
        }
        if !report.key_given {
            add!(not, "log-key";
                "日志公钥：取自日志本身；请从别处得到并用 --vkey 给出。",
                "The log's key: it was taken from the log itself; get it from elsewhere and give it with --vkey.");
        }
        if !self.with_vault {
            add!(not, "vault";
                "保密库：承诺背后的内容没有核对。",
                "The vault: the values behind the commitments were not looked for.");
        }
        let counts = &report.counts;
        if counts.destroyed > 0 {
            let n = grouped(counts.destroyed);
            add!(not, "destroyed-keys";
                "{n} 项内容的保密库密钥已销毁，而日志上没有删除回执：日志可能比密钥旧，否则须追查。",
                "{n} values: their vault keys were destroyed, and this log has no receipt of an erasure. The log is \
                 older than the keys, or somebody destroyed them.");
        }
        let digests = counts.digests - counts.reproduced;
        let explained =
            [Kind::DigestDiffers, Kind::RulesUnknown].iter().any(|kind| report.findings.has(*kind));
        if digests > 0 && !explained {
            add!(not, "state-digests";
                "{digests} 个状态摘要：它们不是紧接着的状态的，已无从推演。",
                "{digests} state digests: they are not of the state right before them, which is gone.");
        }
        for saved in report.saved.iter().filter(|saved| saved.size.is_some() && saved.is_prefix.is_none()) {
            let file = &saved.name;
            add!(not, "saved-checkpoint";
                "{file}：日志缺条目，或它在快照之前，无法比较。",
                "{file}: not compared, for entries are missing or it is from before the snapshot.");
        }
        if !self.lists_checked() {
            add!(not, "lists";
                "公布的红黄榜：须从头推演到底才能重新得出。",
                "Published lists: to draw them up again everything from the beginning to the end has to be followed.");
        }
        if let Some(position) = report.rules_stopped {
            add!(not, "rules";
                "位置 {position} 之后的规则和全部账目。",
                "The rules from position {position} on, and the books.");
        }
        not
    }

    fn findings(&self) -> String {
        let findings = &self.report.findings;
        if findings.total() == 0 {
            return String::new();
        }
        let mut out = format!("\n发现 findings  {}\n", grouped(findings.total()));
        for (kind, count) in findings.counts() {
            let (code, zh, en, count) = (kind.code(), kind.zh(), kind.en(), grouped(count));
            out.push_str(&format!("  {code}  ×{count}\n      {zh}\n      {en}\n"));
        }
        let listed = findings.sorted();
        out.push_str(&format!("\n逐条 one by one（{} / {}）\n", listed.len(), grouped(findings.total())));
        for Finding { kind, position, detail } in listed {
            let place =
                position.map_or_else(|| "全日志 whole log".to_owned(), |at| format!("位置 position {at}"));
            out.push_str(&format!("  {place}  {}  {}\n", kind.code(), printable(detail)));
        }
        out
    }

    fn verdict(&self) -> String {
        let entries = self.report.counts.entries;
        let seconds = self.millis.max(1) as f64 / 1_000.0;
        let speed = grouped((entries as f64 / seconds) as u64);
        let took = format!("用时 took {seconds:.1} s，每秒 {speed} 条 entries a second\n");
        let (exit, entries) = (self.exit().code(), grouped(entries));
        match self.report.findings.total() {
            0 => format!(
                "\n结论：没有发现问题。检查的 {entries} 条全部相符。\n\
                 Verdict: no problem found, the {entries} entries checked are in order.\n{took}"
            ),
            n => format!(
                "\n结论：发现 {0} 处问题，不能相信这本账（退出码 {exit}）。\n\
                 Verdict: {0} problems found, this ledger cannot be relied upon as it is (exit code {exit}).\n{took}",
                grouped(n)
            ),
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let report = self.report;
        let counts = &report.counts;
        let findings = &report.findings;
        let told = |(code, (zh, en))| json!({ "code": code, "zh": zh, "en": en });
        let not_checked: Vec<Value> = self.not_checked().into_iter().map(told).collect();
        let saved: Vec<Value> = report
            .saved
            .iter()
            .map(|saved| json!({ "file": saved.name, "size": saved.size, "is_prefix": saved.is_prefix }))
            .collect();
        let by_code: serde_json::Map<String, Value> =
            findings.counts().map(|(kind, count)| (kind.code().to_owned(), count.into())).collect();
        let listed: Vec<Value> = findings.sorted().into_iter().map(finding_json).collect();
        json!({
            "verdict": if findings.total() == 0 { "ok" } else { "problems" },
            "exit_code": self.exit().code(),
            "source": self.place,
            "origin": report.origin,
            "vkey": report.log_key.as_ref().map(ToString::to_string),
            "vkey_given": report.key_given,
            "signed": report.signed.map(|(size, root)| json!({ "size": size, "root": STANDARD.encode(root) })),
            "size": report.size,
            "trusted": report.trusted,
            "root": report.root.map(|root| STANDARD.encode(root)),
            "signatures_checked": if self.quick { "batch" } else { "strict" },
            "torn_bytes": self.torn_bytes,
            "checked": {
                "entries": counts.entries,
                "bytes": counts.bytes,
                "signatures": counts.signatures,
                "events_judged": counts.decided,
                "events_by_the_ledger": counts.own,
                "ids": counts.ids,
                "hash_tiles": counts.tiles,
                "archive_files": counts.archived,
                "postings": counts.postings,
                "accounts": counts.accounts,
                "confirmed_rows": counts.rows,
                "persons": counts.persons,
                "certified_minutes": counts.minutes,
                "state_digests": counts.digests,
                "state_digests_reproduced": counts.reproduced,
                "published_lists": counts.lists,
                "commitments": counts.commitments,
                "openings": counts.openings,
                "destroyed": counts.destroyed,
            },
            "not_checked": not_checked,
            "saved_checkpoints": saved,
            "findings": { "total": findings.total(), "by_code": by_code, "listed": listed },
            "milliseconds": self.millis,
        })
    }
}

fn finding_json(finding: &Finding) -> Value {
    let Finding { kind, position, detail } = finding;
    json!({
        "code": kind.code(),
        "exit_code": kind.group() as u8,
        "position": position,
        "detail": detail,
        "zh": kind.zh(),
        "en": kind.en(),
    })
}

/// Details may quote what a stranger wrote; control characters could trick a terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

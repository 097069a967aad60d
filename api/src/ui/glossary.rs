//! The words of those who use it, once: what a thing is called on pages, in sheets and at the command line, and what it is not
//! called. A test reads every text of the product for the words that are not used.

use crate::commands::Words;

/// What a thing is called.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// In Chinese and in English.
    pub words: Words,
    /// What nobody calls it here.
    pub not: &'static [&'static str],
}

impl Term {
    const fn new(zh: &'static str, en: &'static str, not: &'static [&'static str]) -> Self {
        Self { words: (zh, en), not }
    }

    /// In Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        self.words.0
    }

    /// In English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        self.words.1
    }
}

/// What a person served.
pub const SERVICE_TIME: Term = Term::new("服务时长", "hours of service", &["信用时数", "荣誉时数", "学分"]);
/// Hours that nobody confirmed yet.
pub const TO_CONFIRM: Term = Term::new("待审核", "To be confirmed", &["待背书", "待见证"]);
/// Hours that a second person confirmed.
pub const CONFIRMED: Term = Term::new("已审核", "Confirmed", &["已背书", "已见证"]);
/// Who recorded.
pub const RECORDER: Term = Term::new("经办人", "recorder", &["记录者", "录入者", "记录人", "录入人"]);
/// Who confirmed.
pub const CONFIRMER: Term = Term::new("审核人", "confirmer", &["确认者", "确认人", "背书人"]);
/// Entered after its day.
pub const LATE: Term = Term::new("补录", "entered late", &["补登"]);
/// By staff, for somebody who is there.
pub const PROXY: Term = Term::new("代办", "done by staff", &["代操作"]);
/// What is typed to sign in.
pub const CODE: Term = Term::new("登录码", "one-time code", &["验证码", "令牌"]);
/// Calling a roll.
pub const ROLL: Term = Term::new("点名", "roll call", &["打卡"]);
/// Signed up and did not come.
pub const ABSENT: Term = Term::new("未到", "absent", &["缺勤", "缺席", "旷工"]);
/// A member without service in a period.
pub const NO_SERVICE: Term = Term::new("本期无服务记录", "Without service", &["零服务", "无作为"]);
/// A member whom the branch excused.
pub const EXEMPT: Term = Term::new("不参评", "Exempt", &["免考", "免评"]);
/// A wish that the resident confirmed.
pub const GRANTED: Term = Term::new("已圆梦", "granted", &["已履约", "已结清"]);
/// What one does not agree with.
pub const OBJECTION: Term = Term::new("异议", "objection", &["上诉", "投诉"]);
/// Who looked at a record.
pub const LOOKS: Term = Term::new("查看", "look", &["审计日志"]);
/// Where a member works.
pub const UNIT: Term = Term::new("所在单位", "unit", &["雇主"]);
/// What somebody gets for something signed.
pub const RECEIPT: Term = Term::new("回执编号", "Receipt no.", &["区块链", "上链"]);

/// Every term.
pub const ALL: [Term; 17] = [
    SERVICE_TIME,
    TO_CONFIRM,
    CONFIRMED,
    RECORDER,
    CONFIRMER,
    LATE,
    PROXY,
    CODE,
    ROLL,
    ABSENT,
    NO_SERVICE,
    EXEMPT,
    GRANTED,
    OBJECTION,
    LOOKS,
    UNIT,
    RECEIPT,
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Where texts are written that people read. Sheets are read in the words of whoever keeps them, tests say what they like.
    const TEXTS: [&str; 4] = ["api/src", "api/assets/keys", "ledger/src", "projections/src"];
    const NOT_TEXTS: [&str; 4] = ["/sheet/", "/tests", "tests.rs", "/glossary.rs"];

    fn files(dir: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                files(&path, found);
            } else if NOT_TEXTS.iter().all(|part| !name.contains(part))
                && (name.ends_with(".rs") || name.ends_with(".mjs"))
            {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }

    #[test]
    fn every_text_uses_the_words_of_the_glossary() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut texts = Vec::new();
        TEXTS.iter().for_each(|dir| files(&root.join(dir), &mut texts));
        assert!(texts.len() > 300, "{}", texts.len());
        let mut wrong = Vec::new();
        for term in ALL {
            assert!(texts.iter().any(|(_, text)| text.contains(term.zh())), "{}: nobody says so", term.zh());
            for word in term.not {
                let said = texts.iter().filter(|(_, text)| text.contains(word));
                wrong.extend(said.map(|(name, _)| format!("{name}: {word}, say {}", term.zh())));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

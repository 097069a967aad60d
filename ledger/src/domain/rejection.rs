//! Why an event is not accepted: one closed list of codes, in the order in which they are checked.
//!
//! Where two faults coincide, the code that stands first here is the one that is answered.

use std::fmt;

macro_rules! codes {
    (@later) => { true };
    ($($(#[$doc:meta])* $code:ident = $name:literal, $zh:literal, $en:literal $(, $later:ident)?;)*) => {
        /// A stable refusal code.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code { $($(#[$doc])* $code),* }

        impl Code {
            /// Every code, in the order of precedence.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The stable name, kebab-case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name),* }
            }

            /// What is wrong and how to mend it, in Chinese.
            #[must_use]
            pub fn zh(self) -> &'static str {
                match self { $(Self::$code => $zh),* }
            }

            /// What is wrong and how to mend it, in English.
            #[must_use]
            pub fn en(self) -> &'static str {
                match self { $(Self::$code => $en),* }
            }

            /// Whether the same bytes may be accepted later without being changed.
            #[must_use]
            pub fn is_transient(self) -> bool {
                match self {
                    $($(Self::$code => codes!(@$later),)?)*
                    _ => false,
                }
            }
        }
    };
}

codes! {
    /// The bytes are not an event of a known version, or its parts contradict each other.
    Malformed = "malformed", "内容无法识别：请按事件格式重新生成后再提交。", "The bytes are not a valid event: build it again as the schema says.";
    /// The entry would exceed 65,535 bytes.
    TooLarge = "too-large", "内容超过 65,535 字节：请分成几部分提交。", "The entry would exceed 65,535 bytes: split it into parts.";
    /// The id is on the log with other bytes.
    IdReused = "id-reused", "编号已被另一条内容使用：请换一个新编号重新签名。", "The id is on the log with other bytes: sign again under a new id.";
    /// The event names another ledger.
    WrongLedger = "wrong-ledger", "这条记录属于另一本账簿：请核对账簿名称。", "The event is meant for another ledger: check the origin.";
    /// The time in the id is more than 35 days past or 10 minutes ahead.
    IdOutOfWindow = "id-out-of-window", "编号中的时间超出允许范围（35 天前至 10 分钟后）：请校准时钟，过期的按补录重新签名。", "The time in the id is more than 35 days past or 10 minutes ahead: set the clock, or sign anew as a late record.";
    /// No such key was ever enrolled.
    KeyUnknown = "key-unknown", "签名密钥未登记：请先在社区登记密钥。", "The signing key is not enrolled: have it enrolled first.", later;
    /// The key ended before this position.
    KeyRevoked = "key-revoked", "签名密钥已停用：请用新密钥重新签名。", "The signing key has ended: sign with the key that replaced it.";
    /// The signature does not fit the exact bytes.
    BadSignature = "bad-signature", "签名与内容不符：请勿改动已签名的内容，重新签名。", "The signature does not fit these exact bytes: sign them again unchanged.";
    /// The actor's roles do not cover this assertion, or the assurance does not hold.
    NotAuthorised = "not-authorised", "您的角色不能做这件事：请联系该组织的管理员。", "Your roles do not cover this: ask a steward of the organisation concerned.", later;
    /// The stream has moved on.
    WrongRevision = "wrong-revision", "内容已被别人更新：请刷新后重试。", "The stream has another revision: read it again and retry.";
    /// The giver would give more than it holds.
    BeyondOwnRole = "beyond-own-role", "不能给自己授予角色，也不能授予或收回超出自己权限的角色、密钥或登录：请由上级管理员或另一位创建人办理。", "Nobody can give themselves a role, or give or take away a role, key or session beyond their own reach: ask a steward above or another founder.";
    /// The ledger has begun already, or not yet.
    FoundingState = "founding-state", "账簿只能且必须先创立一次。", "A ledger begins with its founding event, once.";
    /// A field is outside what the rule allows.
    OutOfRange = "out-of-range", "数值超出允许范围：请对照字段说明修改。", "A value is outside its range: see the field's description.";
    /// The id is taken.
    AlreadyExists = "already-exists", "已经存在：无需重复登记。", "It exists already: nothing to do.";
    /// No such organisation.
    UnknownOrg = "unknown-org", "找不到该组织：请先登记组织。", "No such organisation: register it first.", later;
    /// No such person, or the person's data were erased.
    UnknownPerson = "unknown-person", "找不到该人员：请先登记。", "No such person: register the person first.", later;
    /// No such key of this person.
    UnknownKey = "unknown-key", "找不到该密钥。", "No such key of this person.", later;
    /// No such role grant.
    UnknownRole = "unknown-role", "该人员没有这个角色。", "The person does not hold this role.", later;
    /// No such activity or shift.
    UnknownActivity = "unknown-activity", "找不到该活动或班次。", "No such activity or shift.", later;
    /// No such recording or row.
    UnknownRecord = "unknown-record", "找不到该条时长记录。", "No such recording or row.", later;
    /// No such hold.
    UnknownHold = "unknown-hold", "找不到该笔预留。", "No such hold.", later;
    /// No such wish.
    UnknownWish = "unknown-wish", "找不到该心愿。", "No such wish.", later;
    /// No such act waits.
    UnknownAct = "unknown-act", "没有这件待生效的事项：可能已经生效、已被叫停或编号有误。", "No such act waits: it took effect, was called off, or the id is wrong.";
    /// No such session grant.
    UnknownGrant = "unknown-grant", "找不到该登录授权。", "No such session grant.", later;
    /// The edges would form a circle.
    CircularOrg = "circular-org", "组织隶属关系不能成环。", "An organisation cannot be below itself.";
    /// Two spans of the same kind would overlap.
    SpanOverlaps = "span-overlaps", "日期与已有归属重叠：请先结束原来的归属。", "The span overlaps an existing one of its kind: end that first.";
    /// No policy of this kind is in force.
    NoPolicy = "no-policy", "该日期没有生效的规则：请先发布规则。", "No policy is in force for that date: adopt one first.", later;
    /// A policy must not change the past.
    PolicyInPast = "policy-in-past", "规则的生效日期必须晚于发布日期；只有在登记任何组织和人员之前，才能补发以前的规则。", "A policy must take effect after the day on which it is recorded; only before any organisation or person is registered may it hold from an earlier day.";
    /// The interval is empty, reversed, too long or not over yet.
    BadInterval = "bad-interval", "服务时间不正确：结束须晚于开始、不得超过上限、不得在将来。", "The interval is empty, reversed, too long or not over yet.";
    /// The same row was recorded before.
    RowRecorded = "row-recorded", "这一行已经录入过：无需重复录入。", "This row was recorded before: nothing to do.";
    /// Volunteer, recorder and confirmer must be three persons.
    FourEyes = "four-eyes", "本人、经办人、审核人必须是三个不同的人，且密钥不是凭对方发放的登录码登记的：请换一人办理。", "The person concerned, the recorder and the confirmer must be different persons, none with a key by another's code: let another do it.";
    /// The row is confirmed, corrected or void already.
    RowState = "row-state", "该行已审核或已更正。", "The row is confirmed or corrected already.";
    /// The activity belongs neither to the recording organisation nor to one below it.
    ActivityElsewhere = "activity-elsewhere", "该活动不属于录入组织或其下级组织：请由活动所属组织录入。", "The activity belongs neither to the recording organisation nor to one below it: let its own organisation record.";
    /// The activity's state does not allow it.
    ActivityState = "activity-state", "活动当前状态不允许此操作。", "The activity's state does not allow this.";
    /// The sign-up's state does not allow it.
    SignUpState = "sign-up-state", "报名状态不允许此操作。", "The sign-up's state does not allow this.";
    /// The person does not belong to the organisation.
    NotAffiliated = "not-affiliated", "该人员在此期间不属于该组织：请先登记归属。", "The person does not belong to that organisation then: affiliate the person first.", later;
    /// The report-in's state does not allow it.
    ReportInState = "report-in-state", "报到状态不允许此操作。", "The report-in's state does not allow this.";
    /// More than the policy lets a person move at once.
    AboveTransferLimit = "above-transfer-limit", "超过单笔转出时间币的上限：请减少数额。", "More credit than may be transferred at once: lower the amount.", later;
    /// The account would fall below its limit.
    NotEnoughCredit = "not-enough-credit", "时间币不足：请减少数额。", "Not enough credit: lower the amount.", later;
    /// The hold is settled, void or run out.
    HoldState = "hold-state", "该笔预留已结束或不能这样处理。", "The hold is over or cannot be handled so.";
    /// The wish's state does not allow it.
    WishState = "wish-state", "心愿当前状态不允许此操作：请刷新后查看。", "The wish's state does not allow this: look at it again.";
    /// The claimer has as many open wishes as the policy allows.
    TooManyClaims = "too-many-claims", "认领中的心愿已达上限：请先完成已认领的。", "The claimer has as many open wishes as the policy allows: fulfil one first.", later;
    /// The person holds roles.
    HoldsOffice = "holds-office", "该人员仍担任职务：请先移交，再由本人卸任或由上级收回其角色。", "The person holds roles: hand the office over, then lay them down or have them revoked.", later;
    /// The key to be rotated or revoked has ended.
    KeyState = "key-state", "该密钥已停用：无需再次停用或更换。", "The key has ended already: nothing to do.";
    /// The session grant is used, over or too old.
    GrantState = "grant-state", "登录码已使用或已过期：请向社区重新领取。", "The code is used or has run out: ask the community for a new one.";
    /// The timer's time has not come, or what it ends is over.
    NotDue = "not-due", "期限未到。", "The term has not run out.", later;
    /// The cut-off lies ahead, or the policy is not one for points.
    BadList = "bad-list", "榜单的截止位置或规则不正确。", "The list's cut-off or policy is not valid.";
    /// An opening fits no commitment of the event, is not in canonical form, or is missing.
    BadOpening = "bad-opening", "保密内容与承诺值不符或缺失：请按字段规范重新生成。", "An opening fits no commitment of the event, is not canonical or is missing: make it again.";
}

/// The codes as Markdown, in the order of precedence.
#[must_use]
pub fn markdown() -> String {
    let mut text =
        String::from("| | code | 中文 | English | may succeed later unchanged |\n|--:|---|---|---|:-:|\n");
    for (number, code) in (1..).zip(Code::ALL) {
        let later = if code.is_transient() { "●" } else { "" };
        let line = format!("| {number} | `{}` | {} | {} | {later} |\n", code.name(), code.zh(), code.en());
        text.push_str(&line);
    }
    text.push_str("\nCodes with several conditions say which failed (`why`), in these words instead:\n\n");
    text.push_str("| code | why | 中文 | English |\n|---|---|---|---|\n");
    for reason in Reason::ALL {
        let (code, name) = (reason.code().name(), reason.name());
        text.push_str(&format!("| `{code}` | `{name}` | {} | {} |\n", reason.zh(), reason.en()));
    }
    text
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident = $of:ident, $name:literal, $zh:literal, $en:literal;)*) => {
        /// Which of the conditions failed, for codes that have several. Whom another event or key is of is not told.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Reason { $($(#[$doc])* $reason),* }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$reason),*];

            /// The code that it is a reason for.
            #[must_use]
            pub fn code(self) -> Code {
                match self { $(Self::$reason => Code::$of),* }
            }

            /// The stable name, kebab-case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$reason => $name),* }
            }

            /// What is wrong and how to mend it, in Chinese.
            #[must_use]
            pub fn zh(self) -> &'static str {
                match self { $(Self::$reason => $zh),* }
            }

            /// What is wrong and how to mend it, in English.
            #[must_use]
            pub fn en(self) -> &'static str {
                match self { $(Self::$reason => $en),* }
            }
        }
    };
}

reasons! {
    /// Nothing or less lies between the two.
    EndsBeforeItBegins = BadInterval, "ends-before-it-begins", "结束时间没有晚于开始时间：请核对起止时间。", "The end is not after the beginning: check both times.";
    /// Starts are counted from then.
    Before1970 = BadInterval, "before-1970", "开始时间早于 1970 年：请核对年份。", "It begins before 1970: check the year.";
    /// The policy of the day says how long a service is at most.
    TooLong = BadInterval, "too-long", "时间超过规则允许的一次服务的上限：请核对起止时间，或分成几次登记。", "It is longer than the policy allows at a time: check both times, or record it in several parts.";
    /// What has not ended was not served.
    NotOverYet = BadInterval, "not-over-yet", "服务还没有结束：请核对日期，或结束后再登记。", "It is not over yet: check the date, or record it afterwards.";
    /// Somebody acts on themselves.
    ConcernsYou = FourEyes, "concerns-you", "所涉及的是您本人：请由另一位工作人员办理。", "It concerns you: let another member of staff do it.";
    /// Somebody is both who did it and who looks it over.
    FirstWasYou = FourEyes, "first-was-you", "这是您自己录入、发布或提出的：请由另一位工作人员办理。", "You recorded, posted or proposed it yourself: let another member of staff do it.";
    /// A key that came by a code counts as its issuer's.
    InTheirHand = FourEyes, "in-their-hand", "您的密钥凭所涉及的人发放的登录码登记，等待期未满：请由另一位工作人员办理，或等期满。", "Your key came by a code of whom it concerns and its term is not over: let another member of staff do it, or wait.";
    /// Whoever handed out a code could have typed it in.
    SameHand = FourEyes, "same-hand", "您与先办的人之间，有一方的密钥凭另一方发放的登录码登记：请由另一位工作人员办理。", "Of you and whoever did it first, one has a key by the other's code: let another member of staff do it.";
    /// Two keys by codes of one issuer.
    OneIssuer = FourEyes, "one-issuer", "您与先办的人的密钥凭同一个人发放的登录码登记，等待期未满：请由另一位工作人员办理，或等期满。", "Your key and that of whoever did it first came by codes of one issuer and the term is not over: let another member of staff do it, or wait.";
    /// Whoever has a part in a wish does not decide how it went.
    HasAPart = FourEyes, "has-a-part", "您参与过这个心愿（发布、认领、完成、提出异议，或为其中一方）：请由没有参与的工作人员办理。", "You have a part in this wish, as who posted, claimed, fulfilled or disputed it or is a party: let staff do it who have none.";
    /// A policy says that nobody is ranked.
    RankingsOff = BadList, "rankings-off", "本账簿按规则不排名、不公布红黄榜：请先发布新的排名规则。", "By a policy of this ledger nobody is ranked and no list is published: adopt another to change that.";
}

/// A refusal: the code, and where in the event the fault lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rejection {
    /// Which rule.
    pub code: Code,
    /// Which of the code's conditions failed, where it has several.
    pub reason: Option<Reason>,
    /// The row concerned, for events with rows.
    pub row: Option<u16>,
    /// Field, limit or ids concerned; never personal data, in no language.
    pub detail: Option<String>,
}

impl Rejection {
    /// The same refusal with the row that it concerns.
    #[must_use]
    pub fn at_row(mut self, row: usize) -> Self {
        self.row = u16::try_from(row).ok();
        self
    }
}

impl Rejection {
    /// What is wrong and how to mend it, in Chinese and in English, as closely as is known.
    #[must_use]
    pub fn texts(&self) -> (&'static str, &'static str) {
        self.reason.map_or_else(|| (self.code.zh(), self.code.en()), |reason| (reason.zh(), reason.en()))
    }

    /// The same refusal with which condition failed.
    #[must_use]
    pub fn since(self, reason: Reason) -> Self {
        Self { reason: Some(reason), ..self }
    }
}

impl From<(Code, Reason)> for Rejection {
    fn from((code, reason): (Code, Reason)) -> Self {
        Self::from(code).since(reason)
    }
}

impl Code {
    /// A refusal with a detail.
    #[must_use]
    pub fn because(self, detail: impl fmt::Display) -> Rejection {
        Rejection { code: self, reason: None, row: None, detail: Some(detail.to_string()) }
    }
}

impl From<Code> for Rejection {
    fn from(code: Code) -> Self {
        Self { code, reason: None, row: None, detail: None }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.name())?;
        if let Some(row) = self.row {
            write!(f, " (row {row})")?;
        }
        self.detail.iter().try_for_each(|detail| write!(f, ": {detail}"))
    }
}

impl std::error::Error for Rejection {}

/// Whether an event may be appended, and if not, why.
pub type Verdict = Result<(), Rejection>;

/// Refuses unless the condition holds.
pub(crate) fn ensure(holds: bool, refusal: impl Into<Rejection>) -> Verdict {
    if holds { Ok(()) } else { Err(refusal.into()) }
}

/// Refuses a value outside its range unless the condition holds, and says which: the field, a colon, what fits.
pub(super) fn fits(holds: bool, field: fmt::Arguments<'_>) -> Verdict {
    if holds { Ok(()) } else { Err(Code::OutOfRange.because(field)) }
}

/// What [`fits`] says of days of which the last is before the first.
pub(super) const ENDS_LATER: &str = "until (to): later than from";

/// The first refusal of a row, with the row.
pub(super) fn check_each<T>(rows: &[T], mut check: impl FnMut(&T) -> Verdict) -> Verdict {
    rows.iter().enumerate().try_for_each(|(at, row)| check(row).map_err(|refused| refused.at_row(at)))
}

/// Answers `code`, with the first row for which the condition does not hold.
pub(super) fn ensure_each<T>(rows: &[T], code: Code, mut holds: impl FnMut(&T) -> bool) -> Verdict {
    match rows.iter().position(|row| !holds(row)) {
        Some(row) => Err(Rejection::from(code).at_row(row)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_kebab_case() {
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(names.iter().all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    }

    #[test]
    fn reasons_have_names_of_their_own_and_say_how_to_mend_it() {
        let names: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert!(!Code::ALL.iter().any(|code| code.name() == reason.name()));
            assert!(reason.zh().contains("：请") && reason.en().contains(": "), "{reason:?}");
            assert!(reason.en().is_ascii() && !reason.zh().is_ascii(), "{reason:?}");
        }
    }

    #[test]
    fn the_order_of_the_envelope_codes_is_the_documented_one() {
        let first: Vec<_> = Code::ALL[..10].iter().map(|c| c.name()).collect();
        assert_eq!(
            first,
            [
                "malformed",
                "too-large",
                "id-reused",
                "wrong-ledger",
                "id-out-of-window",
                "key-unknown",
                "key-revoked",
                "bad-signature",
                "not-authorised",
                "wrong-revision"
            ]
        );
    }
}

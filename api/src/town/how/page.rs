//! How lists and proofs are made: a page that does not change with the data.

use maud::{Markup, html};

use crate::ui::components::{card, heading};
use crate::ui::layout::{Shell, page};
use crate::ui::paths;

/// Renders the page.
pub fn render(shell: &Shell) -> Markup {
    let title = shell.t("榜单和证明怎样产生", "How lists and proofs are made");
    let body = html! {
        (heading(title, Some(shell.t("时光簿里的数字没有一个是手工填进页面的。", "No figure on these pages was typed in by hand."))))
        div.grid {
            @for (heading, items) in &sections(shell) {
                (card("", heading, &html! { ul.plain { @for item in items { li { (item) } } } }))
            }
        }
        p.more { a.button.second href=(paths::LOG) { (shell.t("自己动手核对", "Check it yourself")) } }
    };
    page(shell, None, title, &body)
}

fn sections(shell: &Shell) -> [(&str, Vec<&str>); 6] {
    [
        (
            shell.t("一小时怎样算数", "How an hour comes to count"),
            vec![
                shell.t("组织方记录：谁、什么时候、做了什么。", "The organiser records who, when and what."),
                shell.t("第三个人审核：不能是本人，也不能是经办人。", "A third person confirms: neither the volunteer nor the recorder."),
                shell.t("同一分钟只算一次，按服务当天所属的社区计。", "A minute counts once, for the community one belonged to on that day."),
                shell.t("更正另写一条，旧记录一直看得到。", "A correction is a new entry; the old one stays visible."),
            ],
        ),
        (
            shell.t("签名", "Signatures"),
            vec![
                shell.t("工作人员、单位和服务队用自己设备里的密钥签名。", "Staff, units and team leads sign with keys on their own devices."),
                shell.t("用登录码登录的人，由账簿的密钥代签，记录上写明是代签的。", "For whoever signs in with a one-time code the ledger's key is the witness, and the entry says so."),
                shell.t("代办会同时写上代办人和本人。", "What staff do on somebody's behalf names both."),
            ],
        ),
        (
            shell.t("红榜和黄榜", "Red and yellow lists"),
            vec![
                shell.t("规则是日志里的一条记录，公布时写明用的是哪一条。", "The rules are an entry of the log, and a list names the one it follows."),
                shell.t("在某条记录处截止，按规则算出每个人的分，每一分都列出依据。", "Points are computed up to one entry, and each point names the entries behind it."),
                shell.t("本期无服务记录、不参评、未报到是三种情况，分开统计；不参评和未报到的人不上红榜和黄榜。", "No service, exempt and not reported in are three cases, counted apart; who is exempt or has not reported in is on neither list."),
                shell.t("不参评的原因不公开；黄榜只给本人、支部、单位和社区看。", "Reasons for exemption are never shown; yellow is for the member, branch, unit and community."),
            ],
        ),
        (
            shell.t("时长榜", "Hours ranking"),
            vec![
                shell.t("按经确认的分钟数排，相同的并列。", "By confirmed minutes; equal minutes share a rank."),
                shell.t("没有同意公开姓名的人只有名次和时长。", "Who has not agreed to be named is there by rank and hours alone."),
            ],
        ),
        (
            shell.t("为什么改不了", "Why it cannot be changed"),
            vec![
                shell.t("每条记录都进入一棵哈希树，树根由账簿签名，叫检查点。", "Every entry goes into a tree of hashes; the ledger signs its root: a checkpoint."),
                shell.t("改动、删除或插入任何旧记录，树根就变，和别人抄下的检查点对不上。", "To change, drop or insert an old entry changes the root, and checkpoints that others noted no longer fit."),
                shell.t("每条记录都可以取得一份离线可验的证明。", "For every entry there is a proof that can be checked offline."),
            ],
        ),
        (
            shell.t("个人信息", "Personal data"),
            vec![
                shell.t("日志里没有姓名、电话、住址，只有它们的承诺值；原文在保险库里，每人一把钥匙。", "The log holds no name, telephone or address, only commitments; the values lie in a vault with a key for each person."),
                shell.t("本人要求删除时销毁钥匙，日志仍然可验。", "When a person asks for erasure the key is destroyed, and the log still verifies."),
                shell.t("别人查看您的记录会留痕，您看得到。", "Looks at your record by others are on the log, and you can see them."),
            ],
        ),
    ]
}

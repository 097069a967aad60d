//! What staff do with an organisation, by their own key.

use hourbook_ledger::commitment::Field;
use hourbook_ledger::domain::event::{
    Body, BodyKind, EdgeKind, NoticeEvent, NoticeKind, OrganisationEvent, OrganisationKind, Span,
};
use hourbook_ledger::domain::ids::OrgId;
use hourbook_ledger::domain::time::Date;

use crate::commands::{Action, Input, Kind, Thing};
use crate::http::names::org_kind_named;

pub(crate) static NEW: Input =
    Input::new("org", "The id of the new organisation; drawn if none is given.", Kind::NewId);
pub(crate) static KIND: Input = Input::new(
    "org-kind",
    "city, district, street, community, grid, building, work-unit, party-branch, team or social-org.",
    Kind::Public,
)
.asked(("类别", "Kind"), ("请选择类别。", "Choose a kind."));
pub(crate) static NAME: Input =
    Input::new("name", "Its public name, without a person's, at most 120 bytes.", Kind::Public)
        .asked(
            ("名称", "Name"),
            (
                "请填写名称，最多 40 个汉字，不能有个人信息。",
                "Give its name: at most 120 bytes, nothing of a person.",
            ),
        )
        .headed(&["名称", "社区名称", "网格名称", "组织名称", "单位名称", "name"]);
pub(crate) static CODE: Input =
    Input::new("code", "Its code in the division list, at most 64 bytes.", Kind::OptionalPublic)
        .asked(("区划代码（可不填）", "Division code (optional)"), ("最多 64 字节。", "At most 64 bytes."))
        .headed(&["代码", "编码", "区划代码", "统计用区划代码", "code"]);
pub(crate) static PART_OF: Input = Input::new(
    "parent",
    "Of which organisation it is part; a root if none is named.",
    Kind::OptionalId(Thing::Org),
)
.asked(("上级", "Part of"), ("请选择上级组织。", "Choose what it is part of."));

pub(crate) static REGISTER: Action = Action {
    name: "register-organisation",
    about: "An organisation exists, from now on and for everybody to see.",
    inputs: &[&NEW, &KIND, &NAME, &CODE, &PART_OF],
    makes: BodyKind::Organisation(OrganisationKind::Registered),
    draft: |of| {
        let (kind, name, parent) = (of.read(&KIND, org_kind_named)?, of.get(&NAME)?, of.find(&PART_OF)?);
        let code = of.find::<String>(&CODE)?.filter(|code| !code.is_empty());
        Ok(Body::Organisation(OrganisationEvent::Registered {
            org: of.fresh(&NEW, OrgId)?,
            kind,
            name,
            code,
            parent,
        }))
    },
};

static ORG: Input = Input::new("org", "The organisation.", Kind::Id(Thing::Org));
static PARENT: Input = Input::new("parent", "The community that it reports to.", Kind::Id(Thing::Org));
static FROM: Input = Input::new("from", "The first day, as 2026-12-31.", Kind::Text);

static LAST: Input =
    Input::new("last", "The last day, as 2026-12-31; at most 366 with the first.", Kind::Text);
static TITLE: Input = Input::new("title", "What everybody reads first, at most 240 bytes.", Kind::Text);
static TEXT: Input = Input::new("text", "What everybody reads, at most 2,000 bytes.", Kind::Text);
static NOTICE: Input = Input::new("notice", "The event that published it.", Kind::Id(Thing::Event));

static ABOVE: Input = Input::new("parent", "What it becomes part of.", Kind::Id(Thing::Org));
static UNTIL: Input = Input::new("last", "The last day, as 2026-12-31.", Kind::OptionalPublic);

pub(crate) static BY_STAFF: [Action; 4] = [
    Action {
        name: "move-organisation",
        about: "An organisation is part of another from a day on, with all below it.",
        inputs: &[&ORG, &ABOVE, &FROM, &UNTIL],
        makes: BodyKind::Organisation(OrganisationKind::Linked),
        draft: |of| {
            let (org, parent, kind) = (of.get(&ORG)?, of.get(&ABOVE)?, EdgeKind::PartOf);
            let span = Span { from: of.get(&FROM)?, to: of.find::<Date>(&UNTIL)?.map(|last| last.plus(1)) };
            Ok(Body::Organisation(OrganisationEvent::Linked { org, parent, kind, span }))
        },
    },
    Action {
        name: "report-organisation-in",
        about: "A unit or branch reports to a community (双报到) from a day on.",
        inputs: &[&ORG, &PARENT, &FROM],
        makes: BodyKind::Organisation(OrganisationKind::Linked),
        draft: |of| {
            let (org, parent, kind) = (of.get(&ORG)?, of.get(&PARENT)?, EdgeKind::ReportsTo);
            let span = Span { from: of.get(&FROM)?, to: None };
            Ok(Body::Organisation(OrganisationEvent::Linked { org, parent, kind, span }))
        },
    },
    Action {
        name: "publish-notice",
        about: "Tells something to everybody, on the first page, for a span of days.",
        inputs: &[&ORG, &TITLE, &TEXT, &FROM, &LAST],
        makes: BodyKind::Notice(NoticeKind::Published),
        draft: |of| {
            let org: OrgId = of.get(&ORG)?;
            let span = Span { from: of.get(&FROM)?, to: Some(of.get::<Date>(&LAST)?.plus(1)) };
            let title = of.seal(org.0, Field::Title, &TITLE)?;
            let text = of.seal(org.0, Field::Content, &TEXT)?;
            Ok(Body::Notice(NoticeEvent::Published { org, title, text, span }))
        },
    },
    Action {
        name: "withdraw-notice",
        about: "Takes a notice down before its last day.",
        inputs: &[&ORG, &NOTICE],
        makes: BodyKind::Notice(NoticeKind::Withdrawn),
        draft: |of| Ok(Body::Notice(NoticeEvent::Withdrawn { org: of.get(&ORG)?, notice: of.get(&NOTICE)? })),
    },
];

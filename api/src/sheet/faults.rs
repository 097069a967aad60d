//! What can be wrong with a sheet: one stable code each, and its words in Chinese and English.
//!
//! A code is never renamed: callers and tests rely on it. `{v}` in a text stands for an excerpt of the cell,
//! `{n}` for a detail such as a limit or other rows; `{1}` to `{5}` for its parts where it has several, between [`PART`].

use serde::Serialize;

use super::excerpt::{excerpt, masked};

/// Between the parts of a detail: no excerpt holds it.
pub(super) const PART: char = '\u{1f}';

/// The parts of a detail.
pub(super) fn parts(parts: &[&str]) -> String {
    parts.join(PART.encode_utf8(&mut [0; 4]))
}

macro_rules! faults {
    ($(#[$about:meta])* $name:ident { $($variant:ident $code:literal $zh:literal $zh_mend:literal $en:literal $en_mend:literal;)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum $name { $($variant,)* }

        impl $name {
            pub(super) const ALL: &[$name] = &[$($name::$variant,)*];

            pub(super) fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }

            /// Chinese: what is wrong, how to mend it; English: the same.
            fn words(self) -> [&'static str; 4] {
                match self { $($name::$variant => [$zh, $zh_mend, $en, $en_mend],)* }
            }

            fn zh(self, value: &str, detail: &str) -> String {
                let [what, mend, ..] = self.words();
                fill(&format!("{what}。{mend}。"), value, detail)
            }

            fn en(self, value: &str, detail: &str) -> String {
                let [.., what, mend] = self.words();
                fill(&format!("{what}. {mend}."), value, detail)
            }
        }
    };
}

/// One pass, so that a cell holding `{n}` is not filled in itself.
fn fill(template: &str, value: &str, detail: &str) -> String {
    let mut out = String::with_capacity(template.len() + value.len() + detail.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let part = |index: usize| detail.split(PART).nth(index).unwrap_or_default();
        let (with, skip) = match rest.get(at..at + 3) {
            Some("{v}") => (value, 3),
            Some("{n}") => (detail, 3),
            Some("{1}") => (part(0), 3),
            Some("{2}") => (part(1), 3),
            Some("{3}") => (part(2), 3),
            Some("{4}") => (part(3), 3),
            Some("{5}") => (part(4), 3),
            _ => ("{", 1),
        };
        out.push_str(with);
        rest = &rest[at + skip..];
    }
    out.push_str(rest);
    out
}

faults! {
    /// Something wrong with one row.
    Fault {
        UnclosedQuote "unclosed-quote" "引号没有配对，从这里起的内容无法可靠读取" "请补上缺少的双引号，或用表格软件打开后重新另存为 CSV" "a double quote is opened here and never closed, so what follows cannot be read" "Add the missing quote, or open the file in a spreadsheet program and save it as CSV again";
        StrayQuote "stray-quote" "双引号后面还有文字" "单元格内容中的双引号须写成两个，或用表格软件重新另存为 CSV" "there is text after a closing double quote" "Write a quote inside a cell twice, or save the file as CSV again from a spreadsheet program";
        MixedDelimiters "mixed-delimiters" "这一行的分隔符（{n}）与表头不同" "全表请使用同一种分隔符" "this row is separated by {n}, unlike the header" "Use one separator in the whole file";
        RaggedRow "ragged-row" "这一行的列数与表头不一致（{n}）" "请补上或删去多余的分隔符，使每行列数与表头相同" "this row does not have as many cells as the header ({n})" "Add or remove separators until every row matches the header";
        NulByte "nul-byte" "单元格含有空字节" "请删去该单元格并重新输入" "the cell holds a NUL byte" "Clear the cell and type it again";
        ControlCharacter "control-character" "单元格含有看不见的控制字符" "请删去该单元格并重新输入" "the cell holds a control character" "Clear the cell and type it again";
        InvisibleCharacter "invisible-character" "单元格含有会颠倒或隐藏文字的特殊字符" "请删去该单元格并重新输入，不要粘贴" "the cell holds a character that reorders or hides text" "Clear the cell and type it again instead of pasting";
        FormulaCell "formula-cell" "这是公式（{v}），不是数值" "请复制该列并“选择性粘贴—数值”" "this is a formula ({v}), not a value" "Copy the column and paste it as values";
        FormulaText "formula-text" "内容“{v}”以 =、+、-、@ 或制表符开头，会被当作公式" "请去掉开头的符号" "“{v}” begins with =, +, -, @ or a tab, which spreadsheet programs run as a formula" "Remove the leading sign";
        ExcelError "excel-error" "单元格是错误值 {v}" "请改正公式或直接填写内容" "the cell is the error {v}" "Mend the formula or type the value";
        BooleanCell "boolean-cell" "单元格是逻辑值 {v}" "请填写文字" "the cell is the logical value {v}" "Type the text that belongs here";
        DateInText "date-in-text" "表格软件把内容变成了日期或时间" "请把该列设为“文本”格式后重新输入" "the spreadsheet program turned the content into a date or time" "Format the column as text and type it again";
        CellTooLong "cell-too-long" "内容有 {1} 个字（{2} 字节），最多 {3} 字节，即 {4} 个汉字" "请缩短" "the content has {1} characters ({2} bytes), at most {3} bytes are taken, that is {4} Chinese characters" "Shorten it";
        IdNumber "id-number" "含有疑似身份证号码（18 位或旧式 15 位，带空格、横线也算），不应出现在这里" "请删去身份证号码，保护个人信息" "this looks like a national ID number (18 digits or the older 15, grouped or not), which must not be here" "Delete it: it is protected personal data";
        MissingNameAndNumber "missing-name-and-number" "既没有姓名，也没有志愿者编号" "请填写姓名（几个人可能共用一个电话）或志愿者编号" "there is neither a name nor a volunteer number" "Fill in the name (several people may share a phone) or the volunteer number";
        MissingName "missing-name" "没有姓名" "请填写姓名，或删去这一行" "the name is missing" "Fill it in, or delete the row";
        UnclearMark "unclear-mark" "看不懂这一格：是迁出、死亡，还是没有" "请填 1、是、√，或者留空" "this cell says neither that the person left or died nor that they did not" "Write 1 or yes, or leave it empty";
        MissingContact "missing-contact" "电话和志愿者编号都没有，仅凭姓名无法确定是谁" "请至少填写其中一项" "phone and volunteer number are both missing, and a name alone identifies nobody" "Fill in at least one of them";
        SwappedColumns "swapped-columns" "姓名和电话像是填反了" "请互换两格内容" "name and phone look swapped" "Exchange the two cells";
        NameHasDigits "name-has-digits" "姓名“{v}”中含有数字" "请只填写姓名；同名的人用电话或志愿者编号区分" "the name “{v}” contains digits" "Write only the name; tell namesakes apart by phone or volunteer number";
        BadName "bad-name" "姓名“{v}”含有不该有的符号" "请只填写一个人的姓名，每人一行" "the name “{v}” contains signs that names do not have" "Write one person's name; one row per person";
        BadPhone "bad-phone" "“{v}”不是有效的电话号码" "请只填一个号码：11 位手机号、带区号的固定电话（分机写在“转”后），或以 + 和国家/地区代码开头的号码" "“{v}” is not a valid phone number" "Write one number: 11 digits of a mobile, a landline with its area code (an extension after ext.), or one that begins with + and a country code";
        BadNumber "bad-number" "“{v}”不像志愿者编号" "请填写 4 至 32 位字母、数字或 - / . _ # 等符号，其中须有数字" "“{v}” does not look like a volunteer number" "Write 4 to 32 letters, digits or signs such as - / . _ #, with a digit among them";
        NumberLostDigits "number-lost-digits" "表格软件把“{v}”当作数值，后面的数字已丢失" "请把该列设为“文本”格式后重新输入" "the spreadsheet program took “{v}” for an amount, and digits were lost" "Format the column as text and type the number again";
        SignedForAnother "signed-for-another" "“{v}”像是代签" "请填写本人的姓名，并核对本人确实到场" "“{v}” looks signed by somebody else" "Write the name of who was there, and check that they were";
        SeveralPeople "several-people" "“{v}”是几个人" "请一人一行" "“{v}” are several people" "Write one row for each";
        TeamNotPerson "team-not-person" "“{v}”是一队人，不是一个人" "请写出每个人的姓名，一人一行" "“{v}” is a team and not a person" "Name each of them in a row of their own";
        PlusOthers "plus-others" "“{v}”还带了别人" "请写出同来的人的姓名，一人一行" "“{v}” brought others" "Name them, each in a row";
        Nickname "nickname" "“{v}”像是称呼，不是姓名" "请填写全名" "“{v}” looks like a form of address" "Write the full name";
        PeriodNotDay "period-not-day" "“{v}”是一段时间的合计，不是一次服务" "合计不能作为服务记录登记，请按每次服务填写；以往的总数可以在备注里说明" "“{v}” is a sum over some time and no service" "A sum is no record of service: write a row for each service";
        UnclearLength "unclear-length" "看不懂时长“{v}”" "请写小时数，如 3 或 2.5，或者填写结束时间" "the length “{v}” cannot be read" "Write hours, such as 3 or 2.5, or the end";
        MissingActivity "missing-activity" "没有活动名称" "请填写" "the activity is missing" "Fill it in";
        MissingDate "missing-date" "没有日期" "请填写，例如 2026-03-07" "the date is missing" "Fill it in, for example 2026-03-07";
        MissingStart "missing-start" "没有开始时间" "请填写，例如 9:00" "the start time is missing" "Fill it in, for example 9:00";
        MissingEnd "missing-end" "没有结束时间" "请填写，例如 11:30" "the end time is missing" "Fill it in, for example 11:30";
        MissingPlace "missing-place" "没有地点" "请填写" "the place is missing" "Fill it in";
        MissingContent "missing-content" "没有服务内容" "请填写做了什么" "the content of the service is missing" "Say what was done";
        MissingLead "missing-lead" "没有负责人" "请填写活动负责人" "the person in charge is missing" "Fill in who led the activity";
        MergedCell "merged-cell" "单元格被合并了（{n}），这一行实际上没有内容" "请取消合并，每一行都填写" "the cell is merged ({n}), so this row holds nothing here" "Unmerge it and fill in every row";
        BadDate "bad-date" "看不懂日期“{v}”" "请写成 2026-03-07 或 2026年3月7日，年份用四位；每行只写一天" "the date “{v}” cannot be read" "Write it as 2026-03-07, with a four-digit year first, one day a row";
        DateHasTime "date-has-time" "日期“{v}”里带有时刻" "日期列只填日期，时刻填在开始、结束时间列" "the date “{v}” also holds a time of day" "Leave only the date here; times belong in the start and end columns";
        ImpossibleDate "impossible-date" "“{v}”这一天不存在" "请核对月份和日期" "“{v}” is a day that does not exist" "Check month and day";
        FutureDate "future-date" "日期“{v}”还没有到" "只能登记已经完成的服务，请核对日期" "the date “{v}” is in the future" "Only service already given can be recorded; check the date";
        DateTooOld "date-too-old" "日期“{v}”早于可登记的最早日期 {n}" "请核对年份" "the date “{v}” is before {n}, the earliest that can be recorded" "Check the year";
        BadStart "bad-start" "看不懂开始时间“{v}”" "请写成 9:00 或 下午2点30分；单元格须为文本或时间格式，单纯的数字不是时刻" "the start time “{v}” cannot be read" "Write it as 9:00 or 14:30, in a cell of text or time: a plain number is no time";
        BadEnd "bad-end" "看不懂结束时间“{v}”" "请写成 11:00 或 下午4点30分；单元格须为文本或时间格式，单纯的数字不是时刻" "the end time “{v}” cannot be read" "Write it as 11:00 or 16:30, in a cell of text or time: a plain number is no time";
        FractionMinutes "fraction-minutes" "时间“{v}”带有秒" "请只写到分钟" "the time “{v}” has seconds" "Write whole minutes";
        DateMismatch "date-mismatch" "时间“{v}”里的日期与日期列不同" "请改成同一天，或只写时刻" "the day in “{v}” differs from the date column" "Make them the same, or write only the time of day";
        ZeroLength "zero-length" "开始和结束时间相同" "请核对时间" "start and end are the same" "Check the times";
        EndBeforeStart "end-before-start" "结束时间早于开始时间" "请核对上午、下午；跨夜服务不超过 12 小时" "the end is before the start" "Check morning and afternoon; service over midnight is at most 12 hours";
        SpanOverLimit "span-over-limit" "这一行有 {2}，一次服务最多 {1}" "请核对时间，或分成几次填写" "this row has {2}, one service at most {1}" "Check the times, or split it into several rows";
        Over24Hours "over-24-hours" "时间“{v}”超过一天的 24 小时" "请填写当天的时刻，跨天的服务请分行填写" "“{v}” goes beyond the 24 hours of a day" "Write a time of day; split service over several days into rows";
        NotVoluntary "not-voluntary" "“{n}”不属于志愿服务（《志愿服务记录与证明出具办法（试行）》第十九条：有偿工作不得记录）" "请删去这一行，或更正活动名称" "“{n}” is not voluntary service (Order 67 of the Ministry of Civil Affairs, art. 19: paid work is not recorded)" "Remove the row, or correct the activity's name";
        DuplicateRow "duplicate-row" "与第 {n} 行重复：同一人、同一活动、同一时间" "请只保留一行" "the same person, activity and time as row {n}" "Keep only one of them";
        OverlappingTimes "overlapping-times" "与第 {n} 行的时间重叠：同一人不能同时在两处" "请核对两行的时间" "overlaps in time with row {n}: one person cannot be in two places" "Check the times of both rows";
        NumberTwoNames "number-two-names" "同一志愿者编号在第 {n} 行是另一个姓名" "请核对编号和姓名" "the same volunteer number has another name in row {n}" "Check number and name";
        PersonTwoNumbers "person-two-numbers" "同一姓名和电话在第 {n} 行是另一个志愿者编号" "请核对编号" "the same name and phone have another volunteer number in row {n}" "Check the number";
    }
}

faults! {
    /// Something wrong with the whole file.
    FileFault {
        Empty "empty-file" "文件是空的" "请选择有内容的表格" "the file is empty" "Choose a sheet that has rows";
        TooLarge "file-too-large" "文件超过 {n}" "请拆成几个文件" "the file is larger than {n}" "Split it into several files";
        ZipBomb "unpacks-too-large" "文件解压后过大，可能是恶意文件" "请新建表格，只粘贴数值后重新保存" "the file unpacks to far more than a sheet needs" "Paste the values into a new sheet and save that";
        NotASheet "not-a-sheet" "这不是可以读取的表格（{n}）" "请在表格软件中另存为 .xlsx 或 CSV UTF-8" "this is not a sheet that can be read ({n})" "Save it as .xlsx or CSV UTF-8 from a spreadsheet program";
        LegacyXls "legacy-xls" "这是旧版 .xls 或 WPS .et 格式" "请打开后另存为 .xlsx" "this is the old .xls format, or WPS's .et" "Open it and save it as .xlsx";
        Encrypted "encrypted" "文件有密码保护" "请去掉密码后再导入" "the file is protected by a password" "Remove the password first";
        TwoEncodings "two-encodings" "文件里有两种文字编码：从第 {n} 行起与前面不同，无法可靠读取" "请在表格软件中打开合并前的每个文件，另存为“CSV UTF-8”后再合并" "the file holds two text encodings: from line {n} on it differs from what stands before" "Save each of the joined files as “CSV UTF-8” first, then join them";
        Encoding "unknown-encoding" "看不懂文件的文字编码" "请另存为“CSV UTF-8”" "the text encoding of the file is not known" "Save it as “CSV UTF-8”";
        NoHeader "no-header" "找不到表头" "请加一行表头：姓名、电话、志愿者编号、活动名称、日期、开始时间、结束时间、地点、服务内容、负责人" "no header row was found" "Add one: name, phone, volunteer number, activity, date, start, end, place, content, lead";
        NoWishHeader "no-header" "前 4 行里找不到表头" "请加一行表头，其中要有“心愿人姓名”、“联系电话”和“心愿内容”" "no header row was found among the first 4" "Add one with 心愿人姓名 (name), 联系电话 (phone) and 心愿内容 (wish)";
        NoRollHeader "no-header" "前 4 行里找不到表头" "请加一行表头，其中要有“姓名”，可以有“联系电话”和“志愿者编号”" "no header row was found among the first 4" "Add one with “name”, and perhaps “phone” and “volunteer number”";
        MissingColumn "missing-column" "缺少列：{n}" "请加上这些列，或用 hourbook import --template 模板.xlsx 生成空白模板" "columns are missing: {n}" "Add them, or write the blank template with hourbook import --template FILE.xlsx";
        MissingColumnBelow "missing-column" "缺少列：{1}；第 {2} 行还有一部分表头" "请把两行表头合成一行，或用 hourbook import --template 模板.xlsx 生成空白模板" "columns are missing: {1}; the rest of the header stands in row {2}" "Put the header into one row, or write the blank template with hourbook import --template FILE.xlsx";
        DuplicateColumn "duplicate-column" "{1}和{2}都会当作“{3}”" "请保留{4}，把{5}改成别的名称或删去" "{1} and {2} would both be read as “{3}”" "Keep {4} and rename or delete {5}";
        BadGiven "bad-given" "看不懂为全表填写的“{1}”" "日期写成 2026-03-07，时间写成 8:30" "what was typed for the whole sheet as “{2}” cannot be read" "Write days as 2026-03-07 and times as 8:30";
        NoRows "no-rows" "表头下面没有内容" "请填写后再导入" "there is nothing below the header" "Fill in rows first";
        TooManyRows "too-many-rows" "超过 {n} 行" "请拆成几个文件" "there are more than {n} rows" "Split it into several files";
        TooManyColumns "too-many-columns" "超过 {n} 列" "请删去多余的列" "there are more than {n} columns" "Delete the columns that are not needed";
    }
}

faults! {
    /// Worth telling, but no reason to refuse.
    Remark {
        UnknownColumn "unknown-column" "不认识的列，已忽略：{n}" "时长按开始和结束时间计算" "columns that are not known were ignored: {n}" "Minutes are computed from start and end";
        IdColumn "id-number-column" "身份证列没有读取：{n}" "按姓名、电话或志愿者编号核对" "columns of ID numbers were not read: {n}" "People are found by name, phone or volunteer number";
        PrivateColumn "private-column" "这些列没有读取，也不保存：{n}" "登记时长用不到" "these columns were neither read nor kept: {n}" "Hours do not need them";
        FromTheHeading "from-the-heading" "表头上方写的内容用于没有填写的行：{n}" "请核对" "what stands above the table holds for rows that do not say it: {n}" "Check it";
        OtherSheets "other-sheets" "文件有多个工作表，只读取了“{1}”；没有读取：{2}" "其他工作表请分别导入" "the file has several sheets; only “{1}” was read, not: {2}" "Import the others separately";
        HiddenRows "hidden-rows" "隐藏（如被筛选掉）的行也已读取：第 {n} 行" "不需要的行请删去后重新导入" "rows that are hidden, by a filter perhaps, were read, too: {n}" "Delete those that are not wanted and import again";
        HiddenColumns "hidden-columns" "隐藏的列也已读取：{n}" "请取消隐藏并核对" "hidden columns were read, too: {n}" "Unhide and check them";
        NamelessRows "nameless-rows" "没有姓名和号码的行已跳过：第 {n} 行" "如果是居民，请补上姓名" "rows without a name or number were skipped: {n}" "If they are of residents, fill in their names";
        SecondNumber "second-number" "一格里有几个号码，只读取了一个（先取手机号）：第 {n} 行" "请核对" "of cells with several numbers one was read, a mobile first: {n}" "Check them";
        AfterTheName "after-the-name" "姓名后面括号里的字没有读取：第 {n} 行" "请核对" "what stands in brackets after a name was not read: {n}" "Check them";
        Instructions "instructions" "填写说明已跳过：第 {n} 行" "如果是居民，请补全这一行" "rows of instructions were skipped: {n}" "If they are of residents, fill in the row";
        IgnoredRows "ignored-rows" "只在未读取的列里有内容的行，按空行处理：第 {n} 行" "如果是服务记录，请补全各列" "rows filled only in columns that are not read count as blank: {n}" "If they are service rows, fill in their columns";
        WeekdayDiffers "weekday-differs" "星期与日期不符：第 {n} 行" "请核对日期；按日期登记" "the weekday does not fit the date: {n}" "Check the date: it is what will be recorded";
        DoubtfulActivity "doubtful-activity" "活动名称含有“会议”“值班”等字样：第 {n} 行" "会议、值班不属于志愿服务（民政部令第67号第十九条）；如确是志愿服务，无需处理" "names of activities speak of meetings or duty: {n}" "Meetings and duty are not voluntary service (Order 67, art. 19); if it was service, nothing needs to be done";
        HintRow "hint-row" "表头下的填写说明已忽略：第 {n} 行" "如果是服务记录，请补全各列" "a row of instructions below the header was ignored: {n}" "If it is a service row, fill in its columns";
        HiddenSheets "hidden-sheets" "隐藏的工作表没有读取：{n}" "需要时请取消隐藏" "hidden sheets were not read: {n}" "Unhide them if they are wanted";
        FooterSkipped "footer-skipped" "合计或备注行已忽略：第 {n} 行" "如果是服务记录，请补全各列" "rows with totals or remarks were ignored: {n}" "If they are service rows, fill in their columns";
        RepeatedHeader "repeated-header" "重复的表头已忽略：第 {n} 行" "无需处理" "repeated header rows were ignored: {n}" "Nothing needs to be done";
        Decoded "decoded" "文件编码为 {n}，已转换" "请核对文字是否正确" "the file was read as {n}" "Check that the text looks right";
        Misnamed "misnamed" "文件名的后缀与内容不符，按 {n} 读取" "请改正后缀" "the file's ending does not fit its content; it was read as {n}" "Correct the ending";
    }
}

/// Where in the sheet, for a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) index: usize,
    pub(super) header: String,
    pub(super) letter: String,
}

impl Place {
    /// The header as it is written, with its letter.
    pub(super) fn name(&self) -> String {
        format!("{}（{}）", self.header, self.letter)
    }
}

/// One thing wrong in one row. The texts may hold personal data from the sheet: show them to who sent it, log only the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// 1-based row, as the user's spreadsheet program shows it.
    pub line: u32,
    /// The column's header as it stands in the file; empty when the column has none.
    pub column: String,
    /// The column's letters, such as `C`.
    pub letter: String,
    /// Stable kebab-case code; see [`super::row_codes`].
    pub code: &'static str,
    /// A short excerpt of the cell; an ID number is masked.
    pub value: String,
    /// Chinese: where, what is wrong, how to mend it.
    pub zh: String,
    /// English: the same.
    pub en: String,
    #[serde(skip)]
    pub(super) order: usize,
}

impl RowError {
    pub(super) fn new(line: u32, place: &Place, fault: Fault, raw: &str, detail: &str) -> RowError {
        let value = if fault == Fault::IdNumber { masked(raw) } else { excerpt(raw) };
        let Place { index, header, letter } = place;
        // What holds for all rows stands in no column.
        let (zh_place, en_place) = match letter.is_empty() {
            true => (format!("第 {line} 行（{header}）"), format!("Row {line} ({header})")),
            false => (
                format!("第 {line} 行 {letter} 列（{header}）"),
                format!("Row {line}, column {letter} ({header})"),
            ),
        };
        RowError {
            line,
            column: header.clone(),
            letter: letter.clone(),
            code: fault.code(),
            zh: format!("{}：{}", zh_place, fault.zh(&value, detail)),
            en: format!("{}: {}", en_place, fault.en(&value, detail)),
            value,
            order: *index,
        }
    }
}

/// Why a whole file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code}: {en}")]
pub struct SheetError {
    /// Stable kebab-case code; see [`super::file_codes`].
    pub code: &'static str,
    /// Chinese: what is wrong and how to mend it.
    pub zh: String,
    /// English: the same.
    pub en: String,
    /// What was noticed before.
    pub notes: Vec<Note>,
}

impl SheetError {
    pub(super) fn new(fault: FileFault, detail: &str) -> SheetError {
        let (zh, en) = (fault.zh("", detail), fault.en("", detail));
        SheetError { code: fault.code(), zh, en, notes: Vec::new() }
    }
}

/// Something the sender should know although nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Stable kebab-case code.
    pub code: &'static str,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Note {
    pub(super) fn new(remark: Remark, detail: &str) -> Note {
        Note { code: remark.code(), zh: remark.zh("", detail), en: remark.en("", detail) }
    }
}

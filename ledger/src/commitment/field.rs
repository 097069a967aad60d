//! Which kinds of values there are, and what can be wrong with one.

use std::ops::RangeInclusive;

/// How many digits a one-time code may have. How many it must have follows from how many are open.
pub const CODE_DIGITS: RangeInclusive<usize> = 8..=20;

pub use crate::domain::facts::Field;

impl Field {
    /// The byte that stands for this field in hashes and files.
    pub const fn tag(self) -> u8 {
        self as u8
    }

    /// The field with this number, if there is one.
    pub fn of_tag(tag: u8) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.tag() == tag)
    }

    /// The longest canonical value, in bytes of UTF-8 (a Chinese character takes three).
    pub const fn max_bytes(self) -> usize {
        match self {
            Field::Phone => 32,
            Field::IdNumber => 18,
            Field::VolunteerNumber => 32,
            Field::Code => 20,
            Field::Name | Field::Lead => 120,
            Field::Title | Field::Place => 240,
            Field::Address | Field::WishSentence => 360,
            Field::Reason => 1_000,
            Field::Content | Field::Note => 2_000,
            Field::WishText => 4_000,
        }
    }

    /// Whether a line break belongs in this field.
    pub const fn is_multiline(self) -> bool {
        matches!(self, Field::Content | Field::WishText | Field::Reason | Field::Note)
    }

    /// Whether the vault can find a subject by this field (through a keyed index).
    ///
    /// Finding by [`Field::Name`] is there to warn about namesakes, never to match a person.
    pub const fn is_findable(self) -> bool {
        matches!(self, Field::Name | Field::Phone | Field::IdNumber | Field::VolunteerNumber | Field::Code)
    }
}

/// Why a value has no canonical form. `Display` is English, [`FieldError::zh`] Chinese; neither
/// repeats the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Nothing is left after trimming.
    #[error("the value is empty")]
    Empty,
    /// The canonical value is longer than [`Field::max_bytes`].
    #[error("the value is too long: at most {max} bytes (a Chinese character takes 3)")]
    TooLong {
        /// The bound, in bytes.
        max: usize,
    },
    /// A control, invisible or direction-turning character.
    #[error("the value contains the forbidden character U+{0:04X} (control, invisible or text direction)")]
    ForbiddenCharacter(u32),
    /// Not a telephone number.
    #[error(
        "not a telephone number: 11 digits of a mobile, a landline with its area code, or + and a country code; an extension after ext."
    )]
    Phone,
    /// Not 18 characters with a possible date of birth, nor 15 digits.
    #[error(
        "an ID number has 18 characters (17 digits, then a digit or X) or 15 digits, with a real date of birth"
    )]
    IdNumber,
    /// The last character of an 18-character ID number does not fit the others.
    #[error("the check character of the ID number is wrong: at least one digit is mistyped")]
    IdChecksum,
    /// Not a one-time code of 8 to 20 digits.
    #[error("a one-time code has 8 to 20 digits, with or without spaces and hyphens")]
    Code,
    /// A number with characters outside printable ASCII.
    #[error("only ASCII letters, digits and punctuation, without spaces")]
    NotAscii,
    /// The value is valid but not in canonical form.
    #[error("the value is not in canonical form")]
    NotCanonical,
}

impl FieldError {
    /// The same sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            FieldError::Empty => "内容为空".into(),
            FieldError::TooLong { max } => format!("内容过长:最多 {} 个汉字({max} 字节)", max / 3),
            FieldError::ForbiddenCharacter(code) => {
                format!("含有不允许的字符 U+{code:04X}(控制、不可见或改变文字方向的字符)")
            }
            FieldError::Phone => {
                "不是有效的电话号码:应为 11 位手机号、带区号的固定电话,或 + 加国家/地区代码;分机号写在“转”后"
                    .into()
            }
            FieldError::IdNumber => {
                "身份证号应为 18 位(前 17 位数字,末位数字或 X)或旧式 15 位数字,出生日期须真实存在".into()
            }
            FieldError::IdChecksum => "身份证号校验位不符:至少有一位录入有误".into(),
            FieldError::Code => "登录码应为 8 至 20 位数字,可带空格或横线".into(),
            FieldError::NotAscii => "只能使用英文字母、数字和半角符号,不含空格".into(),
            FieldError::NotCanonical => "内容不是规范写法".into(),
        }
    }
}

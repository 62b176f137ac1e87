//! The steps that look at the bytes of one buffer, one after the other.

use std::sync::Arc;

use super::NumberTest;
use super::dataset::{DatasetTest, ReputationTest};
use crate::pcre::Pcre;

/// Index of a variable that byte_extract or byte_math fills.
pub type Slot = u8;

/// A number that is given in the rule or taken from a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Written in the rule.
    Fixed(i64),
    /// Filled by an earlier step.
    Slot(Slot),
}

/// The bytes of a `content`, with the place of its rarest byte for a quick search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Lower case when `nocase`.
    pub bytes: Arc<[u8]>,
    /// ASCII letters of either case match.
    pub nocase: bool,
    pub(crate) rare_at: u16,
}

/// How a content serves as the rule's fast pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FastPattern {
    /// The whole pattern; checked again in full.
    Whole,
    /// The whole pattern, and nothing more is asked of it.
    Only,
    /// A part of it: offset, length.
    Chop(u16, u16),
}

/// `content` with its modifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What is looked for.
    pub pattern: Pattern,
    /// It must not be there.
    pub negated: bool,
    /// First byte where it may begin.
    pub offset: Option<Value>,
    /// Last byte where it may end, from the buffer's start (from `offset` when given).
    pub depth: Option<Value>,
    /// Bytes to skip after the last match.
    pub distance: Option<Value>,
    /// Bytes after the last match (and `distance`) within which it must end.
    pub within: Option<Value>,
    /// It must stand at the very start.
    pub starts_with: bool,
    /// It must stand at the very end.
    pub ends_with: bool,
    /// The rule's own choice of fast pattern.
    pub fast_pattern: Option<FastPattern>,
}

/// Byte order of a number in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Most significant byte first.
    Big,
    /// Least significant byte first.
    Little,
    /// As the DCE/RPC header of the message says.
    Dce,
}

/// How a number stands in the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberText {
    /// As bytes.
    Binary(ByteOrder),
    /// As text in this base: 8, 10 or 16.
    Text(u32),
}

/// Comparison of byte_test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestOp {
    /// `<`
    Less,
    /// `>`
    Greater,
    /// `=`
    Equal,
    /// `<=`
    LessOrEqual,
    /// `>=`
    GreaterOrEqual,
    /// `&`: any common bit.
    And,
    /// `^`: no common bit is missing; the value has other bits.
    Xor,
}

/// `byte_test`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteTest {
    /// How many bytes.
    pub bytes: Value,
    /// The comparison.
    pub op: TestOp,
    /// `!` before the operator.
    pub negated: bool,
    /// What it is compared with.
    pub value: Value,
    /// Where the number stands.
    pub offset: Value,
    /// Counted from the last match.
    pub relative: bool,
    /// How it is written.
    pub number: NumberText,
    /// Applied to the number before the comparison, shifted down to the mask's lowest bit.
    pub bitmask: Option<u64>,
}

/// `byte_jump`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteJump {
    /// How many bytes.
    pub bytes: Value,
    /// Where the number stands.
    pub offset: Value,
    /// Counted from the last match.
    pub relative: bool,
    /// Times this.
    pub multiplier: u32,
    /// How it is written.
    pub number: NumberText,
    /// Rounded up to four.
    pub align: bool,
    /// The jump starts at the buffer's beginning.
    pub from_beginning: bool,
    /// The jump starts at the buffer's end.
    pub from_end: bool,
    /// Added at the end.
    pub post_offset: Value,
    /// Applied to the number.
    pub bitmask: Option<u64>,
}

/// `byte_extract`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteExtract {
    /// How many bytes.
    pub bytes: u8,
    /// Where the number stands.
    pub offset: i64,
    /// Counted from the last match.
    pub relative: bool,
    /// Times this.
    pub multiplier: u32,
    /// How it is written.
    pub number: NumberText,
    /// Rounded up to this (0: not).
    pub align: u8,
    /// Applied to the number.
    pub bitmask: Option<u64>,
    /// Where it is kept.
    pub slot: Slot,
}

/// Operation of byte_math.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MathOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
}

/// `byte_math`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteMath {
    /// How many bytes.
    pub bytes: Value,
    /// Where the number stands.
    pub offset: i64,
    /// Counted from the last match.
    pub relative: bool,
    /// The operation.
    pub op: MathOp,
    /// Its right side.
    pub right: Value,
    /// How it is written.
    pub number: NumberText,
    /// Applied to the number.
    pub bitmask: Option<u64>,
    /// Where the result is kept.
    pub slot: Slot,
}

/// `isdataat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataAt {
    /// How far.
    pub at: Value,
    /// There must be none.
    pub negated: bool,
    /// Counted from the last match.
    pub relative: bool,
}

/// `base64_decode` with what `base64_data` then asks of the result.
#[derive(Clone, Debug)]
pub struct Base64Decode {
    /// At most so many bytes of the text.
    pub bytes: Option<u32>,
    /// Where the text begins.
    pub offset: u32,
    /// Counted from the last match.
    pub relative: bool,
    /// Steps on the decoded bytes.
    pub inner: Vec<Step>,
}

/// Which of a buffer's numbers must pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Any of them.
    #[default]
    Any,
    /// Any of them, or there is none.
    AnyOrAbsent,
    /// All of them, also when there is none.
    All,
    /// All of them, of which there is at least one.
    AllOfSome,
    /// The one at this place; negative places count from the end.
    Index(i32),
    /// So many of them.
    Passing(NumberTest),
    /// Whatever they are, there are so many.
    Count(NumberTest),
}

impl Which {
    /// Whether the numbers pass.
    pub fn holds(self, numbers: &[u64], passes: impl Fn(&u64) -> bool) -> bool {
        match self {
            Self::Any => numbers.iter().any(passes),
            Self::AnyOrAbsent => numbers.is_empty() || numbers.iter().any(passes),
            Self::All => numbers.iter().all(passes),
            Self::AllOfSome => !numbers.is_empty() && numbers.iter().all(passes),
            Self::Index(index) => {
                let at = if index < 0 {
                    numbers.len().checked_sub(index.unsigned_abs() as usize)
                } else {
                    Some(index.unsigned_abs() as usize)
                };
                at.and_then(|at| numbers.get(at)).is_some_and(passes)
            }
            Self::Passing(count) => {
                count.holds(numbers.iter().filter(|number| passes(number)).count() as u64)
            }
            Self::Count(count) => count.holds(numbers.len() as u64),
        }
    }
}

/// `entropy`: Shannon entropy of some bytes, in bits per byte.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntropyTest {
    /// First byte.
    pub offset: usize,
    /// At most so many bytes.
    pub bytes: Option<usize>,
    /// How it is compared.
    pub op: TestOp,
    /// It must not hold.
    pub negated: bool,
    /// With what.
    pub value: f64,
}

impl EntropyTest {
    /// Whether the bytes pass; too few bytes do not.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let Some(bytes) = bytes.get(self.offset..) else {
            return false;
        };
        let bytes = bytes.get(..self.bytes.unwrap_or(bytes.len())).unwrap_or(bytes);
        if bytes.is_empty() {
            return false;
        }
        let entropy = entropy(bytes);
        let holds = match self.op {
            TestOp::Less => entropy < self.value,
            TestOp::LessOrEqual => entropy <= self.value,
            TestOp::Greater => entropy > self.value,
            TestOp::GreaterOrEqual => entropy >= self.value,
            TestOp::Equal | TestOp::And | TestOp::Xor => (entropy - self.value).abs() < 1e-9,
        };
        holds != self.negated
    }
}

/// Shannon entropy in bits per byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let size = bytes.len() as f64;
    let parts = counts.iter().filter(|count| **count > 0).map(|count| {
        let share = f64::from(*count) / size;
        -share * share.log2()
    });
    parts.sum()
}

/// A list of file hashes.
#[derive(Clone, Debug)]
pub struct HashList {
    /// Lower-case hexadecimal.
    pub hashes: Arc<rustc_hash::FxHashSet<Box<[u8]>>>,
    /// The file's hash must not be in it.
    pub negated: bool,
}

/// One step.
#[derive(Clone, Debug)]
pub enum Step {
    /// `content`.
    Content(Content),
    /// `pcre`.
    Pcre(Pcre),
    /// `byte_test`.
    ByteTest(ByteTest),
    /// `byte_jump`.
    ByteJump(ByteJump),
    /// `byte_extract`.
    ByteExtract(ByteExtract),
    /// `byte_math`.
    ByteMath(ByteMath),
    /// `isdataat`.
    DataAt(DataAt),
    /// `base64_decode`.
    Base64Decode(Base64Decode),
    /// `bsize`, `urilen`: the whole buffer's size.
    Size(NumberTest),
    /// `absent`: the buffer does not exist; with `or_else`, or the other steps hold.
    Absent {
        /// `or_else`.
        or_else: bool,
    },
    /// Numbers that stand for the buffer (`dns.opcode`, `filesize`), compared.
    Number(NumberTest, Which),
    /// Bits of a number buffer: those that must be set and those that must not.
    Bits {
        /// All of these.
        set: u64,
        /// None of these.
        unset: u64,
    },
    /// `dataset`.
    Dataset(DatasetTest),
    /// `datarep`.
    Reputation(ReputationTest),
    /// `entropy`.
    Entropy(EntropyTest),
    /// `filemd5` and its like.
    HashList(HashList),
    /// A test of the whole buffer that a protocol's own keyword makes (`dcerpc.iface`, `modbus`).
    Custom(CustomTest),
}

/// A protocol's own test of a whole buffer.
#[derive(Clone)]
pub struct CustomTest(Arc<CustomTestFn>);

/// What a custom test asks of the buffer.
type CustomTestFn = dyn Fn(&[u8]) -> bool + Send + Sync;

impl CustomTest {
    /// A test out of what it asks.
    pub fn new(test: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(test))
    }

    /// Whether the buffer passes.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        (self.0)(bytes)
    }
}

impl std::fmt::Debug for CustomTest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CustomTest")
    }
}

impl Step {
    /// Whether the step counts from the end of the last match.
    pub(crate) fn is_relative(&self) -> bool {
        match self {
            Self::Content(content) => content.distance.is_some() || content.within.is_some(),
            Self::Pcre(pcre) => pcre.is_relative(),
            Self::ByteTest(test) => test.relative,
            Self::ByteJump(jump) => jump.relative,
            Self::ByteExtract(extract) => extract.relative,
            Self::ByteMath(math) => math.relative,
            Self::DataAt(at) => at.relative,
            Self::Base64Decode(decode) => decode.relative,
            Self::Size(_)
            | Self::Absent { .. }
            | Self::Number(..)
            | Self::Bits { .. }
            | Self::Dataset(_)
            | Self::Reputation(_)
            | Self::Entropy(_)
            | Self::HashList(_)
            | Self::Custom(_) => false,
        }
    }
}

impl Step {
    /// Whether the step sets the place that relative steps count from.
    pub(crate) fn moves(&self) -> bool {
        match self {
            Self::Content(content) => !content.negated,
            Self::Pcre(pcre) => !pcre.is_negated(),
            Self::ByteJump(_) | Self::ByteExtract(_) | Self::ByteMath(_) => true,
            Self::ByteTest(_)
            | Self::DataAt(_)
            | Self::Base64Decode(_)
            | Self::Size(_)
            | Self::Absent { .. }
            | Self::Number(..)
            | Self::Bits { .. }
            | Self::Dataset(_)
            | Self::Reputation(_)
            | Self::Entropy(_)
            | Self::HashList(_)
            | Self::Custom(_) => false,
        }
    }
}

impl Pattern {
    /// A pattern; lower-cased when `nocase`.
    pub fn new(bytes: &[u8], nocase: bool) -> Self {
        let bytes: Arc<[u8]> = if nocase {
            bytes.to_ascii_lowercase().into()
        } else {
            bytes.into()
        };
        let rare_at = crate::inspect::search::rarest(&bytes, nocase);
        Self {
            bytes,
            nocase,
            rare_at,
        }
    }
}

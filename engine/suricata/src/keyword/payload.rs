//! Numbers and places within a buffer: byte_test and its relatives, isdataat, base64, sizes.

use super::content::value;
use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{
    Base64Decode, Buffer, ByteExtract, ByteJump, ByteMath, ByteOrder, ByteTest, DataAt, MathOp, NumberTest,
    NumberText, Step, TestOp, Value,
};

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("byte_test", byte_test),
    ("byte_jump", byte_jump),
    ("byte_extract", byte_extract),
    ("byte_math", byte_math),
    ("isdataat", isdataat),
    ("bsize", bsize),
    ("urilen", urilen),
    ("absent", absent),
    ("base64_decode", base64_decode),
    ("base64_data", |builder, option| {
        option.bare()?;
        builder.enter_base64(option.name)
    }),
];

/// Options that byte_test, byte_jump, byte_extract and byte_math share.
#[derive(Default)]
struct Common {
    relative: bool,
    little: bool,
    big: bool,
    dce: bool,
    text: bool,
    base: Option<u32>,
    bitmask: Option<u64>,
}

impl Common {
    /// Takes an option if it is one of the shared ones.
    fn take(&mut self, word: &str) -> Result<bool, &'static str> {
        match word {
            "relative" => self.relative = true,
            "little" => self.little = true,
            "big" => self.big = true,
            "dce" => self.dce = true,
            "string" => self.text = true,
            "hex" => self.base = Some(16),
            "dec" => self.base = Some(10),
            "oct" => self.base = Some(8),
            _ => {
                let Some(mask) = word.strip_prefix("bitmask") else {
                    return Ok(false);
                };
                let mask = crate::rule::parse_number(mask.trim()).filter(|mask| *mask != 0);
                self.bitmask = Some(mask.ok_or("the bitmask is no number other than 0")?);
            }
        }
        Ok(true)
    }

    fn number(&self) -> Result<NumberText, &'static str> {
        match (self.text, self.little, self.dce) {
            // A byte order means nothing to a text; rules in the wild give one all the same.
            (true, _, false) => Ok(NumberText::Text(self.base.unwrap_or(10))),
            (true, _, true) => Err("string does not go with dce"),
            (false, _, true) => Ok(NumberText::Binary(ByteOrder::Dce)),
            (false, true, false) if self.big => Err("big and little do not go together"),
            (false, true, false) => Ok(NumberText::Binary(ByteOrder::Little)),
            // A base without `string` is read as if it were there: rules in the wild rely on it.
            (false, false, false) if self.base.is_some() => Ok(NumberText::Text(self.base.unwrap_or(10))),
            (false, false, false) => Ok(NumberText::Binary(ByteOrder::Big)),
        }
    }

    fn count(&self, count: Value, option: &OptionText<'_>) -> Result<(), Reason> {
        // A text of 0 bytes is as long as there are digits.
        let (least, most) = if self.text || self.base.is_some() {
            (0, 23)
        } else {
            (1, 8)
        };
        match count {
            Value::Fixed(count) if !(least..=most).contains(&count) => {
                Err(option.bad(format!("the number of bytes must be {least} to {most}")))
            }
            _ => Ok(()),
        }
    }
}

fn parts<'a>(option: &OptionText<'a>, least: usize) -> Result<Vec<&'a str>, Reason> {
    let parts: Vec<&str> = option.required()?.split(',').map(str::trim).collect();
    if parts.len() < least {
        return Err(option.bad(format!("needs at least {least} values separated by commas")));
    }
    Ok(parts)
}

fn byte_test(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let parts = parts(option, 4)?;
    let mut words = parts.iter().copied();
    let mut next = || words.next().unwrap_or_default();
    let bytes = value(builder, option, next())?;
    let operator = next();
    let (negated, operator) = match operator.strip_prefix('!') {
        Some("") => (true, "="),
        Some(rest) => (true, rest.trim()),
        None => (false, operator),
    };
    let op = match operator {
        "<" => TestOp::Less,
        ">" => TestOp::Greater,
        "=" => TestOp::Equal,
        "<=" => TestOp::LessOrEqual,
        ">=" => TestOp::GreaterOrEqual,
        "&" => TestOp::And,
        "^" => TestOp::Xor,
        _ => return Err(option.bad(format!("unknown operator `{operator}`"))),
    };
    let against = wide_value(builder, option, next())?;
    let offset = value(builder, option, next())?;
    let mut common = Common::default();
    for word in words {
        if !common.take(word).map_err(|why| option.bad(why))? {
            return Err(option.bad(format!("unknown option `{word}`")));
        }
    }
    common.count(bytes, option)?;
    let number = common.number().map_err(|why| option.bad(why))?;
    let test = ByteTest {
        bytes,
        op,
        negated,
        value: against,
        offset,
        relative: common.relative,
        number,
        bitmask: common.bitmask,
    };
    builder.push_relative(Step::ByteTest(test), common.relative);
    Ok(())
}

/// A number of up to 64 bits, decimal or `0x`, or a variable.
fn wide_value(builder: &Builder<'_>, option: &OptionText<'_>, text: &str) -> Result<Value, Reason> {
    if let Some(number) = crate::rule::parse_number(text) {
        return Ok(Value::Fixed(number.cast_signed()));
    }
    value(builder, option, text)
}

fn byte_jump(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let parts = parts(option, 2)?;
    let mut words = parts.iter().copied();
    let mut next = || words.next().unwrap_or_default();
    let bytes = value(builder, option, next())?;
    let offset = value(builder, option, next())?;
    let mut common = Common::default();
    let mut jump = ByteJump {
        bytes,
        offset,
        relative: false,
        multiplier: 1,
        number: NumberText::Binary(ByteOrder::Big),
        align: false,
        from_beginning: false,
        from_end: false,
        post_offset: Value::Fixed(0),
        bitmask: None,
    };
    for word in words {
        if common.take(word).map_err(|why| option.bad(why))? {
            continue;
        }
        match word
            .split_once(char::is_whitespace)
            .map_or((word, ""), |(name, rest)| (name, rest.trim()))
        {
            ("align", "") => jump.align = true,
            ("from_beginning", "") => jump.from_beginning = true,
            ("from_end", "") => jump.from_end = true,
            ("post_offset", offset) => jump.post_offset = value(builder, option, offset)?,
            ("multiplier", factor) => jump.multiplier = multiplier(option, factor)?,
            _ => return Err(option.bad(format!("unknown option `{word}`"))),
        }
    }
    if !matches!(bytes, Value::Fixed(0)) {
        common.count(bytes, option)?;
    }
    jump.relative = common.relative;
    jump.bitmask = common.bitmask;
    jump.number = common.number().map_err(|why| option.bad(why))?;
    builder.push_relative(Step::ByteJump(jump), jump.relative);
    Ok(())
}

fn multiplier(option: &OptionText<'_>, text: &str) -> Result<u32, Reason> {
    text.parse()
        .ok()
        .filter(|factor| (1..=65_535).contains(factor))
        .ok_or_else(|| option.bad("the multiplier is no number from 1 to 65535"))
}

fn byte_extract(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let parts = parts(option, 3)?;
    let mut words = parts.iter().copied();
    let mut next = || words.next().unwrap_or_default();
    let bytes: u8 = next()
        .parse()
        .map_err(|_| option.bad("the number of bytes is no number"))?;
    let offset: i64 = next()
        .parse()
        .map_err(|_| option.bad("the offset is no number"))?;
    let name = next();
    if name.parse::<i64>().is_ok() || name.is_empty() {
        return Err(option.bad("the variable must have a name that is no number"));
    }
    let mut common = Common::default();
    let (mut factor, mut align) = (1, 0);
    for word in words {
        if common.take(word).map_err(|why| option.bad(why))? {
            continue;
        }
        match word
            .split_once(char::is_whitespace)
            .map(|(name, rest)| (name, rest.trim()))
        {
            Some(("multiplier", text)) => factor = multiplier(option, text)?,
            Some(("align", "2")) => align = 2,
            Some(("align", "4")) => align = 4,
            _ => return Err(option.bad(format!("unknown option `{word}`"))),
        }
    }
    common.count(Value::Fixed(i64::from(bytes)), option)?;
    let extract = ByteExtract {
        bytes,
        offset,
        relative: common.relative,
        multiplier: factor,
        number: common.number().map_err(|why| option.bad(why))?,
        align,
        bitmask: common.bitmask,
        slot: builder.define(name)?,
    };
    builder.push_relative(Step::ByteExtract(extract), common.relative);
    Ok(())
}

fn byte_math(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut common = Common::default();
    let (mut bytes, mut offset, mut op, mut right, mut result) = (None, None, None, None, None);
    for part in parts(option, 5)? {
        if common.take(part).map_err(|why| option.bad(why))? {
            continue;
        }
        let (name, rest) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        let rest = rest.trim();
        match name {
            "bytes" => bytes = Some(value(builder, option, rest)?),
            "offset" => {
                offset = Some(
                    rest.parse::<i64>()
                        .map_err(|_| option.bad("the offset is no number"))?,
                );
            }
            "oper" => {
                op = Some(math_op(rest).ok_or_else(|| option.bad(format!("unknown operator `{rest}`")))?);
            }
            "rvalue" => right = Some(wide_value(builder, option, rest)?),
            "result" => result = Some(rest),
            "endian" if rest == "little" => common.little = true,
            "endian" if rest == "big" => common.big = true,
            "string" => {
                common.text = true;
                common.take(rest).map_err(|why| option.bad(why))?;
            }
            "dce" => common.dce = true,
            _ => return Err(option.bad(format!("unknown option `{part}`"))),
        }
    }
    let missing = |what: &str| option.bad(format!("{what} is missing"));
    let bytes = bytes.ok_or_else(|| missing("bytes"))?;
    common.count(bytes, option)?;
    let (op, right) = (
        op.ok_or_else(|| missing("oper"))?,
        right.ok_or_else(|| missing("rvalue"))?,
    );
    if op == MathOp::Divide && right == Value::Fixed(0) {
        return Err(option.bad("division by zero"));
    }
    let math = ByteMath {
        bytes,
        offset: offset.ok_or_else(|| missing("offset"))?,
        relative: common.relative,
        op,
        right,
        number: common.number().map_err(|why| option.bad(why))?,
        bitmask: common.bitmask,
        slot: builder.define(result.ok_or_else(|| missing("result"))?)?,
    };
    builder.push_relative(Step::ByteMath(math), common.relative);
    Ok(())
}

fn math_op(text: &str) -> Option<MathOp> {
    Some(match text {
        "+" => MathOp::Add,
        "-" => MathOp::Subtract,
        "*" => MathOp::Multiply,
        "/" => MathOp::Divide,
        "<<" => MathOp::ShiftLeft,
        ">>" => MathOp::ShiftRight,
        _ => return None,
    })
}

fn isdataat(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.required()?;
    let (negated, text) = match text.strip_prefix('!') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let mut words = text.split(',').map(str::trim);
    let at = value(builder, option, words.next().unwrap_or_default())?;
    let mut relative = false;
    for word in words {
        match word {
            "relative" => relative = true,
            "rawbytes" => {}
            _ => return Err(option.bad(format!("unknown option `{word}`"))),
        }
    }
    builder.push_relative(
        Step::DataAt(DataAt {
            at,
            negated,
            relative,
        }),
        relative,
    );
    Ok(())
}

fn bsize(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let test = NumberTest::parse(option.required()?)
        .ok_or_else(|| option.bad("is no size or comparison of sizes"))?;
    if !builder.is_sticky() {
        return Err(Reason::place(option.name, "needs a sticky buffer before it"));
    }
    builder.push(Step::Size(test));
    Ok(())
}

fn urilen(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let (test, buffer) = match option.required()?.split_once(',') {
        Some((test, "raw")) => (test, Buffer::HttpUriRaw),
        Some((test, which)) if which.trim() == "raw" => (test, Buffer::HttpUriRaw),
        Some((test, which)) if which.trim() == "norm" => (test, Buffer::HttpUri),
        Some(_) => return Err(option.bad("write a size, then raw or norm")),
        None => (option.required()?, Buffer::HttpUri),
    };
    let test = NumberTest::parse(test).ok_or_else(|| option.bad("is no size or comparison of sizes"))?;
    builder.push_at(buffer, Step::Size(test));
    Ok(())
}

fn absent(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let or_else = match option.value {
        None | Some("") => false,
        Some("or_else") => true,
        Some(_) => return Err(option.bad("write or_else or nothing")),
    };
    if !builder.is_sticky() || !builder.buffer().is_transactional() {
        return Err(Reason::place(
            option.name,
            "needs a sticky buffer of a protocol before it",
        ));
    }
    builder.push(Step::Absent { or_else });
    Ok(())
}

fn base64_decode(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut decode = Base64Decode {
        bytes: None,
        offset: 0,
        relative: false,
        inner: Vec::new(),
    };
    for part in option
        .value
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let number = |text: &str| {
            text.trim()
                .parse::<u32>()
                .ok()
                .filter(|number| *number <= 65_535)
                .ok_or_else(|| option.bad("is no number up to 65535"))
        };
        if part == "relative" {
            decode.relative = true;
        } else if let Some(bytes) = part.strip_prefix("bytes") {
            decode.bytes = Some(number(bytes)?).filter(|bytes| *bytes > 0);
        } else if let Some(offset) = part.strip_prefix("offset") {
            decode.offset = number(offset)?;
        } else {
            return Err(option.bad(format!("unknown option `{part}`")));
        }
    }
    let relative = decode.relative;
    builder.push_relative(Step::Base64Decode(decode), relative);
    Ok(())
}

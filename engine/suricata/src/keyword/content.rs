//! `content` and its modifiers, `pcre`.

use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::{OptionText, pattern};
use crate::pcre::Pcre;
use crate::rule::{Buffer, Content, FastPattern, Pattern, Step, Value};

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("content", content),
    ("uricontent", uricontent),
    ("nocase", nocase),
    ("rawbytes", |builder, option| {
        option.bare()?;
        builder.last_content(option.name).map(|_| ())
    }),
    ("offset", offset),
    ("depth", depth),
    ("distance", distance),
    ("within", within),
    ("startswith", starts_with),
    ("endswith", ends_with),
    ("fast_pattern", fast_pattern),
    ("pcre", pcre),
    ("replace", |_, option| {
        Err(Reason::unsupported(option.name, "packets are never changed"))
    }),
];

/// Bytes of a content; the language allows 255 in a length byte of old, rules use up to a few hundred.
const MAX_CONTENT_BYTES: usize = 4096;

/// Reads the value of a content.
pub(super) fn parse_content(option: &OptionText<'_>) -> Result<Content, Reason> {
    let (negated, text) = option.quoted()?;
    let bytes = pattern::decode(text).map_err(|why| option.bad(why))?;
    if bytes.len() > MAX_CONTENT_BYTES {
        return Err(option.bad(format!("the pattern is longer than {MAX_CONTENT_BYTES} bytes")));
    }
    Ok(Content {
        pattern: Pattern::new(&bytes, false),
        negated,
        offset: None,
        depth: None,
        distance: None,
        within: None,
        starts_with: false,
        ends_with: false,
        fast_pattern: None,
    })
}

fn content(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    if builder.buffer().is_number() {
        return Err(option.bad("the buffer is a number"));
    }
    let content = parse_content(option)?;
    builder.push(Step::Content(content));
    Ok(())
}

fn uricontent(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    if builder.is_sticky() {
        return Err(Reason::place(
            option.name,
            "does not mix with sticky buffers; use http.uri",
        ));
    }
    let content = parse_content(option)?;
    builder.push_at(Buffer::HttpUri, Step::Content(content));
    Ok(())
}

fn nocase(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    option.bare()?;
    let content = builder.last_content(option.name)?;
    content.pattern = Pattern::new(&content.pattern.bytes, true);
    Ok(())
}

/// A number, or the name of a variable that byte_extract or byte_math has filled.
pub(super) fn value(builder: &Builder<'_>, option: &OptionText<'_>, text: &str) -> Result<Value, Reason> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        // Places within a stream: more is a mistake.
        if !(-65_535..=i64::from(u32::MAX)).contains(&number) {
            return Err(option.bad("the number is out of range"));
        }
        return Ok(Value::Fixed(number));
    }
    builder
        .slot(text)
        .map(Value::Slot)
        .ok_or_else(|| option.bad(format!("`{text}` is neither a number nor a variable set before")))
}

fn not_negative(value: Value, option: &OptionText<'_>) -> Result<Value, Reason> {
    match value {
        Value::Fixed(number) if number < 0 => Err(option.bad("must not be negative")),
        _ => Ok(value),
    }
}

fn offset(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let value = not_negative(value(builder, option, option.required()?)?, option)?;
    let content = builder.last_content(option.name)?;
    if content.starts_with {
        return Err(Reason::place(option.name, "does not go with startswith"));
    }
    content.offset = Some(value);
    Ok(())
}

fn depth(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let value = not_negative(value(builder, option, option.required()?)?, option)?;
    let content = builder.last_content(option.name)?;
    if content.starts_with {
        return Err(Reason::place(option.name, "does not go with startswith"));
    }
    long_enough(value, content, option)?;
    content.depth = Some(value);
    Ok(())
}

fn long_enough(value: Value, content: &Content, option: &OptionText<'_>) -> Result<(), Reason> {
    match value {
        Value::Fixed(number) if number < content.pattern.bytes.len() as i64 => Err(option.bad(format!(
            "{number} is shorter than the pattern of {} bytes: it could never match",
            content.pattern.bytes.len()
        ))),
        _ => Ok(()),
    }
}

fn distance(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let value = value(builder, option, option.required()?)?;
    let content = builder.last_content(option.name)?;
    if content.starts_with {
        return Err(Reason::place(option.name, "does not go with startswith"));
    }
    content.distance = Some(value);
    Ok(())
}

fn within(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let value = value(builder, option, option.required()?)?;
    let content = builder.last_content(option.name)?;
    if content.starts_with {
        return Err(Reason::place(option.name, "does not go with startswith"));
    }
    long_enough(value, content, option)?;
    content.within = Some(value);
    Ok(())
}

fn starts_with(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    option.bare()?;
    let content = builder.last_content(option.name)?;
    let placed = [content.offset, content.depth, content.distance, content.within];
    if placed.iter().any(Option::is_some) {
        return Err(Reason::place(
            option.name,
            "does not go with offset, depth, distance or within",
        ));
    }
    content.starts_with = true;
    Ok(())
}

fn ends_with(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    option.bare()?;
    builder.last_content(option.name)?.ends_with = true;
    Ok(())
}

fn fast_pattern(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let content = builder.last_content(option.name)?;
    let length = content.pattern.bytes.len();
    content.fast_pattern = Some(match option.value {
        None => FastPattern::Whole,
        Some("only") => FastPattern::Only,
        Some(chop) => {
            let bad = || option.bad("write only, or offset,length of a part of the pattern");
            let (from, size) = chop.split_once(',').ok_or_else(bad)?;
            let (from, size) = (
                from.trim().parse().map_err(|_| bad())?,
                size.trim().parse().map_err(|_| bad())?,
            );
            if size == 0 || usize::from(from) + usize::from(size) > length {
                return Err(bad());
            }
            FastPattern::Chop(from, size)
        }
    });
    Ok(())
}

fn pcre(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let value = option.required()?;
    // Old rules leave the quotes out.
    let (negated, text) = if value.starts_with('/') {
        (false, value)
    } else {
        option.quoted()?
    };
    // The option's own escapes: `\;` is a semicolon, and `\"` a quote, to PCRE too, so only they need no change.
    let (pcre, buffer) =
        Pcre::parse(text, negated, &mut builder.shared.pcres).map_err(|why| option.bad(why))?;
    match buffer {
        Some(buffer) if builder.is_sticky() && builder.buffer() != buffer => {
            return Err(option.bad("its flag names another buffer than the sticky one"));
        }
        Some(buffer) if !builder.is_sticky() => builder.push_at(buffer, Step::Pcre(pcre)),
        _ => {
            let relative = pcre.is_relative();
            builder.push_relative(Step::Pcre(pcre), relative);
        }
    }
    Ok(())
}

//! Transforms of sticky buffers.

use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::inspect::transform::{Base64Mode, Transform, compile_group};
use crate::parse::OptionText;

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("dotprefix", |builder, option| {
        plain(builder, option, Transform::DotPrefix)
    }),
    ("to_lowercase", |builder, option| {
        plain(builder, option, Transform::ToLowercase)
    }),
    ("to_uppercase", |builder, option| {
        plain(builder, option, Transform::ToUppercase)
    }),
    ("strip_whitespace", |builder, option| {
        plain(builder, option, Transform::StripWhitespace)
    }),
    ("compress_whitespace", |builder, option| {
        plain(builder, option, Transform::CompressWhitespace)
    }),
    ("url_decode", |builder, option| {
        plain(builder, option, Transform::UrlDecode)
    }),
    ("to_md5", |builder, option| plain(builder, option, Transform::Md5)),
    ("to_sha1", |builder, option| {
        plain(builder, option, Transform::Sha1)
    }),
    ("to_sha256", |builder, option| {
        plain(builder, option, Transform::Sha256)
    }),
    ("header_lowercase", |builder, option| {
        plain(builder, option, Transform::HeaderLowercase)
    }),
    ("strip_pseudo_headers", |builder, option| {
        plain(builder, option, Transform::StripPseudoHeaders)
    }),
    ("gunzip", |builder, option| {
        let limit = max_size(option)?;
        builder.transform(Transform::Gunzip(limit), option.name)
    }),
    ("zlib_deflate", |builder, option| {
        let limit = max_size(option)?;
        builder.transform(Transform::ZlibInflate(limit), option.name)
    }),
    ("xor", xor),
    ("from_base64", from_base64),
    ("subslice", subslice),
    ("pcrexform", pcrexform),
];

fn plain(builder: &mut Builder<'_>, option: &OptionText<'_>, transform: Transform) -> Result<(), Reason> {
    option.bare()?;
    builder.transform(transform, option.name)
}

/// `max-size N`: bytes that decompression may make.
fn max_size(option: &OptionText<'_>) -> Result<usize, Reason> {
    let Some(text) = option.value.filter(|text| !text.is_empty()) else {
        return Ok(1024);
    };
    text.strip_prefix("max-size")
        .and_then(|size| crate::rule::parse_number(size.trim()))
        .and_then(|size| usize::try_from(size).ok())
        .filter(|size| (1..=1 << 20).contains(size))
        .ok_or_else(|| option.bad("write max-size and a number of bytes up to 1 MiB"))
}

fn xor(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.unquoted()?;
    let number = |text: Option<&str>| {
        text.and_then(|text| text.parse::<usize>().ok())
            .filter(|number| *number < 65_536)
    };
    if text.contains("extract") {
        let bad = || option.bad("write offset N, extract LENGTH PLACE");
        let mut offset = 0;
        let mut key = None;
        for part in text.split(',').map(str::trim) {
            let mut words = part.split_whitespace();
            match words.next() {
                Some("offset") => offset = number(words.next()).ok_or_else(bad)?,
                Some("extract") => {
                    let length = number(words.next())
                        .filter(|length| *length > 0)
                        .ok_or_else(bad)?;
                    key = Some((length, number(words.next()).ok_or_else(bad)?));
                }
                _ => return Err(bad()),
            }
        }
        let (length, key_at) = key.ok_or_else(bad)?;
        return builder.transform(
            Transform::XorExtract {
                offset,
                length,
                key_at,
            },
            option.name,
        );
    }
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|letter| letter.to_digit(16).map(|digit| digit as u8))
        .collect();
    let digits =
        digits.filter(|digits| !digits.is_empty() && digits.len().is_multiple_of(2) && digits.len() <= 512);
    let digits = digits.ok_or_else(|| option.bad("the key is no even number of hex digits"))?;
    let key: Vec<u8> = digits
        .chunks_exact(2)
        .filter_map(|pair| match pair {
            [high, low] => Some(high << 4 | low),
            _ => None,
        })
        .collect();
    builder.transform(Transform::Xor(key.into()), option.name)
}

fn from_base64(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let (mut bytes, mut offset, mut mode) = (None, 0, Base64Mode::Rfc4648);
    for part in option
        .value
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (name, value) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        let value = value.trim();
        let number = || {
            value
                .parse::<usize>()
                .ok()
                .filter(|number| *number < 65_536)
                .ok_or_else(|| option.bad(format!("{name} is no number up to 65535")))
        };
        match (name, value) {
            ("bytes", _) => bytes = Some(number()?),
            ("offset", _) => offset = number()?,
            ("mode", "rfc4648") => mode = Base64Mode::Rfc4648,
            ("mode", "rfc2045") => mode = Base64Mode::Rfc2045,
            ("mode", "strict") => mode = Base64Mode::Strict,
            _ => return Err(option.bad(format!("unknown option `{part}`"))),
        }
    }
    builder.transform(Transform::FromBase64 { bytes, offset, mode }, option.name)
}

fn subslice(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut parts: Vec<&str> = option.required()?.split(',').map(str::trim).collect();
    let truncate = parts.last() == Some(&"truncate");
    if truncate {
        parts.pop();
    }
    let number = |text: &str| {
        text.parse::<i64>()
            .ok()
            .filter(|number| number.abs() <= 65_535)
            .ok_or_else(|| option.bad("write offset, length and truncate; numbers up to 65535"))
    };
    let (offset, length) = match parts.as_slice() {
        [offset] => (number(offset)?, None),
        [offset, length] => (number(offset)?, Some(number(length)?)),
        _ => return Err(option.bad("write offset, length and truncate")),
    };
    builder.transform(
        Transform::Subslice {
            offset,
            length,
            truncate,
        },
        option.name,
    )
}

fn pcrexform(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let (_, pattern) = option.quoted()?;
    let regex = compile_group(pattern).map_err(|error| option.bad(error.to_string()))?;
    if regex.captures_len() != 2 {
        return Err(option.bad("the pattern needs exactly one group in parentheses"));
    }
    builder.transform(Transform::Pcre(pattern.into()), option.name)
}

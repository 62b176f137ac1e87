//! Keywords that describe the rule or steer its loading.

use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{Effect, Tag, TagScope, TagUnit, Target};

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("msg", message),
    ("sid", |builder, option| {
        number(option, 1).map(|sid| builder.sid = Some(sid))
    }),
    ("gid", |builder, option| {
        number(option, 0).map(|gid| builder.gid = gid)
    }),
    ("rev", |builder, option| {
        number(option, 0).map(|rev| builder.rev = rev)
    }),
    ("classtype", class),
    ("priority", priority),
    ("reference", reference),
    ("metadata", metadata),
    ("target", target),
    ("requires", requires),
    ("noalert", |builder, option| {
        option.bare().map(|()| builder.silent = true)
    }),
    ("alert", |builder, option| {
        option.bare()?;
        (builder.silent, builder.announces) = (false, true);
        Ok(())
    }),
    ("tag", tag),
    ("config", config),
    // What goes on after the alert is no matter of detection: nothing is stored or bypassed by rules here.
    ("filestore", |_, _| Ok(())),
    ("bypass", |_, option| option.bare()),
    ("prefilter", |_, option| option.bare()),
    ("threshold", super::flow::threshold),
    ("detection_filter", super::flow::detection_filter),
];

/// The version of the rule language that `requires: version` is held against.
const LANGUAGE_VERSION: [u32; 3] = [9, 0, 0];

fn number(option: &OptionText<'_>, least: u32) -> Result<u32, Reason> {
    option
        .required()?
        .parse()
        .ok()
        .filter(|number| *number >= least)
        .ok_or_else(|| option.bad(format!("is no number from {least} to 4294967295")))
}

fn message(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.unquoted()?;
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letters.clone().next()) {
            ('\\', Some(next @ ('"' | ';' | ':' | '\\'))) => {
                out.push(next);
                letters.next();
            }
            _ => out.push(letter),
        }
    }
    builder.message = Some(out.into());
    Ok(())
}

fn class(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let name = option.unquoted()?;
    if let Some(info) = builder.classes.class(name) {
        builder.category = info.description.clone();
        builder.class_priority = Some(info.priority);
    }
    // An unknown class is no reason to miss an attack: the rule loads with the default priority.
    builder.class = Some(builder.shared.intern(name));
    Ok(())
}

fn priority(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let value = option.unquoted()?;
    let priority = value.parse().ok().filter(|priority| (1..=255).contains(priority));
    builder.priority = Some(priority.ok_or_else(|| option.bad("is no number from 1 to 255"))?);
    Ok(())
}

fn reference(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let (system, id) = option
        .required()?
        .split_once(',')
        .ok_or_else(|| option.bad("write system,id"))?;
    let (system, id) = (system.trim(), id.trim());
    let text = builder
        .reference_systems
        .resolve(system, id)
        .unwrap_or_else(|| format!("{system},{id}"));
    builder.references.push(text.into());
    Ok(())
}

fn metadata(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    for pair in option
        .required()?
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once(char::is_whitespace).unwrap_or((pair, ""));
        let (name, value) = (builder.shared.intern(name), builder.shared.intern(value.trim()));
        builder.metadata.push((name, value));
    }
    Ok(())
}

fn target(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    builder.target = Some(match option.required()? {
        "src_ip" => Target::Source,
        "dest_ip" => Target::Destination,
        _ => return Err(option.bad("write src_ip or dest_ip")),
    });
    Ok(())
}

/// `tag:session`, `tag:host,100,packets,dst`: records packets that follow the alert.
fn tag(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut parts = option
        .value
        .unwrap_or("session")
        .split(',')
        .map(str::trim)
        .peekable();
    let mut scope = match parts.next() {
        Some("session" | "") => TagScope::Session,
        Some("host") => TagScope::Source,
        _ => return Err(option.bad("write session or host")),
    };
    let count = parts.next_if(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let count: Option<u32> = match count {
        Some(count) => Some(
            count
                .parse()
                .map_err(|_| option.bad("the count is out of range"))?,
        ),
        None => None,
    };
    let mut unit = TagUnit::Packets;
    for part in parts {
        match (part, scope) {
            ("packets", _) => unit = TagUnit::Packets,
            ("seconds", _) => unit = TagUnit::Seconds,
            ("bytes", _) => unit = TagUnit::Bytes,
            ("src", TagScope::Source) => {}
            ("dst", TagScope::Source) => scope = TagScope::Destination,
            _ => return Err(option.bad("write type,count,packets|seconds|bytes,src|dst")),
        }
    }
    let limit = count.map(|count| (unit, count));
    if limit.is_none() && scope != TagScope::Session {
        return Err(option.bad("a host's packets need a count"));
    }
    builder.tags.push(Tag { scope, limit });
    Ok(())
}

/// `config:logging disable, type tx, scope tx`.
fn config(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let parts: Vec<&str> = option.required()?.split(',').map(str::trim).collect();
    match parts.as_slice() {
        ["logging disable", "type tx", "scope tx"] => {
            builder.effects.push(Effect::LoggingOff);
            Ok(())
        }
        _ => Err(Reason::unsupported(
            option.name,
            "only `logging disable, type tx, scope tx` can be set by a rule",
        )),
    }
}

fn requires(_: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    for requirement in option.required()?.split(',').map(str::trim) {
        let (kind, rest) = requirement
            .split_once(char::is_whitespace)
            .ok_or_else(|| option.bad("write feature NAME, keyword NAME or version >= NUMBER"))?;
        let rest = rest.trim();
        let holds = match kind {
            "version" => version_holds(rest).ok_or_else(|| option.bad("the version cannot be read"))?,
            "keyword" => super::is_known(rest),
            "feature" => matches!(rest, "ja3" | "ja4" | "file::data" | "pcre2"),
            _ => return Err(option.bad(format!("unknown requirement `{kind}`"))),
        };
        if !holds {
            return Err(Reason::Requires(requirement.to_owned()));
        }
    }
    Ok(())
}

/// `>= 7.0.3 < 8 | >= 9`: comparisons joined by "and" within the bars.
fn version_holds(text: &str) -> Option<bool> {
    let mut any = false;
    for alternative in text.split('|') {
        let mut words = alternative.split_whitespace();
        let mut all = true;
        while let Some(operator) = words.next() {
            let version = version(words.next()?)?;
            all &= match operator {
                ">=" => LANGUAGE_VERSION >= version,
                ">" => LANGUAGE_VERSION > version,
                "<=" => LANGUAGE_VERSION <= version,
                "<" => LANGUAGE_VERSION < version,
                "=" | "==" => LANGUAGE_VERSION == version,
                _ => return None,
            };
        }
        any |= all;
    }
    Some(any)
}

fn version(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.split('-').next()?.split('.');
    let mut next = |fallback| parts.next().map_or(Some(fallback), |part| part.parse().ok());
    Some([next(0)?, next(0)?, next(0)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(version_holds(">= 8"), Some(true));
        assert_eq!(version_holds(">= 10"), Some(false));
        assert_eq!(version_holds(">= 7.0.3 < 8 | >= 9.0.0"), Some(true));
        assert_eq!(version_holds(">= 7 < 8"), Some(false));
        assert_eq!(version_holds("> x"), None);
    }
}

//! Field keys and their modifiers: `CommandLine|contains|all`.

use super::{Relation, TimePart};

/// A modifier of the specification. Order in the rule is kept, because encodings apply from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Modifier {
    All,
    Base64,
    Base64Offset,
    Cased,
    Cidr,
    Compare(Relation),
    Contains,
    EndsWith,
    Exists,
    Expand,
    FieldRef,
    Neq,
    Re,
    ReFlag(char),
    StartsWith,
    Time(TimePart),
    Utf16(Utf16),
    Windash,
}

/// Byte orders of UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Utf16 {
    Little,
    Big,
    /// Byte order mark and little end first.
    Marked,
}

/// Splits a key into its field (`None` for keywords) and modifiers; the error is the reason.
pub(crate) fn parse_key(key: &str) -> Result<(Option<String>, Vec<Modifier>), String> {
    let mut parts = key.split('|');
    let field = parts.next().unwrap_or_default();
    let modifiers: Vec<Modifier> = parts.map(parse).collect::<Result<_, _>>()?;
    check(&modifiers)?;
    let field = (!field.is_empty()).then(|| field.to_owned());
    Ok((field, modifiers))
}

fn parse(name: &str) -> Result<Modifier, String> {
    Ok(match name {
        "all" => Modifier::All,
        "base64" => Modifier::Base64,
        "base64offset" => Modifier::Base64Offset,
        "cased" => Modifier::Cased,
        "cidr" => Modifier::Cidr,
        "contains" => Modifier::Contains,
        "endswith" => Modifier::EndsWith,
        "exists" => Modifier::Exists,
        "expand" => Modifier::Expand,
        "fieldref" => Modifier::FieldRef,
        "gt" => Modifier::Compare(Relation::Greater),
        "gte" => Modifier::Compare(Relation::GreaterOrEqual),
        "lt" => Modifier::Compare(Relation::Less),
        "lte" => Modifier::Compare(Relation::LessOrEqual),
        "neq" => Modifier::Neq,
        "re" => Modifier::Re,
        "i" | "ignorecase" => Modifier::ReFlag('i'),
        "m" | "multiline" => Modifier::ReFlag('m'),
        "s" | "dotall" => Modifier::ReFlag('s'),
        "startswith" => Modifier::StartsWith,
        "utf16" => Modifier::Utf16(Utf16::Marked),
        "utf16be" => Modifier::Utf16(Utf16::Big),
        "utf16le" | "wide" => Modifier::Utf16(Utf16::Little),
        "windash" => Modifier::Windash,
        _ => match TimePart::from_name(name) {
            Some(part) => Modifier::Time(part),
            None => return Err(unknown(name)),
        },
    })
}

fn unknown(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    if lower != name && parse(&lower).is_ok() {
        return format!("unknown modifier '{name}': write '{lower}'");
    }
    let hint = match lower.as_str() {
        "equals" | "eq" | "exact" => ": a value without modifier is compared whole, leave it out",
        "regex" | "regexp" => ": write 're'",
        "in" => ": write the values as a list",
        "not" => ": write 'neq', or 'not' in the condition",
        "icontains" => ": write 'contains', which ignores case",
        "starts_with" => ": write 'startswith'",
        "ends_with" => ": write 'endswith'",
        "utf8" => ": leave it out",
        _ => ": see the modifier appendix of the Sigma specification",
    };
    format!("unknown modifier '{name}'{hint}")
}

/// Combinations that have no meaning.
fn check(modifiers: &[Modifier]) -> Result<(), String> {
    use Modifier as M;
    let has = |wanted: M| modifiers.contains(&wanted);
    let any = |kind: fn(&M) -> bool| modifiers.iter().any(kind);
    let place = any(|m| matches!(m, M::Contains | M::StartsWith | M::EndsWith));
    let encodes = any(|m| matches!(m, M::Base64 | M::Base64Offset));
    let compares = any(|m| matches!(m, M::Compare(_) | M::Time(_)));
    let exclusive = [has(M::Re), has(M::Cidr), compares, has(M::Exists), encodes];
    if exclusive.iter().filter(|set| **set).count() > 1 {
        return Err("'re', 'cidr', 'exists', encodings and comparisons exclude each other: keep one".into());
    }
    if has(M::Re) && place {
        return Err("'re' searches anywhere already: drop contains/startswith/endswith, use ^ and $".into());
    }
    if any(|m| matches!(m, M::ReFlag(_))) && !has(M::Re) {
        return Err("the flags i, m and s belong to 're': write 're|i'".into());
    }
    if any(|m| matches!(m, M::Utf16(_))) && !encodes {
        return Err("utf16 must be followed by base64 or base64offset".into());
    }
    if (has(M::Cidr) || compares || has(M::Exists)) && (place || has(M::Cased) || has(M::Windash)) {
        return Err("contains, startswith, endswith, cased and windash work on text only: drop them".into());
    }
    if has(M::Exists) && modifiers.len() > 1 {
        return Err("'exists' stands alone".into());
    }
    if has(M::FieldRef) && (has(M::Re) || has(M::Cidr) || compares || encodes || has(M::Windash)) {
        return Err("'fieldref' combines with contains, startswith, endswith, cased and neq only".into());
    }
    let repeated = |kind: fn(&M) -> bool| modifiers.iter().filter(|m| kind(m)).count() > 1;
    if repeated(|m| matches!(m, M::Contains | M::StartsWith | M::EndsWith)) {
        return Err("contains, startswith and endswith exclude each other: keep one".into());
    }
    if repeated(|m| matches!(m, M::Compare(_))) || repeated(|m| matches!(m, M::Time(_))) {
        return Err("one comparison a key: write the second as another key of the selection".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let (field, modifiers) = parse_key("cs-uri-query|utf16le|base64offset|contains").unwrap();
        assert_eq!(field.as_deref(), Some("cs-uri-query"));
        assert_eq!(
            modifiers,
            [
                Modifier::Utf16(Utf16::Little),
                Modifier::Base64Offset,
                Modifier::Contains
            ]
        );
        assert_eq!(parse_key("|all").unwrap(), (None, vec![Modifier::All]));
    }

    #[test]
    fn faults_say_what_to_write() {
        for (key, hint) in [
            ("a|regex", "'re'"),
            ("a|Contains", "'contains'"),
            ("a|frobnicate", "unknown modifier"),
            ("a|re|contains", "drop"),
            ("a|contains|startswith", "keep one"),
            ("a|i", "re|i"),
            ("a|wide", "base64"),
            ("a|cidr|contains", "text only"),
            ("a|lt|gt", "another key"),
            ("a|exists|all", "alone"),
            ("a|fieldref|re", "fieldref"),
        ] {
            let reason = parse_key(key).unwrap_err();
            assert!(reason.contains(hint), "{key}: {reason}");
        }
    }
}

//! Where in the file a key stands, for messages a person can act on.

use toml::de::{DeTable, DeValue};

/// The parser's message on one line, with line and column.
pub(super) fn message(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    format!(
        "line {line}, column {column}: {}",
        error.message().replace('\n', " ")
    )
}

/// Line (from 1) of a key such as `capture[0].interface`, or of the nearest thing above it that is there; 0 when even
/// its section is absent.
pub(super) fn line_of(text: &str, key: &str) -> usize {
    let Ok(table) = DeTable::parse(text) else { return 0 };
    let mut offset = None;
    let mut here = DeValue::Table(table.into_inner());
    for part in key.split('.') {
        let (name, index) = part.split_once('[').map_or((part, None), |(name, rest)| {
            (name, Some(rest.trim_end_matches(']')))
        });
        let DeValue::Table(fields) = &here else { break };
        let Some((_, value)) = fields.iter().find(|(field, _)| field.get_ref() == name) else {
            break;
        };
        let mut found = value.clone();
        if let (Some(index), DeValue::Array(items)) = (index, value.get_ref()) {
            let Some(item) = index.parse::<usize>().ok().and_then(|index| items.get(index)) else {
                break;
            };
            found = item.clone();
        }
        offset = Some(found.span().start);
        here = found.into_inner();
    }
    offset.map_or(0, |offset| {
        text.get(..offset).unwrap_or(text).matches('\n').count() + 1
    })
}

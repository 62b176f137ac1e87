//! The `detection` section as a tree.

use super::{Block, Condition, Detection, Selection, item};
use crate::yaml::{Data, Key, Node};
use crate::{Fault, LoadOptions, Position};

/// Reads a detection (or the body of a filter, whose other keys are named in `reserved`).
pub(crate) fn detection(node: &Node, reserved: &[&str], options: &LoadOptions) -> Result<Detection, Fault> {
    let Some(entries) = node.as_map() else {
        return Err(Fault::new(
            node.at,
            format!(
                "the detection must be a mapping of selections and a condition, not {}",
                node.kind()
            ),
        ));
    };
    let mut selections = Vec::new();
    for (key, body) in entries {
        if key.text == "condition" || key.text == "timeframe" || reserved.contains(&key.text.as_str()) {
            continue;
        }
        selections.push(Selection {
            name: key.text.clone(),
            at: key.at,
            block: selection(key, body, options)?,
        });
    }
    if selections.is_empty() {
        return Err(Fault::new(
            node.at,
            "the detection has no selection: add one and name it in the condition",
        ));
    }
    conditions(node, selections)
}

fn conditions(node: &Node, selections: Vec<Selection>) -> Result<Detection, Fault> {
    let Some((_, condition)) = node.entry("condition") else {
        return Err(Fault::new(
            node.at,
            "the condition is missing: write 'condition: NAME'",
        ));
    };
    let (mut conditions, mut written) = (Vec::new(), Vec::new());
    for entry in condition.items() {
        let text = entry.as_text().ok_or_else(|| {
            Fault::new(
                entry.at,
                format!("a condition must be text, not {}", entry.kind()),
            )
        })?;
        conditions.push(Condition::parse(text, entry.at, &selections)?);
        written.push(text.to_owned());
    }
    if conditions.is_empty() {
        return Err(Fault::new(
            condition.at,
            "the condition is empty: name a selection",
        ));
    }
    if let Some((key, _)) = node.entry("timeframe") {
        let reason = "'timeframe' belongs to retired aggregations: write a correlation with 'timespan'";
        return Err(Fault::new(key.at, reason));
    }
    Ok(Detection {
        selections,
        conditions,
        written,
    })
}

fn selection(key: &Key, body: &Node, options: &LoadOptions) -> Result<Block, Fault> {
    match &body.data {
        Data::Map(entries) if entries.is_empty() => Err(empty(key, body.at)),
        Data::Map(entries) => map(entries, options),
        Data::List(items) if items.is_empty() => Err(empty(key, body.at)),
        Data::List(items) => list(key, items, options),
        Data::Scalar(_) if body.is_null() => Err(empty(key, body.at)),
        Data::Scalar(_) => item::keywords(key, std::slice::from_ref(body), options).map(Block::Item),
    }
}

fn empty(key: &Key, at: Position) -> Fault {
    Fault::new(
        at,
        format!("the selection '{}' is empty: remove it or fill it", key.text),
    )
}

fn map(entries: &[(Key, Node)], options: &LoadOptions) -> Result<Block, Fault> {
    let items: Vec<Block> = entries
        .iter()
        .map(|(key, value)| item::item(key, value, options).map(Block::Item))
        .collect::<Result<_, _>>()?;
    Ok(Block::All(items))
}

/// A list of mappings is "any of these"; single values among them are keywords.
fn list(key: &Key, items: &[Node], options: &LoadOptions) -> Result<Block, Fault> {
    if items.iter().all(|item| item.as_scalar().is_some()) {
        return item::keywords(key, items, options).map(Block::Item);
    }
    let blocks: Vec<Block> = items
        .iter()
        .map(|item| selection(key, item, options))
        .collect::<Result<_, _>>()?;
    Ok(Block::Any(blocks))
}

//! The `correlation` section of a document.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::{Bound, CorrelationKind, CorrelationRule, Member, Target, TemporalCondition};
use crate::Fault;
use crate::detection::{Number, Relation};
use crate::rule::Metadata;
use crate::yaml::Node;

const SECOND: i64 = 1_000_000;

impl CorrelationRule {
    /// Reads a correlation document; its references are looked up later.
    pub(crate) fn read(metadata: Metadata, node: &Node) -> Result<Self, Fault> {
        let Some((key, body)) = node.entry("correlation") else {
            return Err(Fault::new(node.at, "the correlation section is missing"));
        };
        if body.as_map().is_none() {
            return Err(Fault::new(
                key.at,
                "the correlation must be a mapping of type, rules, timespan, condition",
            ));
        }
        let mut members = members(body)?;
        let group_by = texts(body, "group-by");
        aliases(body, &group_by, &mut members)?;
        let kind = kind(body)?;
        let (bounds, temporal) = condition(body, &kind, &members)?;
        let generate = [body, node]
            .iter()
            .filter_map(|place| place.at_key("generate"))
            .any(|value| value.as_text() == Some("true"));
        let mut hasher = FxHasher::default();
        hasher.write(body.to_json().to_string().as_bytes());
        Ok(Self {
            metadata,
            kind,
            members,
            group_by,
            timespan_micros: timespan(body)?,
            bounds,
            temporal,
            generate,
            fingerprint: hasher.finish(),
        })
    }
}

fn texts(body: &Node, key: &str) -> Vec<String> {
    let items = body.at_key(key).map(Node::items).unwrap_or_default();
    items
        .iter()
        .filter_map(Node::as_text)
        .map(str::to_owned)
        .collect()
}

fn members(body: &Node) -> Result<Vec<Member>, Fault> {
    let members: Vec<Member> = texts(body, "rules")
        .into_iter()
        .map(|reference| Member {
            reference,
            target: Target::Unknown,
            group_fields: Vec::new(),
        })
        .collect();
    if members.is_empty() {
        return Err(Fault::new(
            body.at,
            "the correlation watches no rule: write 'rules: [NAME OR ID]'",
        ));
    }
    Ok(members)
}

/// Gives each member the names of the group's fields in its own events.
fn aliases(body: &Node, group_by: &[String], members: &mut [Member]) -> Result<(), Fault> {
    let aliases = body.at_key("aliases");
    for (alias, fields) in aliases.and_then(Node::as_map).unwrap_or_default() {
        for (rule, _) in fields.as_map().unwrap_or_default() {
            if !members.iter().any(|member| member.reference == rule.text) {
                let reason = format!(
                    "the alias '{}' names '{}', which is not among the rules",
                    alias.text, rule.text
                );
                return Err(Fault::new(rule.at, reason));
            }
        }
    }
    for member in members {
        let own = |field: &String| {
            let alias = aliases.and_then(|aliases| aliases.at_key(field));
            let mapped = alias
                .and_then(|alias| alias.at_key(&member.reference))
                .and_then(Node::as_text);
            mapped.unwrap_or(field).to_owned()
        };
        member.group_fields = group_by.iter().map(own).collect();
    }
    Ok(())
}

fn kind(body: &Node) -> Result<CorrelationKind, Fault> {
    let Some((key, value)) = body.entry("type") else {
        return Err(Fault::new(
            body.at,
            "the type is missing: write event_count, value_count, temporal, …",
        ));
    };
    let fields = || -> Result<Vec<String>, Fault> {
        let fields = body
            .at_key("condition")
            .map(|condition| texts(condition, "field"))
            .unwrap_or_default();
        if fields.is_empty() {
            return Err(Fault::new(key.at, "this type needs 'field' in its condition"));
        }
        Ok(fields)
    };
    let one = || -> Result<String, Fault> {
        let mut fields = fields()?;
        match fields.len() {
            1 => Ok(fields.remove(0)),
            _ => Err(Fault::new(key.at, "this type computes over one field")),
        }
    };
    Ok(match value.as_text().unwrap_or_default() {
        "event_count" => CorrelationKind::EventCount,
        "value_count" => CorrelationKind::ValueCount(fields()?),
        "temporal" => CorrelationKind::Temporal,
        "temporal_ordered" | "ordered_temporal" => CorrelationKind::TemporalOrdered,
        "value_sum" => CorrelationKind::ValueSum(one()?),
        "value_avg" => CorrelationKind::ValueAvg(one()?),
        "value_median" => CorrelationKind::ValuePercentile(one()?, 50.0),
        "value_percentile" => CorrelationKind::ValuePercentile(one()?, percentile(body)?),
        other => {
            let reason = format!(
                "'{other}' is no type: write event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, \
                 value_percentile or value_median"
            );
            return Err(Fault::new(value.at, reason));
        }
    })
}

fn percentile(body: &Node) -> Result<f64, Fault> {
    let given = body
        .at_key("condition")
        .and_then(|condition| condition.at_key("percentile"));
    let Some(node) = given else {
        return Ok(50.0);
    };
    node.as_text()
        .and_then(|text| text.parse().ok())
        .filter(|value| (0.0..=100.0).contains(value))
        .ok_or_else(|| Fault::new(node.at, "the percentile is a number from 0 to 100"))
}

fn timespan(body: &Node) -> Result<i64, Fault> {
    let Some((_, node)) = body.entry("timespan") else {
        return Err(Fault::new(
            body.at,
            "the timespan is missing: write 'timespan: 5m'",
        ));
    };
    let fault = || {
        Fault::new(
            node.at,
            "the timespan is a number with s, m, h, d, w, M or y: 90s, 5m, 1d",
        )
    };
    let text = node.as_text().ok_or_else(fault)?;
    let unit = text.chars().next_back().ok_or_else(fault)?;
    let number: i64 = text
        .strip_suffix(unit)
        .and_then(|digits| digits.parse().ok())
        .filter(|number| *number > 0)
        .ok_or_else(fault)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        'M' => 30 * 86_400,
        'y' => 365 * 86_400,
        _ => return Err(fault()),
    };
    number.checked_mul(seconds * SECOND).ok_or_else(fault)
}

type Bounds = (Vec<Bound>, Option<TemporalCondition>);

fn condition(body: &Node, kind: &CorrelationKind, members: &[Member]) -> Result<Bounds, Fault> {
    let temporal = matches!(kind, CorrelationKind::Temporal | CorrelationKind::TemporalOrdered);
    let Some((key, node)) = body.entry("condition") else {
        if temporal {
            return Ok((Vec::new(), None));
        }
        return Err(Fault::new(
            body.at,
            "the condition is missing: write 'condition: {gte: 10}'",
        ));
    };
    if let Some(text) = node.as_text() {
        if *kind != CorrelationKind::Temporal {
            return Err(Fault::new(
                key.at,
                "only 'type: temporal' takes an expression over rule names here",
            ));
        }
        let condition = TemporalCondition::parse(text, node.at, members)?;
        return Ok((Vec::new(), Some(condition)));
    }
    let mut bounds = Vec::new();
    for (key, value) in node.as_map().unwrap_or_default() {
        let relation = match key.text.as_str() {
            "gt" => Relation::Greater,
            "gte" => Relation::GreaterOrEqual,
            "lt" => Relation::Less,
            "lte" => Relation::LessOrEqual,
            "eq" => Relation::Equal,
            "neq" => Relation::NotEqual,
            "field" | "percentile" => continue,
            other => {
                let reason = format!("'{other}' is no comparison: write gt, gte, lt, lte, eq or neq");
                return Err(Fault::new(key.at, reason));
            }
        };
        let number = value
            .as_text()
            .and_then(Number::parse)
            .ok_or_else(|| Fault::new(value.at, "a comparison takes a number"))?;
        bounds.push(Bound { relation, number });
    }
    if bounds.is_empty() && !temporal {
        return Err(Fault::new(
            key.at,
            "the condition compares nothing: write for example 'gte: 10'",
        ));
    }
    Ok((bounds, None))
}

//! The alert of a correlation.

use std::sync::Arc;

use saola_event::{Alert, Engine, Entities, Event, Evidence, Fields, Timestamp};
use serde_json::json;

use super::correlator::Origin;
use super::group::Group;
use super::{CorrelationRule, Target};
use crate::RuleSet;
use crate::alert::entities;
use crate::detection::Number;

/// A correlation that fired.
pub(super) struct Fired<'f> {
    pub(super) rule: &'f CorrelationRule,
    pub(super) rules: &'f RuleSet,
    pub(super) group: &'f [(String, String)],
    pub(super) matches: &'f Group,
    pub(super) time: Timestamp,
    pub(super) event: Option<&'f Event<'f>>,
    pub(super) origin: &'f Origin,
}

pub(super) fn alert(fired: &Fired<'_>) -> Alert {
    Alert {
        time: fired.time,
        received_at: fired.origin.received_at,
        source: Arc::clone(&fired.origin.source),
        agency: Arc::clone(&fired.origin.agency),
        engine: Engine::Correlation,
        rule: fired.rule.metadata.rule_ref(),
        severity: fired.rule.metadata.level,
        entities: about(fired),
        evidence: evidence(fired),
        event: event(fired),
    }
}

/// Who and what: of the group first, which is what the matches have in common, then of the last event.
fn about(fired: &Fired<'_>) -> Entities {
    let mut fields = Fields::new();
    for (name, value) in fired.group {
        fields.push(name.clone(), value.clone());
    }
    let mut about = entities(&fields);
    if let Some(event) = fired.event {
        let last = entities(&event.fields);
        about.src_ip = about.src_ip.or(last.src_ip);
        about.src_port = about.src_port.or(last.src_port);
        about.dest_ip = about.dest_ip.or(last.dest_ip);
        about.dest_port = about.dest_port.or(last.dest_port);
        about.host = about.host.or(last.host);
        about.user = about.user.or(last.user);
        about.domain = about.domain.or(last.domain);
        about.hashes.extend(last.hashes);
    }
    about
}

fn evidence(fired: &Fired<'_>) -> Vec<Evidence> {
    let piece = |place: &str, pattern: String, window: String| Evidence {
        place: place.to_owned(),
        pattern,
        window,
        span: None,
        offset: 0,
    };
    let seconds = fired.rule.timespan_micros / 1_000_000;
    let asked = format!("{} within {seconds} s", fired.rule.written_condition());
    let mut all = vec![piece("correlation", asked, figure(fired))];
    for (name, value) in fired.group {
        all.push(piece(name, "group-by".to_owned(), value.clone()));
    }
    all
}

fn figure(fired: &Fired<'_>) -> String {
    match fired.matches.figure(fired.rule) {
        Some(Number::Int(int)) => int.to_string(),
        Some(Number::Float(float)) => float.to_string(),
        None => String::new(),
    }
}

fn event(fired: &Fired<'_>) -> serde_json::Value {
    let time = |micros: Option<i64>| micros.map(|micros| Timestamp::from_micros(micros).to_string());
    let matches = &fired.matches.matches;
    let titles: Vec<&str> = fired
        .rule
        .members
        .iter()
        .filter_map(|member| match member.target {
            Target::Rule(rule) => fired.rules.rules().get(rule).map(|rule| &*rule.metadata.title),
            Target::Correlation(at) => fired
                .rules
                .correlations()
                .get(at)
                .map(|other| &*other.metadata.title),
            Target::Unknown => None,
        })
        .collect();
    let group: serde_json::Map<String, serde_json::Value> = fired
        .group
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    json!({
        "correlation": {
            "condition": fired.rule.written_condition(),
            "figure": figure(fired),
            "rules": titles,
            "group": group,
            "matches_kept": matches.len(),
            "first": time(matches.front().map(|oldest| oldest.time)),
            "last": time(matches.back().map(|newest| newest.time)),
            "timespan_s": fired.rule.timespan_micros / 1_000_000,
        },
        "last_event": fired.event.map(|event| serde_json::to_value(&event.fields).unwrap_or_default()),
    })
}

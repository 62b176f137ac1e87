//! References between correlations and rules.

use super::{CorrelationRule, Target};
use crate::Fault;
use crate::rule::{Metadata, Rule};

/// Looks up every reference. Correlations that name something unknown or go round in a circle are taken out and
/// returned with the fault; rules that only feed correlations stop reporting by themselves.
pub(crate) fn resolve(rules: &mut [Rule], correlations: &mut Vec<CorrelationRule>) -> Vec<(Metadata, Fault)> {
    let mut faults = Vec::new();
    loop {
        let bad =
            (0..correlations.len()).find_map(|at| fault(at, rules, correlations).map(|fault| (at, fault)));
        let Some((at, fault)) = bad else { break };
        faults.push((correlations.remove(at).metadata, fault));
    }
    link(rules, correlations);
    quieten(rules, correlations);
    faults
}

fn look_up(reference: &str, rules: &[Rule], correlations: &[CorrelationRule]) -> Target {
    let rule = rules.iter().position(|rule| rule.metadata.is_called(reference));
    if let Some(rule) = rule {
        return Target::Rule(rule);
    }
    let correlation = correlations
        .iter()
        .position(|other| other.metadata.is_called(reference));
    correlation.map_or(Target::Unknown, Target::Correlation)
}

fn fault(at: usize, rules: &[Rule], correlations: &[CorrelationRule]) -> Option<Fault> {
    let correlation = correlations.get(at)?;
    for member in &correlation.members {
        if look_up(&member.reference, rules, correlations) == Target::Unknown {
            let reason = format!(
                "the correlation watches '{}', which is no loaded rule",
                member.reference
            );
            return Some(Fault::new(correlation.metadata.at, reason));
        }
    }
    let circle = reaches(at, at, rules, correlations, &mut vec![false; correlations.len()]);
    circle.then(|| {
        Fault::new(
            correlation.metadata.at,
            "the correlation watches itself through others",
        )
    })
}

fn reaches(
    from: usize,
    to: usize,
    rules: &[Rule],
    correlations: &[CorrelationRule],
    seen: &mut [bool],
) -> bool {
    let members = correlations
        .get(from)
        .map(|correlation| correlation.members.as_slice())
        .unwrap_or_default();
    members
        .iter()
        .any(|member| match look_up(&member.reference, rules, correlations) {
            Target::Correlation(next) if next == to => true,
            Target::Correlation(next) => match seen.get_mut(next) {
                Some(known) if !*known => {
                    *known = true;
                    reaches(next, to, rules, correlations, seen)
                }
                _ => false,
            },
            Target::Rule(_) | Target::Unknown => false,
        })
}

fn link(rules: &[Rule], correlations: &mut [CorrelationRule]) {
    let targets: Vec<Vec<Target>> = correlations
        .iter()
        .map(|correlation| {
            let members = correlation.members.iter();
            members
                .map(|member| look_up(&member.reference, rules, correlations))
                .collect()
        })
        .collect();
    for (correlation, targets) in correlations.iter_mut().zip(targets) {
        for (member, target) in correlation.members.iter_mut().zip(targets) {
            member.target = target;
        }
    }
}

/// A rule that correlations watch reports by itself only when one of them says `generate`.
fn quieten(rules: &mut [Rule], correlations: &[CorrelationRule]) {
    let targets = |generate: bool| {
        let chosen = correlations
            .iter()
            .filter(move |correlation| correlation.generate == generate);
        chosen.flat_map(|correlation| correlation.members.iter().map(|member| member.target))
    };
    for (reports, generate) in [(false, false), (true, true)] {
        for target in targets(generate) {
            if let Target::Rule(rule) = target
                && let Some(rule) = rules.get_mut(rule)
            {
                rule.reports = reports;
            }
        }
    }
}

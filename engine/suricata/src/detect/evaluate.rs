//! A candidate checked in full: header, conditions, the tests of its buffers.

use std::borrow::Cow;

use saola_event::{Evidence, Span};
use saola_net::app::Transaction;

use super::conditions::{self, Scene};
use super::extract;
use super::state::FlowState;
use super::working::Working;
use crate::inspect::transform::apply;
use crate::inspect::{Found, Limits, Outcome, match_steps};
use crate::rule::{BufferTest, Rule, RuleProtocol, Side, Step};

/// Bytes of a buffer that evidence shows.
const WINDOW_BYTES: usize = 64;
/// Pieces of evidence of one alert.
pub(super) const MAX_EVIDENCE: usize = 8;

/// What came of testing one buffer.
#[derive(Debug, PartialEq)]
pub(super) enum Tested {
    /// It holds.
    Holds(Vec<Evidence>),
    /// It does not.
    Fails,
    /// The buffer is not there.
    Missing,
    /// The limit was reached.
    Limit,
}

/// Addresses, ports, protocol and state of the flow: what costs little.
pub(super) fn header_holds(rule: &Rule, scene: &Scene<'_, '_>) -> bool {
    protocol_holds(rule, scene) && conditions::flow_holds(rule.flow, scene) && ends_hold(rule, scene)
}

fn ends_hold(rule: &Rule, scene: &Scene<'_, '_>) -> bool {
    if rule.two_sided {
        return scene
            .flow
            .is_some_and(|flow| rule.header.fits(flow.client, flow.server));
    }
    match scene.ends {
        Some((source, destination)) => rule.header.fits(source, destination),
        // Packets without addresses (malformed headers) fit rules that ask for none.
        None => rule.protocol == RuleProtocol::PacketHeader,
    }
}

fn protocol_holds(rule: &Rule, scene: &Scene<'_, '_>) -> bool {
    match rule.protocol {
        RuleProtocol::App(app) => scene
            .flow
            .and_then(|flow| crate::rule::App::of(flow.app.proto()))
            .is_some_and(|spoken| app.carriers().contains(&spoken)),
        RuleProtocol::IpVersion(version) => {
            match (scene.packet.and_then(|packet| packet.ip.as_ref()), scene.flow) {
                (Some(ip), _) => ip.version() == version,
                (None, Some(flow)) => flow.client.0.is_ipv4() == (version == 4),
                (None, None) => false,
            }
        }
        _ => true,
    }
}

/// The conditions that are no test of a host's bits.
pub(super) fn conditions_hold(
    rule: &Rule,
    scene: &Scene<'_, '_>,
    state: Option<&FlowState>,
    tx: Option<&Transaction>,
) -> bool {
    rule.conditions
        .iter()
        .all(|condition| conditions::holds(condition, scene, state, tx))
}

/// Tests a buffer of a transaction: one of its values must pass.
pub(super) fn test_transaction(
    test: &BufferTest,
    tx: &Transaction,
    scene: &Scene<'_, '_>,
    work: &mut Working,
    limits: Limits,
) -> Tested {
    let direction = test.direction().unwrap_or(scene.direction);
    if test.buffer.is_number() {
        return test_numbers(test, &extract::numbers(tx, test.buffer, direction));
    }
    let values = extract::bytes(tx, test.buffer, direction);
    let mut outcome = Tested::Missing;
    for value in &values {
        match test_bytes(test, value, work, limits) {
            Tested::Missing => {}
            Tested::Holds(evidence) => return Tested::Holds(evidence),
            other => outcome = other,
        }
    }
    outcome
}

fn test_numbers(test: &BufferTest, numbers: &[u64]) -> Tested {
    let holds = test.steps.iter().all(|step| match step {
        Step::Number(test, which) => which.holds(numbers, |number| test.holds(*number)),
        Step::Bits { set, unset } => numbers
            .iter()
            .any(|number| number & set == *set && number & unset == 0),
        _ => false,
    });
    match (holds, numbers.is_empty()) {
        (true, _) => Tested::Holds(Vec::new()),
        (false, true) => Tested::Missing,
        (false, false) => Tested::Fails,
    }
}

/// Tests the bytes of a buffer after its transforms.
pub(super) fn test_bytes(test: &BufferTest, bytes: &[u8], work: &mut Working, limits: Limits) -> Tested {
    let transformed = if test.transforms.is_empty() {
        Some(Cow::Borrowed(bytes))
    } else {
        apply(&test.transforms, bytes)
    };
    let Some(bytes) = transformed else {
        return Tested::Fails;
    };
    match match_steps(&test.steps, &bytes, &mut work.slots, limits) {
        Outcome::Match(found) if work.whole_steps(test, &bytes, &found) => {
            Tested::Holds(evidence(test, &bytes, &found))
        }
        Outcome::Match(_) => Tested::Fails,
        Outcome::NoMatch => Tested::Fails,
        Outcome::Limit => Tested::Limit,
    }
}

/// Whether a test asks that the buffer be absent.
pub(super) fn asks_absence(test: &BufferTest) -> bool {
    test.steps.iter().any(|step| matches!(step, Step::Absent { .. }))
}

/// Tests of packet headers (`ipv4.hdr`, `tcp.hdr` …); payload and transactions are tested by their own stages.
pub(super) fn packet_tests(
    rule: &Rule,
    scene: &Scene<'_, '_>,
    work: &mut Working,
    limits: Limits,
) -> Option<Vec<Evidence>> {
    let mut all = Vec::new();
    for test in rule
        .tests
        .iter()
        .filter(|test| test.buffer.side() == Side::Packet)
    {
        let bytes = match extract::address(test.buffer, scene) {
            Some(address) => Cow::Owned(address),
            None => extract::packet_buffer(scene.packet?, test.buffer)?,
        };
        match test_bytes(test, &bytes, work, limits) {
            Tested::Holds(evidence) => all.extend(evidence),
            _ => return None,
        }
    }
    Some(all)
}

/// What matched, as a person reads it.
fn evidence(test: &BufferTest, bytes: &[u8], found: &[Found]) -> Vec<Evidence> {
    found
        .iter()
        .take(MAX_EVIDENCE)
        .filter_map(|found| {
            let pattern = match test.steps.get(found.step)? {
                Step::Content(content) => crate::parse::pattern::encode(&content.pattern.bytes),
                Step::Pcre(pcre) => pcre.source().to_owned(),
                _ => return None,
            };
            let (window, span) = window(bytes, found.start, found.end);
            Some(Evidence {
                place: test.buffer.name().to_owned(),
                pattern,
                window,
                span: Some(span),
                offset: found.start as u64,
            })
        })
        .collect()
}

/// At most 64 bytes around a match, as text; bytes that are no printable ASCII are escaped.
fn window(bytes: &[u8], start: usize, end: usize) -> (String, Span) {
    let end = end.min(start + WINDOW_BYTES);
    let margin = WINDOW_BYTES.saturating_sub(end - start) / 2;
    let from = start.saturating_sub(margin);
    let until = (from + WINDOW_BYTES).min(bytes.len());
    let part = |from: usize, until: usize| {
        bytes
            .get(from..until)
            .unwrap_or_default()
            .escape_ascii()
            .to_string()
    };
    let (before, matched, after) = (part(from, start), part(start, end), part(end, until.max(end)));
    let span = Span {
        start: before.len() as u32,
        end: (before.len() + matched.len()) as u32,
    };
    (before + &matched + &after, span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_hold_the_match_and_at_most_64_bytes() {
        let bytes = [b"x".repeat(100), b"NEEDLE\x00".to_vec(), b"y".repeat(100)].concat();
        let (text, span) = window(&bytes, 100, 107);
        assert_eq!(&text[span.start as usize..span.end as usize], r"NEEDLE\x00");
        assert_eq!(text.len(), 64 + 3);
        let (text, span) = window(&bytes, 0, 200);
        assert_eq!((text.len(), span.start, span.end), (64, 0, 64));
        assert_eq!(window(b"ab", 1, 2).0, "ab");
    }
}

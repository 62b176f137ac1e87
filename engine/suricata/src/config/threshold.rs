//! The threshold file: `suppress`, `threshold`, `rate_filter` for rules by number, without touching the rules.

use std::sync::Arc;

use crate::config::Variables;
use crate::diagnostic::{Diagnostic, Reason};
use crate::keyword::ThresholdParts;
use crate::parse::{Groups, logical_lines};
use crate::rule::{AddressSet, Threshold, Track};

/// Hides alerts of a rule, all or those of some addresses.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// Generator; 0 with sid 0 means every rule.
    pub gid: u32,
    /// Signature; 0 means every rule of the generator.
    pub sid: u32,
    /// Which address decides; `None` hides all.
    pub track: Option<Track>,
    /// Addresses whose alerts are hidden.
    pub addresses: Arc<AddressSet>,
}

/// Replaces or adds the threshold of a rule.
#[derive(Clone, Copy, Debug)]
pub struct ThresholdOverride {
    /// Generator; 0 with sid 0 means every rule.
    pub gid: u32,
    /// Signature; 0 means every rule of the generator.
    pub sid: u32,
    /// The threshold.
    pub threshold: Threshold,
}

/// All lines of a threshold file.
#[derive(Clone, Debug, Default)]
pub struct GlobalThresholds {
    /// `suppress` lines in order.
    pub suppressions: Vec<Suppression>,
    /// `threshold` and `event_filter` lines in order.
    pub thresholds: Vec<ThresholdOverride>,
}

impl GlobalThresholds {
    /// Reads a text; lines that cannot be read become diagnostics.
    pub fn parse(
        &mut self,
        path: &str,
        text: &str,
        variables: &Variables,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut groups = Groups::new(variables);
        for line in logical_lines(text) {
            if let Err(reason) = self.line(&line.text, &mut groups) {
                let (number, column) = line.position(0);
                diagnostics.push(Diagnostic {
                    path: path.into(),
                    line: number,
                    column,
                    sid: None,
                    reason,
                });
            }
        }
    }

    fn line(&mut self, text: &str, groups: &mut Groups<'_>) -> Result<(), Reason> {
        let text = text.trim();
        let (kind, rest) = text.split_once(char::is_whitespace).ok_or_else(|| {
            Reason::Shape("write suppress, threshold or event_filter and its options".into())
        })?;
        match kind {
            "suppress" => self.suppressions.push(suppression(rest, groups)?),
            "threshold" | "event_filter" => {
                let (gid, sid, rest) = numbers(kind, rest)?;
                let threshold = ThresholdParts::read(&rest)
                    .and_then(|parts| parts.finish(false))
                    .map_err(|why| Reason::value(kind, why))?;
                self.thresholds.push(ThresholdOverride { gid, sid, threshold });
            }
            "rate_filter" => {
                return Err(Reason::unsupported(
                    kind,
                    "actions of rules are not changed by rate",
                ));
            }
            _ => return Err(Reason::Shape(format!("unknown line `{kind}`"))),
        }
        Ok(())
    }
}

/// Takes `gen_id` and `sig_id` out of the options.
fn numbers(kind: &str, text: &str) -> Result<(u32, u32, String), Reason> {
    let (mut gid, mut sid, mut rest) = (None, None, Vec::new());
    for pair in split_outside_brackets(text) {
        let number = |value: &str| {
            value
                .trim()
                .parse::<u32>()
                .map_err(|_| Reason::value(kind, format!("`{pair}`: no number")))
        };
        match pair.split_once(char::is_whitespace) {
            Some(("gen_id", value)) => gid = Some(number(value)?),
            Some(("sig_id", value)) => sid = Some(number(value)?),
            _ => rest.push(pair),
        }
    }
    match (gid, sid) {
        (Some(gid), Some(sid)) => Ok((gid, sid, rest.join(","))),
        _ => Err(Reason::value(kind, "gen_id and sig_id are needed")),
    }
}

fn split_outside_brackets(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    text.split(move |letter| {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    })
    .map(str::trim)
}

fn suppression(text: &str, groups: &mut Groups<'_>) -> Result<Suppression, Reason> {
    let (gid, sid, rest) = numbers("suppress", text)?;
    let (mut track, mut addresses) = (None, None);
    for pair in split_outside_brackets(&rest).filter(|pair| !pair.is_empty()) {
        match pair.split_once(char::is_whitespace) {
            Some(("track", "by_src")) => track = Some(Track::BySource),
            Some(("track", "by_dst")) => track = Some(Track::ByDestination),
            Some(("track", "by_either")) => track = Some(Track::ByBoth),
            Some(("ip", list)) => addresses = Some(groups.addresses(list.trim())?),
            _ => return Err(Reason::value("suppress", format!("unknown option `{pair}`"))),
        }
    }
    match (track, addresses) {
        (None, None) => Ok(Suppression {
            gid,
            sid,
            track: None,
            addresses: Arc::new(AddressSet::any()),
        }),
        (Some(_), Some(addresses)) => Ok(Suppression {
            gid,
            sid,
            track,
            addresses,
        }),
        _ => Err(Reason::value("suppress", "track and ip go together")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let mut thresholds = GlobalThresholds::default();
        let mut diagnostics = Vec::new();
        let text = "suppress gen_id 1, sig_id 2, track by_src, ip [10.0.0.1, 10.0.0.2]\n\
                    suppress gen_id 1, sig_id 3\n\
                    threshold gen_id 1, sig_id 4, type limit, track by_src, count 1, seconds 60\n\
                    suppress gen_id 1, sig_id 5, ip 10.0.0.1\n\
                    rate_filter gen_id 1, sig_id 6\n\
                    threshold gen_id 1, sig_id 7, type some, track by_src, count 1, seconds 60\n";
        thresholds.parse("t", text, &Variables::default(), &mut diagnostics);
        assert_eq!(
            (thresholds.suppressions.len(), thresholds.thresholds.len()),
            (2, 1)
        );
        assert!(
            thresholds.suppressions[0]
                .addresses
                .contains("10.0.0.2".parse().unwrap())
        );
        let reasons: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
        assert!(reasons[0].contains("track and ip go together") && reasons[0].starts_with("t:4:1"));
        assert!(reasons[1].contains("rate_filter") && reasons[2].contains("unknown type `some`"));
    }
}

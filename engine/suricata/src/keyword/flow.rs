//! `flow`, `threshold`, `detection_filter`.

use saola_net::Direction;

use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{Threshold, ThresholdKind, Track, UniqueOn};

pub(super) const TABLE: &[(&str, Apply)] = &[("flow", flow)];

fn flow(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let flow = &mut builder.flow;
    flow.present = true;
    for word in option.required()?.split(',').map(str::trim) {
        let direction = match word.to_ascii_lowercase().as_str() {
            "to_server" | "from_client" => Some(Direction::ToServer),
            "to_client" | "from_server" => Some(Direction::ToClient),
            "established" => {
                flow.established = Some(true);
                None
            }
            "not_established" => {
                flow.established = Some(false);
                None
            }
            "stateless" => {
                flow.stateless = true;
                None
            }
            "only_stream" => {
                flow.only_stream = true;
                None
            }
            "no_stream" => {
                flow.no_stream = true;
                None
            }
            "only_frag" => {
                flow.fragment = Some(true);
                None
            }
            "no_frag" => {
                flow.fragment = Some(false);
                None
            }
            _ => return Err(option.bad(format!("unknown option `{word}`"))),
        };
        if direction.is_some() {
            if flow.direction.is_some_and(|before| Some(before) != direction) {
                return Err(option.bad("both directions at once"));
            }
            flow.direction = direction;
        }
    }
    if flow.only_stream && flow.no_stream {
        return Err(option.bad("only_stream and no_stream at once"));
    }
    if flow.stateless && flow.established.is_some() {
        return Err(option.bad("stateless and a state at once"));
    }
    Ok(())
}

/// What `threshold`, `detection_filter` and the threshold file share.
#[derive(Default)]
pub(crate) struct Parts<'a> {
    pub(crate) kind: Option<&'a str>,
    pub(crate) track: Option<Track>,
    pub(crate) count: Option<u32>,
    pub(crate) seconds: Option<u32>,
    pub(crate) multiplier: Option<u32>,
    pub(crate) unique_on: Option<UniqueOn>,
}

impl<'a> Parts<'a> {
    /// Reads `name value` pairs; the error names the fault.
    pub(crate) fn read(text: &'a str) -> Result<Self, String> {
        let mut parts = Self::default();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once(char::is_whitespace).unwrap_or((pair, ""));
            let value = value.trim();
            let number = || value.parse::<u32>().map_err(|_| format!("{name} is no number"));
            match name {
                "type" => parts.kind = Some(value),
                "track" => {
                    let track = Builder::track(value).ok_or_else(|| format!("unknown track `{value}`"))?;
                    parts.track = Some(track);
                }
                "count" => parts.count = Some(number()?),
                "seconds" => parts.seconds = Some(number()?),
                "multiplier" => parts.multiplier = Some(number()?),
                "unique_on" => {
                    parts.unique_on = Some(match value {
                        "src_port" => UniqueOn::SourcePort,
                        "dst_port" => UniqueOn::DestinationPort,
                        _ => return Err(format!("unknown unique_on `{value}`")),
                    });
                }
                _ => return Err(format!("unknown option `{name}`")),
            }
        }
        Ok(parts)
    }

    /// The threshold they describe.
    pub(crate) fn finish(self, detection_filter: bool) -> Result<Threshold, String> {
        let kind = match (detection_filter, self.kind) {
            (true, None) => ThresholdKind::DetectionFilter,
            (true, Some(_)) => return Err("detection_filter has no type".into()),
            (false, Some("threshold")) => ThresholdKind::Threshold,
            (false, Some("limit")) => ThresholdKind::Limit,
            (false, Some("both")) => ThresholdKind::Both,
            (false, Some("backoff")) => ThresholdKind::Backoff {
                multiplier: self
                    .multiplier
                    .filter(|factor| *factor > 1)
                    .ok_or("backoff needs a multiplier greater than 1")?,
            },
            (false, other) => return Err(format!("unknown type `{}`", other.unwrap_or_default())),
        };
        let backoff = matches!(kind, ThresholdKind::Backoff { .. });
        let seconds = match self.seconds {
            Some(seconds) if seconds > 0 => seconds,
            None if backoff => 0,
            _ => return Err("seconds is missing or 0".into()),
        };
        Ok(Threshold {
            kind,
            track: self.track.ok_or("track is missing")?,
            count: self
                .count
                .filter(|count| *count > 0)
                .ok_or("count is missing or 0")?,
            seconds,
            unique_on: self.unique_on,
        })
    }
}

pub(super) fn threshold(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let parts = Parts::read(option.required()?).map_err(|why| option.bad(why))?;
    let threshold = parts.finish(false).map_err(|why| option.bad(why))?;
    builder.set_threshold(threshold);
    Ok(())
}

pub(super) fn detection_filter(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let parts = Parts::read(option.required()?).map_err(|why| option.bad(why))?;
    let threshold = parts.finish(true).map_err(|why| option.bad(why))?;
    builder.set_threshold(threshold);
    Ok(())
}

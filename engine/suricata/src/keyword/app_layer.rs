//! Keywords about the application protocol as a whole, and events of all layers.

use std::sync::Arc;

use saola_net::Direction;
use smallvec::SmallVec;

use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{App, Buffer, Condition, ProtocolSide, TlsState};

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("app-layer-protocol", protocol),
    ("frame", frame),
    ("app-layer-event", app_event),
    ("decode-event", |builder, option| {
        event(builder, option, Condition::DecodeEvent)
    }),
    ("stream-event", |builder, option| {
        event(builder, option, Condition::StreamEvent)
    }),
    ("engine-event", |builder, option| {
        event(builder, option, Condition::DecodeEvent)
    }),
    ("tls.version", |builder, option| {
        tls_version(builder, option, true)
    }),
    ("ssl_version", |builder, option| {
        tls_version(builder, option, false)
    }),
    ("ssl_state", tls_state),
    ("tls_cert_notbefore", |builder, option| {
        certificate_time(builder, option, true)
    }),
    ("tls_cert_notafter", |builder, option| {
        certificate_time(builder, option, false)
    }),
    ("tls_cert_expired", |builder, option| {
        option.bare()?;
        tls(builder, Condition::TlsCertificateExpired(true));
        Ok(())
    }),
    ("tls_cert_valid", |builder, option| {
        option.bare()?;
        tls(builder, Condition::TlsCertificateExpired(false));
        Ok(())
    }),
];

/// `frame:pdu`, `frame:dns.pdu`: what follows looks at frames of that kind.
fn frame(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.required()?.to_ascii_lowercase();
    let named = text
        .split_once('.')
        .and_then(|(name, kind)| Some((App::from_name(name)?, kind)));
    let (app, kind) = match named {
        Some((app, kind)) => (Some(app), kind),
        None => (None, text.as_str()),
    };
    let frame = (app, Arc::from(kind));
    if builder.frame.as_ref().is_some_and(|known| *known != frame) {
        return Err(Reason::unsupported(
            option.name,
            "a rule looks at one kind of frame",
        ));
    }
    builder.frame = Some(frame);
    builder.enter(Buffer::Frame, None);
    Ok(())
}

fn tls(builder: &mut Builder<'_>, condition: Condition) {
    builder.apps.push(App::Tls);
    builder.conditions.push(condition);
}

/// `<2025`, `>2015-06`, `2015-01-01T00:00<>2016`: a time without its smaller parts is the first second it may be.
fn certificate_time(builder: &mut Builder<'_>, option: &OptionText<'_>, begins: bool) -> Result<(), Reason> {
    let text = option.unquoted()?;
    let second = |text: &str| {
        epoch(text.trim()).ok_or_else(|| option.bad("is no date such as 2025-06-30 or 2025-06-30 12:00:00"))
    };
    let (from, until) = if let Some((from, until)) = text.split_once("<>") {
        (second(from)?, second(until)?)
    } else if let Some(until) = text.strip_prefix('<') {
        (i64::MIN, second(until)? - 1)
    } else if let Some(from) = text.strip_prefix('>') {
        (second(from)? + 1, i64::MAX)
    } else {
        (second(text)?, second(text)?)
    };
    if from > until {
        return Err(option.bad("the range is empty"));
    }
    tls(builder, Condition::TlsCertificateTime { begins, from, until });
    Ok(())
}

/// Seconds since 1970 of `year[-month[-day[(T| )hour[:minute[:second]]]]]` in UTC.
fn epoch(text: &str) -> Option<i64> {
    let mut parts = text.split(['-', 'T', ' ', ':']);
    let year: i64 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let mut part = |least: i64, most: i64| match parts.next() {
        None => Some(least),
        Some(text) => text
            .parse::<i64>()
            .ok()
            .filter(|part| (least..=most).contains(part)),
    };
    let (month, day) = (part(1, 12)?, part(1, 31)?);
    let (hour, minute, second) = (part(0, 23)?, part(0, 59)?, part(0, 60)?);
    // Days from the civil calendar, counted from March so that leap days come last.
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 1
        - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

fn protocol(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut parts = option.required()?.split(',').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let (negated, name) = match name.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let app = match name {
        "failed" | "unknown" => None,
        _ => Some(App::from_name(name).ok_or_else(|| option.bad(format!("unknown protocol `{name}`")))?),
    };
    let (mut side, mut exact) = (ProtocolSide::Flow, false);
    for part in parts {
        match part {
            "toserver" | "to_server" => side = ProtocolSide::Direction(Direction::ToServer),
            "toclient" | "to_client" => side = ProtocolSide::Direction(Direction::ToClient),
            "original" => side = ProtocolSide::Original,
            // The protocol as it stands now; changes by upgrade show as the new one.
            "final" | "either" | "both" => {}
            // Without it, rules for a protocol also take those that carry it (DNS over HTTP/2).
            "exact" => exact = true,
            _ => return Err(option.bad(format!("unknown option `{part}`"))),
        }
    }
    builder.conditions.push(Condition::AppLayerProtocol {
        app,
        unknown: name == "unknown",
        negated,
        exact,
        side,
    });
    Ok(())
}

fn app_event(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let name = option.required()?.to_ascii_lowercase();
    let prefix = name.split('.').next().unwrap_or_default();
    if let Some(app) = App::from_name(prefix).filter(|_| name.contains('.')) {
        if !app.is_parsed() {
            let why = format!("protocol {} is not parsed yet", app.name());
            return Err(Reason::unsupported(option.name, why));
        }
        builder.apps.push(app);
    }
    builder.conditions.push(Condition::AppLayerEvent(name.into()));
    Ok(())
}

fn event(
    builder: &mut Builder<'_>,
    option: &OptionText<'_>,
    condition: fn(Arc<str>) -> Condition,
) -> Result<(), Reason> {
    let name = option.required()?.to_ascii_lowercase();
    builder.conditions.push(condition(name.into()));
    Ok(())
}

fn tls_version(builder: &mut Builder<'_>, option: &OptionText<'_>, single: bool) -> Result<(), Reason> {
    let mut versions = SmallVec::new();
    let mut refused = SmallVec::new();
    for word in option
        .unquoted()?
        .split([',', ' '])
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let (negative, word) = match word.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let version = match word.to_ascii_lowercase().as_str() {
            "1.0" | "tls1.0" => 0x0301,
            "1.1" | "tls1.1" => 0x0302,
            "1.2" | "tls1.2" => 0x0303,
            "1.3" | "tls1.3" => 0x0304,
            "sslv2" => 0x0002,
            "sslv3" => 0x0300,
            raw => raw
                .strip_prefix("0x")
                .and_then(|hex| u16::from_str_radix(hex, 16).ok())
                .ok_or_else(|| option.bad(format!("unknown version `{word}`")))?,
        };
        if negative {
            refused.push(version);
        } else {
            versions.push(version);
        }
    }
    let count = versions.len() + refused.len();
    if count == 0 || (single && count > 1) {
        return Err(option.bad("write one version, such as 1.2"));
    }
    tls(builder, Condition::TlsVersion { versions, refused });
    Ok(())
}

fn tls_state(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.required()?;
    let (negated, text) = match text.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut states = SmallVec::new();
    for word in text.split([',', '|']).map(str::trim) {
        states.push(match word {
            "client_hello" => TlsState::ClientHello,
            "server_hello" => TlsState::ServerHello,
            "client_keyx" => TlsState::ClientKeyExchange,
            "server_keyx" => TlsState::ServerKeyExchange,
            "unknown" => TlsState::Unknown,
            _ => return Err(option.bad(format!("unknown state `{word}`"))),
        });
    }
    tls(builder, Condition::TlsState { states, negated });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_with_and_without_their_smaller_parts() {
        assert_eq!(epoch("1970"), Some(0));
        assert_eq!(epoch("2000-03-01"), Some(951_868_800));
        assert_eq!(epoch("2024-02-29T12:30:05"), Some(1_709_209_805));
        assert_eq!(epoch("2024-13"), None);
        assert_eq!(epoch("24"), None);
    }
}

//! Keywords about the application protocol as a whole, and events of all layers.

use std::sync::Arc;

use saola_net::Direction;
use smallvec::SmallVec;

use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{App, Condition, ProtocolSide, TlsState};

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("app-layer-protocol", protocol),
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

fn tls(builder: &mut Builder<'_>, condition: Condition) {
    builder.apps.push(App::Tls);
    builder.conditions.push(condition);
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
    let mut side = ProtocolSide::Flow;
    for part in parts {
        match part {
            "toserver" | "to_server" => side = ProtocolSide::Direction(Direction::ToServer),
            "toclient" | "to_client" => side = ProtocolSide::Direction(Direction::ToClient),
            "original" => side = ProtocolSide::Original,
            // The protocol as it stands now; changes by upgrade show as the new one.
            "final" | "either" | "both" => {}
            _ => return Err(option.bad(format!("unknown option `{part}`"))),
        }
    }
    builder.conditions.push(Condition::AppLayerProtocol {
        app,
        unknown: name == "unknown",
        negated,
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

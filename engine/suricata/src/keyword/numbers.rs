//! Keywords that compare one number of the packet, the flow or a transaction.

use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{Buffer, Condition, FlowSide, NumberTest, Step, Which, parse_number};
use saola_net::Direction;

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("dsize", |builder, option| {
        packet(builder, option, Condition::PayloadSize)
    }),
    ("ttl", |builder, option| packet(builder, option, Condition::Ttl)),
    ("tos", |builder, option| packet(builder, option, Condition::Tos)),
    ("id", |builder, option| packet(builder, option, Condition::IpId)),
    ("itype", |builder, option| {
        packet(builder, option, Condition::IcmpType)
    }),
    ("icode", |builder, option| {
        packet(builder, option, Condition::IcmpCode)
    }),
    ("icmpv6.mtu", |builder, option| {
        packet(builder, option, Condition::IcmpMtu)
    }),
    ("tcp.mss", |builder, option| {
        packet(builder, option, Condition::TcpMss)
    }),
    ("vlan.layers", |builder, option| {
        packet(builder, option, Condition::VlanLayers)
    }),
    ("flow.age", |builder, option| {
        packet(builder, option, Condition::FlowAge)
    }),
    ("flow.pkts", |builder, option| {
        sided(builder, option, |side, test| Condition::FlowPackets {
            side,
            test,
        })
    }),
    ("flow.bytes", |builder, option| {
        sided(builder, option, |side, test| Condition::FlowBytes { side, test })
    }),
    ("flow.pkts_toserver", |builder, option| {
        packet(builder, option, |test| Condition::FlowPackets {
            side: FlowSide::ToServer,
            test,
        })
    }),
    ("flow.pkts_toclient", |builder, option| {
        packet(builder, option, |test| Condition::FlowPackets {
            side: FlowSide::ToClient,
            test,
        })
    }),
    ("flow.bytes_toserver", |builder, option| {
        packet(builder, option, |test| Condition::FlowBytes {
            side: FlowSide::ToServer,
            test,
        })
    }),
    ("flow.bytes_toclient", |builder, option| {
        packet(builder, option, |test| Condition::FlowBytes {
            side: FlowSide::ToClient,
            test,
        })
    }),
    ("dns.opcode", |builder, option| {
        transaction(builder, option, Buffer::DnsOpcode, parse_number)
    }),
    ("dns.rcode", |builder, option| {
        transaction(builder, option, Buffer::DnsRcode, rcode)
    }),
    ("dns.rrtype", |builder, option| {
        transaction(builder, option, Buffer::DnsRrtype, rrtype)
    }),
    ("mqtt.type", |builder, option| {
        transaction(builder, option, Buffer::MqttType, mqtt_type)
    }),
    ("mqtt.qos", |builder, option| {
        transaction(builder, option, Buffer::MqttQos, parse_number)
    }),
    ("mqtt.protocol_version", |builder, option| {
        transaction(builder, option, Buffer::MqttVersion, parse_number)
    }),
    ("mqtt.reason_code", |builder, option| {
        transaction(builder, option, Buffer::MqttReasonCode, parse_number)
    }),
    ("mqtt.connack.return_code", |builder, option| {
        transaction(builder, option, Buffer::MqttReasonCode, parse_number)
    }),
    ("mqtt.flags", |builder, option| {
        bits(builder, option, Buffer::MqttFlags, &[("retain", 1), ("dup", 8)])
    }),
    ("mqtt.connect.flags", |builder, option| {
        let names = [
            ("username", 0x80),
            ("password", 0x40),
            ("will_retain", 0x20),
            ("will", 0x04),
            ("clean_session", 0x02),
        ];
        bits(builder, option, Buffer::MqttConnectFlags, &names)
    }),
    ("mqtt.connack.session_present", |builder, option| {
        transaction(builder, option, Buffer::MqttSessionPresent, yes_or_no)
    }),
    ("ftp.mode", |builder, option| {
        transaction(builder, option, Buffer::FtpMode, |text| match text {
            "active" => Some(1),
            "passive" => Some(0),
            _ => None,
        })
    }),
    ("ftp.dynamic_port", |builder, option| {
        transaction(builder, option, Buffer::FtpDynamicPort, parse_number)
    }),
    ("ftp.reply_received", |builder, option| {
        transaction(builder, option, Buffer::FtpReplyReceived, yes_or_no)
    }),
    ("filesize", |builder, option| {
        transaction(builder, option, Buffer::FileSize, parse_number)
    }),
];

fn test(option: &OptionText<'_>, text: &str) -> Result<NumberTest, Reason> {
    NumberTest::parse(text).ok_or_else(|| option.bad("is no number or comparison of numbers"))
}

fn packet(
    builder: &mut Builder<'_>,
    option: &OptionText<'_>,
    condition: impl Fn(NumberTest) -> Condition,
) -> Result<(), Reason> {
    let test = test(option, option.unquoted()?)?;
    builder.conditions.push(condition(test));
    Ok(())
}

fn sided(
    builder: &mut Builder<'_>,
    option: &OptionText<'_>,
    condition: impl Fn(FlowSide, NumberTest) -> Condition,
) -> Result<(), Reason> {
    let bad = || option.bad("write toserver|toclient|either, a comparison");
    let (side, rest) = option.required()?.split_once(',').ok_or_else(bad)?;
    let side = match side.trim() {
        "toserver" => FlowSide::ToServer,
        "toclient" => FlowSide::ToClient,
        "either" => FlowSide::Either,
        _ => return Err(bad()),
    };
    let test = test(option, rest)?;
    builder.conditions.push(condition(side, test));
    Ok(())
}

/// `yes`, `true` and their opposites, or a number.
fn yes_or_no(text: &str) -> Option<u64> {
    match text {
        "yes" | "true" => Some(1),
        "no" | "false" => Some(0),
        _ => parse_number(text),
    }
}

/// A number of a transaction: `[to_client,] test [, which]`.
pub(super) fn transaction(
    builder: &mut Builder<'_>,
    option: &OptionText<'_>,
    buffer: Buffer,
    names: fn(&str) -> Option<u64>,
) -> Result<(), Reason> {
    let mut parts = option.unquoted()?.split(',').map(str::trim).peekable();
    let way = match parts.peek() {
        Some(&("to_server" | "toserver")) => Some(Direction::ToServer),
        Some(&("to_client" | "toclient")) => Some(Direction::ToClient),
        _ => None,
    };
    if way.is_some() {
        parts.next();
    }
    let test = NumberTest::parse_with(parts.next().unwrap_or_default(), names)
        .ok_or_else(|| option.bad("is no number, known name or comparison"))?;
    let which = match parts.next() {
        None => Which::Any,
        Some(text) => which(text).ok_or_else(|| option.bad(format!("`{text}` is no index, any or all")))?,
    };
    if parts.next().is_some() {
        return Err(option.bad("write a comparison, then an index, any or all"));
    }
    builder.push_number(buffer, way, Step::Number(test, which));
    Ok(())
}

/// Which of several numbers are meant.
fn which(text: &str) -> Option<Which> {
    Some(match text {
        "any" => Which::Any,
        "all" => Which::All,
        "all1" => Which::AllOfSome,
        "or_absent" => Which::AnyOrAbsent,
        _ => {
            if let Some(count) = text.strip_prefix("nb") {
                Which::Passing(NumberTest::parse(count)?)
            } else if let Some(count) = text.strip_prefix("count") {
                Which::Count(NumberTest::parse(count)?)
            } else {
                Which::Index(text.parse().ok()?)
            }
        }
    })
}

/// Flags by name, each perhaps with `!`, or a number that the flags must be.
fn bits(
    builder: &mut Builder<'_>,
    option: &OptionText<'_>,
    buffer: Buffer,
    names: &[(&str, u64)],
) -> Result<(), Reason> {
    let text = option.unquoted()?;
    if let Some(test) = NumberTest::parse(text) {
        builder.push_number(buffer, None, Step::Number(test, Which::Any));
        return Ok(());
    }
    let (mut set, mut unset) = (0, 0);
    for word in text.split(',').map(str::trim) {
        let (place, word) = match word.strip_prefix('!') {
            Some(rest) => (&mut unset, rest.trim()),
            None => (&mut set, word),
        };
        let flag = names.iter().find(|(name, _)| *name == word);
        let (_, bit) = flag.ok_or_else(|| option.bad(format!("unknown flag `{word}`")))?;
        *place |= *bit;
    }
    builder.push_number(buffer, None, Step::Bits { set, unset });
    Ok(())
}

/// Control packet types of MQTT 5 section 2.1.2, from 1.
fn mqtt_type(text: &str) -> Option<u64> {
    const NAMES: [&str; 15] = [
        "CONNECT",
        "CONNACK",
        "PUBLISH",
        "PUBACK",
        "PUBREC",
        "PUBREL",
        "PUBCOMP",
        "SUBSCRIBE",
        "SUBACK",
        "UNSUBSCRIBE",
        "UNSUBACK",
        "PINGREQ",
        "PINGRESP",
        "DISCONNECT",
        "AUTH",
    ];
    let by_name = NAMES.iter().position(|name| name.eq_ignore_ascii_case(text));
    by_name.map(|at| at as u64 + 1).or_else(|| parse_number(text))
}

/// Response codes of RFC 1035 and RFC 2136.
fn rcode(text: &str) -> Option<u64> {
    const NAMES: [&str; 11] = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET",
        "NOTAUTH", "NOTZONE",
    ];
    let by_name = NAMES.iter().position(|name| name.eq_ignore_ascii_case(text));
    by_name.map(|at| at as u64).or_else(|| parse_number(text))
}

/// Record types of <https://www.iana.org/assignments/dns-parameters>.
fn rrtype(text: &str) -> Option<u64> {
    const NAMES: &[(&str, u64)] = &[
        ("A", 1),
        ("NS", 2),
        ("CNAME", 5),
        ("SOA", 6),
        ("NULL", 10),
        ("PTR", 12),
        ("HINFO", 13),
        ("MX", 15),
        ("TXT", 16),
        ("AAAA", 28),
        ("SRV", 33),
        ("NAPTR", 35),
        ("OPT", 41),
        ("DS", 43),
        ("RRSIG", 46),
        ("NSEC", 47),
        ("DNSKEY", 48),
        ("TLSA", 52),
        ("SVCB", 64),
        ("HTTPS", 65),
        ("SPF", 99),
        ("AXFR", 252),
        ("ANY", 255),
        ("CAA", 257),
    ];
    let by_name = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    by_name.map(|(_, number)| *number).or_else(|| parse_number(text))
}

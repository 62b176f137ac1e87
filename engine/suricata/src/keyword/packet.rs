//! Keywords of packet headers.

use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{Condition, FlagsMode, FlagsTest, NumberTest, StreamSide, VlanLayer, parse_number};

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("flags", flags),
    ("tcp.flags", flags),
    ("seq", |builder, option| {
        exact(option).map(|seq| builder.conditions.push(Condition::TcpSeq(seq)))
    }),
    ("tcp.seq", |builder, option| {
        exact(option).map(|seq| builder.conditions.push(Condition::TcpSeq(seq)))
    }),
    ("ack", |builder, option| {
        exact(option).map(|ack| builder.conditions.push(Condition::TcpAck(ack)))
    }),
    ("tcp.ack", |builder, option| {
        exact(option).map(|ack| builder.conditions.push(Condition::TcpAck(ack)))
    }),
    ("window", window),
    ("tcp.window", window),
    ("fragbits", fragbits),
    ("fragoffset", fragoffset),
    ("ipopts", ipopts),
    ("ip_proto", ip_proto),
    ("sameip", |builder, option| {
        option.bare()?;
        builder.conditions.push(Condition::SameIp);
        Ok(())
    }),
    ("icmp_id", |builder, option| {
        exact16(option).map(|id| builder.conditions.push(Condition::IcmpId(id)))
    }),
    ("icmp_seq", |builder, option| {
        exact16(option).map(|seq| builder.conditions.push(Condition::IcmpSeq(seq)))
    }),
    ("stream_size", stream_size),
    ("vlan.id", vlan_id),
    ("ipv4-csum", |builder, option| checksum(builder, option, "ipv4")),
    ("tcpv4-csum", |builder, option| checksum(builder, option, "tcpv4")),
    ("tcpv6-csum", |builder, option| checksum(builder, option, "tcpv6")),
    ("udpv4-csum", |builder, option| checksum(builder, option, "udpv4")),
    ("udpv6-csum", |builder, option| checksum(builder, option, "udpv6")),
    ("icmpv4-csum", |builder, option| {
        checksum(builder, option, "icmpv4")
    }),
    ("icmpv6-csum", |builder, option| {
        checksum(builder, option, "icmpv6")
    }),
];

fn exact<T: TryFrom<u64>>(option: &OptionText<'_>) -> Result<T, Reason> {
    parse_number(option.unquoted()?)
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| option.bad("is no number, or it is out of range"))
}

fn exact16(option: &OptionText<'_>) -> Result<u16, Reason> {
    exact(option)
}

/// Letters or names of TCP flags to bits; digits 1 and 2 are the old names of CWR and ECE.
fn tcp_bits(text: &str) -> Option<u16> {
    let mut bits = 0;
    for word in text.split(',').map(|word| word.trim().to_ascii_lowercase()) {
        bits |= match word.as_str() {
            "fin" => 0x01,
            "syn" => 0x02,
            "rst" => 0x04,
            "psh" | "push" => 0x08,
            "ack" => 0x10,
            "urg" => 0x20,
            "ece" => 0x40,
            "cwr" => 0x80,
            letters => letters.chars().try_fold(0, |bits, letter| {
                Some(
                    bits | match letter {
                        'f' => 0x01,
                        's' => 0x02,
                        'r' => 0x04,
                        'p' => 0x08,
                        'a' => 0x10,
                        'u' => 0x20,
                        'e' | '2' => 0x40,
                        'c' | '1' => 0x80,
                        '0' => 0,
                        _ => return None,
                    },
                )
            })?,
        };
    }
    Some(bits)
}

/// Modifier before or after the bits.
fn mode(text: &str) -> (FlagsMode, &str) {
    let text = text.trim();
    for (mark, mode) in [
        ('+', FlagsMode::All),
        ('*', FlagsMode::Any),
        ('!', FlagsMode::Not),
    ] {
        if let Some(rest) = text.strip_prefix(mark).or_else(|| text.strip_suffix(mark)) {
            return (mode, rest.trim());
        }
    }
    (FlagsMode::Exact, text)
}

fn flags(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let bad = || {
        option.bad("unknown flag; write letters of FSRPAUEC0, a modifier +, * or ! and a mask after a comma")
    };
    let (mode, text) = mode(option.required()?);
    // `S,CE` is flags and mask, `R,A` too; `fin,ack` are names.
    let (bits, ignored) = match text.split_once(',') {
        Some((bits, mask)) if bits.trim().len() < 3 => (
            bits.trim(),
            tcp_bits(mask.trim_start_matches('!')).ok_or_else(bad)?,
        ),
        _ => (text, 0),
    };
    let bits = tcp_bits(bits).ok_or_else(bad)?;
    builder
        .conditions
        .push(Condition::TcpFlags(FlagsTest { bits, ignored, mode }));
    Ok(())
}

fn window(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.required()?;
    let (negated, text) = match text.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let value = text
        .trim()
        .parse()
        .map_err(|_| option.bad("is no number from 0 to 65535"))?;
    builder.conditions.push(Condition::TcpWindow { value, negated });
    Ok(())
}

/// Bits as in the header's first fragment word: R 0x8000, D 0x4000, M 0x2000.
fn fragbits(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let (mode, letters) = mode(option.required()?);
    let bits = letters.chars().try_fold(0, |bits, letter| {
        Some(
            bits | match letter.to_ascii_uppercase() {
                'R' => 0x8000,
                'D' => 0x4000,
                'M' => 0x2000,
                _ => return None,
            },
        )
    });
    let bits = bits.ok_or_else(|| option.bad("write letters of MDR with a modifier +, * or !"))?;
    builder.conditions.push(Condition::FragBits(FlagsTest {
        bits,
        ignored: 0,
        mode,
    }));
    Ok(())
}

fn fragoffset(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let test =
        NumberTest::parse(option.required()?).ok_or_else(|| option.bad("is no offset or comparison"))?;
    builder.conditions.push(Condition::FragOffset(test));
    Ok(())
}

/// Option numbers of <https://www.iana.org/assignments/ip-parameters>.
fn ipopts(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let number = match option.required()? {
        "any" => None,
        "eol" => Some(0),
        "nop" => Some(1),
        "rr" => Some(7),
        "ts" => Some(68),
        "sec" => Some(130),
        "lsrr" => Some(131),
        "esec" => Some(133),
        "cipso" => Some(134),
        "satid" => Some(136),
        "ssrr" => Some(137),
        "rtralt" => Some(148),
        "qs" => Some(25),
        _ => return Err(option.bad("unknown option name")),
    };
    builder.conditions.push(Condition::IpOption(number));
    Ok(())
}

fn ip_proto(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let by_name = |text: &str| {
        parse_number(text).filter(|number| *number <= 255).or_else(|| {
            Some(match text.to_ascii_lowercase().as_str() {
                "icmp" => 1,
                "igmp" => 2,
                "tcp" => 6,
                "udp" => 17,
                "gre" => 47,
                "esp" => 50,
                "ah" => 51,
                "ipv6-icmp" | "icmpv6" => 58,
                "sctp" => 132,
                _ => return None,
            })
        })
    };
    let test = NumberTest::parse_with(option.unquoted()?, by_name)
        .ok_or_else(|| option.bad("is no protocol number, name or comparison"))?;
    builder.conditions.push(Condition::IpProtocol(test));
    Ok(())
}

fn stream_size(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let parts: Vec<&str> = option.required()?.split(',').map(str::trim).collect();
    let bad = || option.bad("write server|client|both|either, an operator, a number");
    let [side, operator, number] = parts.as_slice() else {
        return Err(bad());
    };
    let side = match *side {
        "client" => StreamSide::Client,
        "server" => StreamSide::Server,
        "both" => StreamSide::Both,
        "either" => StreamSide::Either,
        _ => return Err(bad()),
    };
    let test = NumberTest::parse(&format!("{operator}{number}")).ok_or_else(bad)?;
    builder.conditions.push(Condition::StreamSize { side, test });
    Ok(())
}

fn vlan_id(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let (test, layer) = match option.required()?.split_once(',') {
        None => (option.required()?, VlanLayer::Any),
        Some((test, layer)) => {
            let layer = match layer.trim() {
                "any" => VlanLayer::Any,
                "all" => VlanLayer::All,
                index => VlanLayer::Index(
                    index
                        .parse()
                        .ok()
                        .filter(|index| (-3..=2).contains(index))
                        .ok_or_else(|| option.bad("the layer is -3 to 2, any or all"))?,
                ),
            };
            (test, layer)
        }
    };
    let test = NumberTest::parse(test)
        .filter(|test| test.value < 4096)
        .ok_or_else(|| option.bad("is no VLAN number from 1 to 4094 or comparison"))?;
    builder.conditions.push(Condition::VlanId { layer, test });
    Ok(())
}

fn checksum(builder: &mut Builder<'_>, option: &OptionText<'_>, layer: &'static str) -> Result<(), Reason> {
    let valid = match option.unquoted()? {
        "valid" => true,
        "invalid" => false,
        _ => return Err(option.bad("write valid or invalid")),
    };
    builder.conditions.push(Condition::Checksum { layer, valid });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_texts() {
        assert_eq!(tcp_bits("SA"), Some(0x12));
        assert_eq!(tcp_bits("12"), Some(0xc0));
        assert_eq!(tcp_bits("fin,ack"), Some(0x11));
        assert_eq!(tcp_bits("X"), None);
        assert_eq!(mode("+SA"), (FlagsMode::All, "SA"));
        assert_eq!(mode("SA+"), (FlagsMode::All, "SA"));
    }
}

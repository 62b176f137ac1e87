//! Memory of flows and hosts: `flowbits`, `flowint`, `xbits`, `hostbits`.

use smallvec::SmallVec;

use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{BitOp, BitTrack, Condition, Effect, FlowintOp, HostBit, HostBitStore, Operand};

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("flowbits", flowbits),
    ("flowint", flowint),
    ("xbits", xbits),
    ("hostbits", hostbits),
];

/// How long an xbit stays when the rule does not say: the language's default is 30 s, for hostbits 300 s.
const XBITS_EXPIRE_SECONDS: u32 = 30;
const HOSTBITS_EXPIRE_SECONDS: u32 = 300;

fn bit_op(text: &str) -> Option<BitOp> {
    Some(match text {
        "isset" => BitOp::IsSet,
        "isnotset" => BitOp::IsNotSet,
        "set" => BitOp::Set,
        "unset" => BitOp::Unset,
        "toggle" => BitOp::Toggle,
        _ => return None,
    })
}

fn flowbits(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.required()?;
    if text == "noalert" {
        builder.silent = true;
        return Ok(());
    }
    let (op, names) = text
        .split_once(',')
        .ok_or_else(|| option.bad("write command,name"))?;
    let op = bit_op(op.trim()).ok_or_else(|| option.bad(format!("unknown command `{}`", op.trim())))?;
    let bits: SmallVec<[u32; 2]> = names
        .split('|')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| builder.shared.bits.id(&format!("flowbits:{name}")))
        .collect();
    match (op, bits.as_slice()) {
        (_, []) => return Err(option.bad("the name is missing")),
        (BitOp::IsSet | BitOp::IsNotSet, _) => builder.conditions.push(Condition::Flowbits { op, bits }),
        (_, [bit]) => builder.effects.push(Effect::Flowbit { op, bit: *bit }),
        _ => return Err(option.bad("several names go with isset and isnotset only")),
    }
    Ok(())
}

fn flowint(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut parts = option.required()?.split(',').map(str::trim);
    let bad = || option.bad("write name,operator,number or name");
    let (name, operator) = (parts.next().ok_or_else(bad)?, parts.next().ok_or_else(bad)?);
    let counter = builder.shared.bits.id(&format!("flowint:{name}"));
    let mut operand = || {
        let text = parts.next().ok_or_else(bad)?;
        if text.starts_with(|letter: char| letter.is_ascii_digit()) {
            return text
                .parse()
                .map(Operand::Fixed)
                .map_err(|_| option.bad("the number is out of range"));
        }
        Ok(Operand::Counter(
            builder.shared.bits.id(&format!("flowint:{text}")),
        ))
    };
    let op = match operator {
        "isset" => FlowintOp::IsSet,
        "isnotset" | "notset" => FlowintOp::IsNotSet,
        "=" => FlowintOp::Assign(operand()?),
        "+" => FlowintOp::Add(operand()?),
        "-" => FlowintOp::Subtract(operand()?),
        "<" => FlowintOp::Less(operand()?),
        "<=" => FlowintOp::LessOrEqual(operand()?),
        ">" => FlowintOp::Greater(operand()?),
        ">=" => FlowintOp::GreaterOrEqual(operand()?),
        "==" => FlowintOp::Equal(operand()?),
        "!=" => FlowintOp::NotEqual(operand()?),
        _ => return Err(option.bad(format!("unknown operator `{operator}`"))),
    };
    if matches!(
        op,
        FlowintOp::Assign(_) | FlowintOp::Add(_) | FlowintOp::Subtract(_)
    ) {
        builder.effects.push(Effect::Flowint { counter, op });
    } else {
        builder.conditions.push(Condition::Flowint { counter, op });
    }
    Ok(())
}

fn xbits(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.required()?;
    if text == "noalert" {
        builder.silent = true;
        return Ok(());
    }
    let mut parts = text.split(',').map(str::trim);
    let op = parts.next().unwrap_or_default();
    let op = bit_op(op).ok_or_else(|| option.bad(format!("unknown command `{op}`")))?;
    let name = parts
        .next()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| option.bad("the name is missing"))?;
    let (mut track, mut expire_seconds) = (None, XBITS_EXPIRE_SECONDS);
    for part in parts {
        match part
            .split_once(char::is_whitespace)
            .map(|(name, value)| (name, value.trim()))
        {
            Some(("track", "ip_src")) => track = Some(BitTrack::Source),
            Some(("track", "ip_dst")) => track = Some(BitTrack::Destination),
            Some(("track", "ip_pair")) => track = Some(BitTrack::Pair),
            Some(("track", "tx")) => {
                return Err(Reason::unsupported(option.name, "track tx is not supported yet"));
            }
            Some(("expire", seconds)) => {
                expire_seconds = seconds
                    .parse()
                    .map_err(|_| option.bad("expire is no number of seconds"))?;
            }
            _ => return Err(option.bad(format!("unknown option `{part}`"))),
        }
    }
    let bit = HostBit {
        store: HostBitStore::Xbits,
        op,
        bit: builder.shared.bits.id(&format!("xbits:{name}")),
        track: track.ok_or_else(|| option.bad("track is missing"))?,
        expire_seconds,
    };
    host_bit(builder, bit);
    Ok(())
}

fn hostbits(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.required()?;
    if text == "noalert" {
        builder.silent = true;
        return Ok(());
    }
    let mut parts = text.split(',').map(str::trim);
    let op = parts.next().unwrap_or_default();
    let op = bit_op(op).ok_or_else(|| option.bad(format!("unknown command `{op}`")))?;
    let name = parts
        .next()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| option.bad("the name is missing"))?;
    let track = match parts.next() {
        None | Some("src") => BitTrack::Source,
        Some("dst") => BitTrack::Destination,
        Some("both") => BitTrack::Pair,
        Some(other) => return Err(option.bad(format!("unknown direction `{other}`"))),
    };
    let bit = HostBit {
        store: HostBitStore::Hostbits,
        op,
        bit: builder.shared.bits.id(&format!("hostbits:{name}")),
        track,
        expire_seconds: HOSTBITS_EXPIRE_SECONDS,
    };
    host_bit(builder, bit);
    Ok(())
}

fn host_bit(builder: &mut Builder<'_>, bit: HostBit) {
    if matches!(bit.op, BitOp::IsSet | BitOp::IsNotSet) {
        builder.conditions.push(Condition::HostBit(bit));
    } else {
        builder.effects.push(Effect::HostBit(bit));
    }
}

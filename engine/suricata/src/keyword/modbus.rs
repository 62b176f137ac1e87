//! `modbus`: function, access and unit of a Modbus request.
//!
//! A field is one request as `saola_net::proto::modbus` writes it: unit, function, access bits, category bits, whether
//! a sub-function follows, the sub-function in 2 bytes, first and last address in 2 bytes each, then written values of 2 bytes.

use super::Builder;
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{Buffer, CustomTest, NumberTest, Step, parse_number};

#[derive(Clone, Default)]
struct Wanted {
    unit: Option<NumberTest>,
    function: Option<u64>,
    sub_function: Option<u64>,
    category: Option<(u8, bool)>,
    access: u8,
    address: Option<NumberTest>,
    value: Option<NumberTest>,
}

/// Bits of an access.
const ACCESS: &[(&str, u8)] = &[
    ("read", 1),
    ("write", 2),
    ("discretes", 4),
    ("coils", 8),
    ("input", 16),
    ("holding", 32),
];

/// Bits of a function's category.
const CATEGORY: &[(&str, u8)] = &[
    ("assigned", 1),
    ("unassigned", 2),
    ("public", 3),
    ("user", 4),
    ("reserved", 8),
    ("all", 15),
];

pub(super) fn modbus(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut wanted = Wanted::default();
    for part in option.unquoted()?.split(',').map(str::trim) {
        let (word, rest) = part.split_once(' ').unwrap_or((part, ""));
        let rest = rest.trim();
        match word {
            "unit" => wanted.unit = Some(test(option, rest)?),
            "function" => function(&mut wanted, option, rest)?,
            "subfunction" => wanted.sub_function = Some(number(option, rest)?),
            "access" => {
                for word in rest.split_whitespace() {
                    wanted.access |=
                        named(ACCESS, word).ok_or_else(|| option.bad(format!("unknown access `{word}`")))?;
                }
            }
            "address" => wanted.address = Some(test(option, rest)?),
            "value" => wanted.value = Some(test(option, rest)?),
            _ => return Err(option.bad(format!("unknown part `{word}`"))),
        }
    }
    builder.push_number(
        Buffer::Modbus,
        None,
        Step::Custom(CustomTest::new(move |request| holds(&wanted, request))),
    );
    Ok(())
}

fn function(wanted: &mut Wanted, option: &OptionText<'_>, text: &str) -> Result<(), Reason> {
    let (negated, name) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
    match named(CATEGORY, &name.to_ascii_lowercase()) {
        Some(bits) => wanted.category = Some((bits, negated)),
        None => wanted.function = Some(number(option, text)?),
    }
    Ok(())
}

fn named(names: &[(&str, u8)], word: &str) -> Option<u8> {
    names
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, bits)| *bits)
}

fn number(option: &OptionText<'_>, text: &str) -> Result<u64, Reason> {
    parse_number(text).ok_or_else(|| option.bad(format!("`{text}` is no number")))
}

fn test(option: &OptionText<'_>, text: &str) -> Result<NumberTest, Reason> {
    NumberTest::parse(text).ok_or_else(|| option.bad(format!("`{text}` is no comparison of numbers")))
}

fn holds(wanted: &Wanted, request: &[u8]) -> bool {
    let [
        unit,
        function,
        access,
        category,
        has_sub,
        s1,
        s0,
        a1,
        a0,
        b1,
        b0,
        values @ ..,
    ] = request
    else {
        return false;
    };
    let wide = |high: &u8, low: &u8| u64::from(u16::from_be_bytes([*high, *low]));
    let (first, last) = (wide(a1, a0), wide(b1, b0));
    wanted.unit.is_none_or(|test| test.holds((*unit).into()))
        && wanted
            .function
            .is_none_or(|number| number == u64::from(*function))
        && wanted
            .sub_function
            .is_none_or(|number| *has_sub == 1 && number == wide(s1, s0))
        && wanted
            .category
            .is_none_or(|(bits, negated)| (category & bits != 0) != negated)
        && access & wanted.access == wanted.access
        && wanted
            .address
            .is_none_or(|test| (first..=last).any(|address| test.holds(address)))
        && wanted.value.is_none_or(|test| {
            values
                .chunks_exact(2)
                .any(|value| matches!(value, [high, low] if test.holds(wide(high, low))))
        })
}

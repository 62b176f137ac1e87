//! Address and port lists: negation, nesting, ranges, `$VARIABLES`.
//!
//! A list is the union of what it names less the union of what it negates; a list of negations alone starts from
//! everything. Equal texts share one set: 31,000 rules name a few hundred.

use std::net::IpAddr;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::config::Variables;
use crate::diagnostic::Reason;
use crate::rule::{AddressSet, PortSet, RangeSet};

/// How deep lists and variables may nest: more is a mistake or an attack (`$A` that names `$A`).
const MAX_DEPTH: u8 = 16;

/// Reads lists and remembers what it has read.
pub(crate) struct Groups<'a> {
    variables: &'a Variables,
    addresses: FxHashMap<String, Arc<AddressSet>>,
    ports: FxHashMap<String, Arc<PortSet>>,
}

/// What address and port lists have in common.
trait Kind: Sized {
    const WHAT: &'static str;
    fn any() -> Self;
    fn none() -> Self;
    fn leaf(text: &str) -> Result<Self, String>;
    fn variable<'v>(variables: &'v Variables, name: &str) -> Option<&'v str>;
    fn union(self, other: &Self) -> Self;
    fn subtract(self, other: &Self) -> Self;
    fn empty(&self) -> bool;
}

impl<'a> Groups<'a> {
    pub(crate) fn new(variables: &'a Variables) -> Self {
        Self {
            variables,
            addresses: FxHashMap::default(),
            ports: FxHashMap::default(),
        }
    }

    pub(crate) fn addresses(&mut self, text: &str) -> Result<Arc<AddressSet>, Reason> {
        if let Some(set) = self.addresses.get(text) {
            return Ok(Arc::clone(set));
        }
        let set = Arc::new(whole::<AddressSet>(self.variables, text)?);
        self.addresses.insert(text.to_owned(), Arc::clone(&set));
        Ok(set)
    }

    pub(crate) fn ports(&mut self, text: &str) -> Result<Arc<PortSet>, Reason> {
        if let Some(set) = self.ports.get(text) {
            return Ok(Arc::clone(set));
        }
        let set = Arc::new(whole::<PortSet>(self.variables, text)?);
        self.ports.insert(text.to_owned(), Arc::clone(&set));
        Ok(set)
    }
}

fn whole<K: Kind>(variables: &Variables, text: &str) -> Result<K, Reason> {
    let set: K = item(variables, text.trim(), 0)?;
    if set.empty() {
        return Err(bad::<K>(text, "holds nothing"));
    }
    Ok(set)
}

fn item<K: Kind>(variables: &Variables, text: &str, depth: u8) -> Result<K, Reason> {
    if depth > MAX_DEPTH {
        return Err(bad::<K>(
            text,
            "lists or variables nest too deep, or a variable names itself",
        ));
    }
    if let Some(rest) = text.strip_prefix('!') {
        let inner: K = item(variables, rest.trim_start(), depth + 1)?;
        return Ok(K::any().subtract(&inner));
    }
    if let Some(list) = text.strip_prefix('[') {
        let list = list
            .strip_suffix(']')
            .ok_or_else(|| bad::<K>(text, "`]` is missing"))?;
        return self::list(variables, list, depth);
    }
    if let Some(name) = text.strip_prefix('$') {
        let value = K::variable(variables, name).ok_or_else(|| Reason::Variable(name.to_owned()))?;
        // A variable may be a list without brackets: "10.0.0.0/8,192.168.0.0/16".
        let value = value.trim();
        return if value.starts_with(['[', '!', '$']) || !value.contains(',') {
            item(variables, value, depth + 1)
        } else {
            list(variables, value, depth + 1)
        };
    }
    if text.eq_ignore_ascii_case("any") {
        return Ok(K::any());
    }
    K::leaf(text).map_err(|why| bad::<K>(text, &why))
}

fn list<K: Kind>(variables: &Variables, text: &str, depth: u8) -> Result<K, Reason> {
    let (mut named, mut negated, mut any_named) = (K::none(), K::none(), false);
    for part in split_list(text) {
        let part = part.trim();
        match part.strip_prefix('!') {
            Some(part) => negated = negated.union(&item(variables, part.trim_start(), depth + 1)?),
            None => {
                any_named = true;
                named = named.union(&item(variables, part, depth + 1)?);
            }
        }
    }
    let base = if any_named { named } else { K::any() };
    Ok(base.subtract(&negated))
}

/// Splits at the commas outside brackets.
fn split_list(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    text.split(move |letter| {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    })
}

fn bad<K: Kind>(text: &str, why: &str) -> Reason {
    // Lists of addresses can be kilobytes long; the message shows the beginning.
    let mut shown: String = text.chars().take(60).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    Reason::Group {
        what: K::WHAT,
        text: shown,
        why: why.to_owned(),
    }
}

impl Kind for AddressSet {
    const WHAT: &'static str = "address";

    fn any() -> Self {
        Self::any()
    }

    fn none() -> Self {
        Self::none()
    }

    fn leaf(text: &str) -> Result<Self, String> {
        let address = |text: &str| {
            text.trim()
                .parse::<IpAddr>()
                .map_err(|_| "is no IP address, network or range".to_owned())
        };
        let (low, high) = if let Some((network, mask)) = text.split_once('/') {
            network_range(address(network)?, mask.trim())?
        } else if let Some((low, high)) = text.split_once('-') {
            (address(low)?, address(high)?)
        } else {
            let single = address(text)?;
            (single, single)
        };
        let mut set = Self::none();
        match (low, high) {
            (IpAddr::V4(low), IpAddr::V4(high)) if low <= high => {
                set.v4 = RangeSet::from_ranges(vec![(low.into(), high.into())]);
            }
            (IpAddr::V6(low), IpAddr::V6(high)) if low <= high => {
                set.v6 = RangeSet::from_ranges(vec![(low.into(), high.into())]);
            }
            _ => return Err("the range is the wrong way round or mixes IPv4 and IPv6".to_owned()),
        }
        Ok(set)
    }

    fn variable<'v>(variables: &'v Variables, name: &str) -> Option<&'v str> {
        variables.addresses.get(name).map(String::as_str)
    }

    fn union(self, other: &Self) -> Self {
        Self {
            v4: self.v4.union(&other.v4),
            v6: self.v6.union(&other.v6),
        }
    }

    fn subtract(self, other: &Self) -> Self {
        Self {
            v4: self.v4.subtract(&other.v4),
            v6: self.v6.subtract(&other.v6),
        }
    }

    fn empty(&self) -> bool {
        self.is_empty()
    }
}

/// First and last address of a network; the mask is a number of bits or a dotted IPv4 mask.
fn network_range(address: IpAddr, mask: &str) -> Result<(IpAddr, IpAddr), String> {
    let wrong = || "the mask is wrong".to_owned();
    match address {
        IpAddr::V4(address) => {
            let mask: u32 = if let Ok(dotted) = mask.parse::<std::net::Ipv4Addr>() {
                dotted.into()
            } else {
                let bits: u32 = mask.parse().ok().filter(|bits| *bits <= 32).ok_or_else(wrong)?;
                u32::MAX.checked_shl(32 - bits).unwrap_or(0)
            };
            let low = u32::from(address) & mask;
            Ok((IpAddr::V4(low.into()), IpAddr::V4((low | !mask).into())))
        }
        IpAddr::V6(address) => {
            let bits: u32 = mask.parse().ok().filter(|bits| *bits <= 128).ok_or_else(wrong)?;
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            let low = u128::from(address) & mask;
            Ok((IpAddr::V6(low.into()), IpAddr::V6((low | !mask).into())))
        }
    }
}

impl Kind for PortSet {
    const WHAT: &'static str = "port";

    fn any() -> Self {
        Self::any()
    }

    fn none() -> Self {
        Self(RangeSet::empty())
    }

    fn leaf(text: &str) -> Result<Self, String> {
        let port = |text: &str| {
            text.trim()
                .parse::<u16>()
                .map_err(|_| "is no port from 0 to 65535 or range".to_owned())
        };
        let (low, high) = match text.split_once(':') {
            Some((low, "")) => (port(low)?, u16::MAX),
            Some(("", high)) => (0, port(high)?),
            Some((low, high)) => (port(low)?, port(high)?),
            None => (port(text)?, port(text)?),
        };
        if low > high {
            return Err("the range is the wrong way round".to_owned());
        }
        Ok(Self(RangeSet::from_ranges(vec![(low, high)])))
    }

    fn variable<'v>(variables: &'v Variables, name: &str) -> Option<&'v str> {
        variables.ports.get(name).map(String::as_str)
    }

    fn union(self, other: &Self) -> Self {
        Self(self.0.union(&other.0))
    }

    fn subtract(self, other: &Self) -> Self {
        Self(self.0.subtract(&other.0))
    }

    fn empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str, value: &str) -> bool {
        let variables = Variables::default();
        Groups::new(&variables)
            .addresses(text)
            .unwrap()
            .contains(value.parse().unwrap())
    }

    fn refusal(text: &str) -> String {
        let mut variables = Variables::default();
        variables.addresses.insert("LOOP".into(), "$LOOP".into());
        let mut groups = Groups::new(&variables);
        groups.addresses(text).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn addresses() {
        assert!(address("any", "8.8.8.8") && address("any", "::1"));
        assert!(address("$HOME_NET", "172.31.255.255") && !address("$HOME_NET", "172.32.0.0"));
        assert!(address("$EXTERNAL_NET", "2001:db8::1") && !address("$EXTERNAL_NET", "10.1.1.1"));
        assert!(address("[10.0.0.0/8, ![10.1.0.0/16,10.2.0.1]]", "10.3.0.0"));
        assert!(!address("[10.0.0.0/8, ![10.1.0.0/16,10.2.0.1]]", "10.2.0.1"));
        assert!(address("![1.2.3.4,5.0.0.0/8]", "1.2.3.5") && !address("![1.2.3.4,5.0.0.0/8]", "5.1.1.1"));
        assert!(address("10.0.0.1-10.0.0.9", "10.0.0.9") && !address("10.0.0.1-10.0.0.9", "10.0.0.10"));
        assert!(address("10.0.0.0/255.255.0.0", "10.0.9.9") && address("2001:db8::/32", "2001:db8:1::"));
        assert!(address("0.0.0.0/0", "1.1.1.1") && address("::/0", "::2"));
    }

    #[test]
    fn refusals_say_why() {
        assert!(refusal("$NONE").contains("vars.address-groups.NONE"));
        assert!(refusal("$LOOP").contains("names itself"));
        assert!(refusal("10.0.0.300").contains("is no IP address"));
        assert!(refusal("10.0.0.0/33").contains("mask"));
        assert!(refusal("!any").contains("holds nothing"));
        assert!(refusal("[10.0.0.1").contains("`]` is missing"));
        assert!(refusal(&"[".repeat(40)).contains("missing"));
        assert!(refusal(&format!("{}10.0.0.1{}", "[".repeat(40), "]".repeat(40))).contains("nest too deep"));
        assert!(refusal("10.0.0.9-10.0.0.1").contains("wrong way round"));
    }

    #[test]
    fn ports() {
        let variables = Variables::default();
        let mut groups = Groups::new(&variables);
        let set = groups.ports("[80,8000:8100,!8050,9000:,:10]").unwrap();
        let held = [0, 10, 80, 8000, 8100, 65535];
        assert!(held.iter().all(|port| set.contains(*port)));
        assert!([11, 79, 8050, 8999].iter().all(|port| !set.contains(*port)));
        assert!(!groups.ports("$SHELLCODE_PORTS").unwrap().contains(80));
        assert!(groups.ports("70000").unwrap_err().to_string().contains("65535"));
        assert!(
            groups
                .ports("90:80")
                .unwrap_err()
                .to_string()
                .contains("wrong way round")
        );
    }
}

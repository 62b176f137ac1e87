//! Rules without a pattern, found by the address or port that their header asks for.
//!
//! Every rule stands under the one part of its header that takes the least of the world: few rules are left that every
//! packet has to be held against. What comes out are candidates; the whole header is checked afterwards.

use std::net::IpAddr;

use crate::rule::{AddressSet, Bound, Header, RangeSet, Rule};

/// Rules by elementary ranges of one number: sorted starts, and the rules of the range that begins there.
#[derive(Debug)]
struct Ranges<T> {
    starts: Vec<T>,
    rules: Vec<Box<[u32]>>,
}

impl<T> Default for Ranges<T> {
    fn default() -> Self {
        Self {
            starts: Vec::new(),
            rules: Vec::new(),
        }
    }
}

impl<T: Copy + Ord> Ranges<T> {
    /// From inclusive ranges with their rules; `next` gives the number after one.
    fn new(ranges: &[(T, T, u32)], next: impl Fn(T) -> Option<T>) -> Self {
        let mut edges: Vec<(T, bool, u32)> = Vec::with_capacity(ranges.len() * 2);
        for (low, high, rule) in ranges {
            edges.push((*low, true, *rule));
            edges.extend(next(*high).map(|after| (after, false, *rule)));
        }
        edges.sort_unstable();
        let (mut index, mut open) = (Self::default(), std::collections::BTreeSet::new());
        for at in edges.chunk_by(|a, b| a.0 == b.0) {
            for (_, begins, rule) in at {
                if *begins {
                    open.insert(*rule);
                } else {
                    open.remove(rule);
                }
            }
            index.starts.extend(at.first().map(|(start, ..)| *start));
            index.rules.push(open.iter().copied().collect());
        }
        index
    }

    fn of(&self, value: T) -> &[u32] {
        let after = self.starts.partition_point(|start| *start <= value);
        after
            .checked_sub(1)
            .and_then(|place| self.rules.get(place))
            .map_or(&[], |rules| rules)
    }
}

/// Rules under the most telling part of their headers.
#[derive(Debug, Default)]
pub(crate) struct HeaderIndex {
    source_ports: Ranges<u16>,
    destination_ports: Ranges<u16>,
    sources: Addresses,
    destinations: Addresses,
    /// Rules whose header tells little.
    rest: Vec<u32>,
    len: usize,
}

#[derive(Debug, Default)]
struct Addresses {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

/// Which part of a header a rule stands under.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Sources,
    Destinations,
    SourcePorts,
    DestinationPorts,
    Rest,
}

/// A part that takes more than one in so many tells little.
const TELLING: f64 = 1.0 / 16.0;

impl HeaderIndex {
    /// Sorts rules (by their numbers, with their headers) into place.
    pub(crate) fn new<'a>(rules: impl Iterator<Item = (u32, &'a Rule)>) -> Self {
        let mut sorted: [Vec<(u32, &Header)>; 4] = Default::default();
        let mut index = Self::default();
        for (number, rule) in rules {
            index.len += 1;
            match sorted.get_mut(most_telling(rule) as usize) {
                Some(part) => part.push((number, &rule.header)),
                None => index.rest.push(number),
            }
        }
        let [sources, destinations, source_ports, destination_ports] = sorted;
        index.sources = addresses(&sources, |header| &header.source);
        index.destinations = addresses(&destinations, |header| &header.destination);
        index.source_ports = ports(&source_ports, |header| &header.source_ports.0);
        index.destination_ports = ports(&destination_ports, |header| &header.destination_ports.0);
        index
    }

    /// Whether no rule is in it.
    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends the rules that may fit a packet or flow; each once.
    pub(crate) fn candidates(&self, source: (IpAddr, u16), destination: (IpAddr, u16), out: &mut Vec<u32>) {
        out.extend(&self.rest);
        out.extend(self.source_ports.of(source.1));
        out.extend(self.destination_ports.of(destination.1));
        out.extend(self.sources.of(source.0));
        out.extend(self.destinations.of(destination.0));
    }

    /// Appends the rules whose header tells little: for packets without addresses.
    pub(crate) fn unaddressed(&self, out: &mut Vec<u32>) {
        out.extend(&self.rest);
    }
}

impl Addresses {
    fn of(&self, address: IpAddr) -> &[u32] {
        match address {
            IpAddr::V4(address) => self.v4.of(address.into()),
            IpAddr::V6(address) => self.v6.of(address.into()),
        }
    }
}

fn addresses(rules: &[(u32, &Header)], side: impl Fn(&Header) -> &AddressSet) -> Addresses {
    let v4: Vec<_> = flat(rules.iter().map(|(rule, header)| (*rule, &side(header).v4)));
    let v6: Vec<_> = flat(rules.iter().map(|(rule, header)| (*rule, &side(header).v6)));
    Addresses {
        v4: Ranges::new(&v4, |last| last.checked_add(1)),
        v6: Ranges::new(&v6, |last| last.checked_add(1)),
    }
}

fn ports(rules: &[(u32, &Header)], side: impl Fn(&Header) -> &RangeSet<u16>) -> Ranges<u16> {
    let ranges: Vec<_> = flat(rules.iter().map(|(rule, header)| (*rule, side(header))));
    Ranges::new(&ranges, |last| last.checked_add(1))
}

fn flat<'a, T: Bound + 'a>(sets: impl Iterator<Item = (u32, &'a RangeSet<T>)>) -> Vec<(T, T, u32)> {
    sets.flat_map(|(rule, set)| set.ranges().iter().map(move |(low, high)| (*low, *high, rule)))
        .collect()
}

fn most_telling(rule: &Rule) -> Part {
    let header = &rule.header;
    // Either way round: no one part of it decides.
    if header.both_ways || rule.two_sided {
        return Part::Rest;
    }
    let parts = [
        (share_of_addresses(&header.source), Part::Sources),
        (share_of_addresses(&header.destination), Part::Destinations),
        (share_of_ports(&header.source_ports.0), Part::SourcePorts),
        (
            share_of_ports(&header.destination_ports.0),
            Part::DestinationPorts,
        ),
    ];
    let least = parts.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    least
        .filter(|(share, _)| *share <= TELLING)
        .map_or(Part::Rest, |(_, part)| part)
}

/// Which part of the world a set takes. A home network is few addresses and most of the traffic: sets of at least a /16
/// count as everything.
fn share_of_addresses(set: &AddressSet) -> f64 {
    let wide = set.v4.ranges().iter().any(|(low, high)| high - low >= 0xffff)
        || set
            .v6
            .ranges()
            .iter()
            .any(|(low, high)| high - low >= u128::MAX >> 48);
    let taken: f64 = set
        .v4
        .ranges()
        .iter()
        .map(|(low, high)| f64::from(high - low) + 1.0)
        .sum();
    if wide { 1.0 } else { taken / f64::from(u32::MAX) }
}

/// High ports are many and rare, low ones few and common: a port set counts by its size.
fn share_of_ports(set: &RangeSet<u16>) -> f64 {
    let taken: f64 = set
        .ranges()
        .iter()
        .map(|(low, high)| f64::from(high - low) + 1.0)
        .sum();
    taken / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{RuleConfig, RuleSet, RuleText};

    fn rules(lines: &[&str]) -> Vec<Rule> {
        let rule = |(sid, header): (usize, &&str)| format!("alert tcp {header} (sid:{};)\n", sid + 1);
        let text: String = lines.iter().enumerate().map(rule).collect();
        let texts = [RuleText {
            path: "t",
            text: &text,
        }];
        let (set, diagnostics) = RuleSet::load(&texts, &RuleConfig::default());
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        set.rules
    }

    const HEADERS: &[&str] = &[
        "any any -> any any",
        "any any -> any 80",
        "any 53 -> any any",
        "[192.0.2.1,198.51.100.0/24] any -> any any",
        "any any -> [203.0.113.5,2001:db8::1] 443",
        "any any <> any 22",
        "any any -> any ![80,443]",
        "any any -> any [80:90,85:100]",
        "10.0.0.0/8 any -> any 8000:9000",
        "!10.0.0.0/8 any -> any 80",
    ];

    #[test]
    fn no_rule_that_fits_is_left_out_and_each_comes_once() {
        let rules = rules(HEADERS);
        let index = HeaderIndex::new((0..).zip(&rules));
        let hosts = [
            "192.0.2.1",
            "198.51.100.77",
            "198.51.101.0",
            "203.0.113.5",
            "2001:db8::1",
            "2001:db8::2",
            "10.1.2.3",
        ];
        let hosts = hosts.map(|host| host.parse::<IpAddr>().unwrap());
        let ports = [
            0, 22, 53, 79, 80, 85, 90, 91, 100, 101, 443, 8000, 8500, 9001, 65535,
        ];
        for (source, destination) in hosts.iter().flat_map(|a| hosts.map(|b| (*a, b))) {
            for (from, to) in ports.iter().flat_map(|a| ports.map(|b| (*a, b))) {
                let mut found = Vec::new();
                index.candidates((source, from), (destination, to), &mut found);
                let all = found.len();
                found.sort_unstable();
                found.dedup();
                assert_eq!(found.len(), all, "a rule came twice");
                for (number, rule) in (0..).zip(&rules) {
                    let fits = rule.header.fits((source, from), (destination, to));
                    assert!(
                        !fits || found.contains(&number),
                        "{} at {source}:{from} {destination}:{to}",
                        HEADERS[number as usize]
                    );
                }
            }
        }
    }

    #[test]
    fn telling_headers_stand_under_their_part() {
        let rules = rules(HEADERS);
        let index = HeaderIndex::new((0..).zip(&rules));
        assert_eq!(index.rest, [0, 5, 6]);
        let mut found = Vec::new();
        index.candidates(
            ("192.0.2.9".parse().unwrap(), 1),
            ("192.0.2.8".parse().unwrap(), 2),
            &mut found,
        );
        assert_eq!(found, [0, 5, 6]);
    }
}

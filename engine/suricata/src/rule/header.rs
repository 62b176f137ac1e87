//! Addresses and ports of a rule's header, as sets.

use std::net::IpAddr;

use super::range_set::RangeSet;

/// Addresses that a side of a rule's header takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddressSet {
    pub(crate) v4: RangeSet<u32>,
    pub(crate) v6: RangeSet<u128>,
}

impl AddressSet {
    /// `any`.
    pub fn any() -> Self {
        Self {
            v4: RangeSet::full(),
            v6: RangeSet::full(),
        }
    }

    pub(crate) const fn none() -> Self {
        Self {
            v4: RangeSet::empty(),
            v6: RangeSet::empty(),
        }
    }

    /// Whether the address belongs to the set.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(address.into()),
            IpAddr::V6(address) => self.v6.contains(address.into()),
        }
    }

    /// Whether it holds every address.
    pub fn is_any(&self) -> bool {
        self.v4.is_full() && self.v6.is_full()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }
}

/// Ports that a side of a rule's header takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PortSet(pub(crate) RangeSet<u16>);

impl PortSet {
    /// `any`.
    pub fn any() -> Self {
        Self(RangeSet::full())
    }

    /// Whether the port belongs to the set.
    pub fn contains(&self, port: u16) -> bool {
        self.0.contains(port)
    }

    /// Whether it holds every port.
    pub fn is_any(&self) -> bool {
        self.0.is_full()
    }
}

/// A rule's header but for action and protocol. Sets are shared between rules that name the same groups.
#[derive(Clone, Debug)]
pub struct Header {
    /// Where it comes from.
    pub source: std::sync::Arc<AddressSet>,
    /// From which ports.
    pub source_ports: std::sync::Arc<PortSet>,
    /// Where it goes.
    pub destination: std::sync::Arc<AddressSet>,
    /// To which ports.
    pub destination_ports: std::sync::Arc<PortSet>,
    /// `<>`: the other way round counts too.
    pub both_ways: bool,
}

impl Header {
    /// Whether addresses and ports fit, in the order given or, for `<>`, in either.
    pub fn fits(&self, source: (IpAddr, u16), destination: (IpAddr, u16)) -> bool {
        self.fits_in_order(source, destination) || (self.both_ways && self.fits_in_order(destination, source))
    }

    fn fits_in_order(&self, source: (IpAddr, u16), destination: (IpAddr, u16)) -> bool {
        self.destination_ports.contains(destination.1)
            && self.source_ports.contains(source.1)
            && self.destination.contains(destination.0)
            && self.source.contains(source.0)
    }
}

//! Firewalls and gateways.

pub(super) mod fortinet;
pub(super) mod gateways;
pub(super) mod iptables;
pub(super) mod juniper;
pub(super) mod mikrotik;
pub(super) mod pairs;
pub(super) mod paloalto;
pub(super) mod pf;
pub(super) mod watchguard;

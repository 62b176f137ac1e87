//! Firewalls and gateways.

pub(super) mod fortinet;
pub(super) mod iptables;
pub(super) mod mikrotik;
pub(super) mod pairs;
pub(super) mod paloalto;
pub(super) mod pf;
pub(super) mod watchguard;

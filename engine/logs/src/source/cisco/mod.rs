//! Cisco: the ASA/FTD firewalls and the `%FACILITY-SEVERITY-MNEMONIC` messages of IOS and NX-OS.

pub(super) mod asa;
pub(super) mod ios;

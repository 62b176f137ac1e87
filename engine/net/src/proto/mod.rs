//! Application protocols, one folder each: how to tell it by its bytes, its parser, its transactions, its EVE record.

pub mod dcerpc;
pub mod dhcp;
pub mod dnp3;
pub mod dns;
pub mod enip;
pub mod ftp;
pub mod http;
pub mod imap;
pub mod krb5;
pub mod ldap;
pub mod mqtt;
pub mod ntp;
pub mod pgsql;
pub mod rfb;
pub mod sip;
pub mod smb;
pub mod smtp;
pub mod snmp;
pub mod ssh;
pub mod telnet;
pub mod tftp;
pub mod tls;

mod ber;
mod config;
pub mod fileinfo;
mod held;
mod le_text;
mod magic;
mod reader;
#[cfg(test)]
mod testing;
mod text;

use config::window_bytes;
pub use config::{AppConfig, HashChoice, HttpConfig, SmtpConfig};

pub use magic::magic;
pub use text::{hex_colons, hex_string, text};

use crate::app::{AppProto, Parser, Probe};
use crate::flow::Direction;

/// One protocol as the detection of protocols sees it.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    /// Its name.
    pub proto: AppProto,
    /// IP protocols it runs over: 6 and/or 17.
    pub transports: &'static [u8],
    /// Server ports where it is usual: they only break ties.
    pub ports: &'static [u16],
    /// Looked for on these ports only: its bytes are too ordinary to be told anywhere.
    pub bound: bool,
    /// Looks at the first bytes of one direction.
    pub probe: fn(Direction, &[u8]) -> Probe,
    /// Makes a parser for one flow over the given IP protocol.
    pub parser: fn(&AppConfig, u8) -> Box<dyn Parser>,
}

/// All protocols, the surest probes first.
pub static PROTOCOLS: &[Protocol] = &[
    http::PROTOCOL,
    tls::PROTOCOL,
    mqtt::PROTOCOL,
    smtp::PROTOCOL,
    ftp::PROTOCOL,
    sip::OVER_UDP,
    sip::OVER_TCP,
    ssh::PROTOCOL,
    smb::PROTOCOL,
    dcerpc::OVER_TCP,
    pgsql::PROTOCOL,
    rfb::PROTOCOL,
    telnet::PROTOCOL,
    imap::PROTOCOL,
    ldap::OVER_TCP,
    ldap::OVER_UDP,
    krb5::OVER_UDP,
    krb5::OVER_TCP,
    dhcp::PROTOCOL,
    dnp3::PROTOCOL,
    enip::OVER_TCP,
    enip::OVER_UDP,
    snmp::PROTOCOL,
    tftp::PROTOCOL,
    ntp::PROTOCOL,
    dcerpc::OVER_UDP,
    dns::OVER_UDP,
    dns::OVER_TCP,
    dns::MDNS,
    dns::LLMNR_UDP,
    dns::LLMNR_TCP,
];

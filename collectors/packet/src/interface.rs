//! Live interfaces: which there are, and the back ends to listen with.

use std::str::FromStr;

use crate::{CaptureError, PacketSource, portable};

/// How an interface is listened on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// TPACKET_V3: kernel time stamps, VLAN tags, drop counter. Linux.
    Ring,
    /// pnet: one system call per packet, no drop counter. Everywhere.
    Portable,
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "ring" => Ok(Self::Ring),
            "pnet" => Ok(Self::Portable),
            other => Err(format!(
                "there is no capture back end '{other}': use \"ring\" or \"pnet\""
            )),
        }
    }
}

/// The names of the interfaces of this machine, sorted. The system's order changes between calls, so interfaces are bound
/// by name and never by number.
pub fn interfaces() -> Vec<String> {
    let mut names: Vec<String> = pnet::datalink::interfaces()
        .into_iter()
        .map(|interface| interface.name)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Listens on an interface, seeing what others send to each other as well (promiscuous). Sources with the same `fanout`
/// group on one interface share its packets: all packets of a flow reach the same source.
pub fn open_interface(
    interface: &str,
    backend: Backend,
    fanout: Option<u16>,
) -> Result<Box<dyn PacketSource>, CaptureError> {
    let known = interfaces();
    if !known.iter().any(|name| name == interface) {
        return Err(CaptureError::NoInterface {
            interface: interface.to_owned(),
            known: known.join(", "),
        });
    }
    match backend {
        #[cfg(target_os = "linux")]
        Backend::Ring => Ok(Box::new(crate::ring::Ring::open(interface, fanout)?)),
        #[cfg(not(target_os = "linux"))]
        Backend::Ring => Ok(Box::new(portable::Portable::open(interface, fanout)?)),
        Backend::Portable => Ok(Box::new(portable::Portable::open(interface, fanout)?)),
    }
}

/// A system error of a capture step, with the one everybody meets said in words.
pub(crate) fn fault(interface: &str, step: &'static str, source: std::io::Error) -> CaptureError {
    let interface = interface.to_owned();
    if source.kind() == std::io::ErrorKind::PermissionDenied {
        return CaptureError::NoPermission { interface };
    }
    CaptureError::Interface {
        interface,
        step,
        source,
    }
}

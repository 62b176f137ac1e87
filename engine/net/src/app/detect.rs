//! Which protocol a flow speaks, told by the first bytes of each direction.

use super::{AppProto, Probe};
use crate::flow::Direction;
use crate::proto::{AppConfig, PROTOCOLS, Protocol};

/// First bytes of a direction that are kept while no probe is sure.
const PROBE_BYTES: usize = 4096;

/// What looking at the newest bytes gave.
#[derive(Clone, Copy, Debug)]
pub enum Detection {
    /// A probe is sure.
    Found(&'static Protocol),
    /// All probes say no, or too many bytes went by.
    Failed,
    /// More bytes are needed.
    Unsure,
}

/// Detection of one direction.
#[derive(Debug, Default)]
pub(super) struct SideDetection {
    /// What was found; `Unknown` while undecided.
    pub(super) proto: AppProto,
    /// Bytes that no parser has taken yet.
    pub(super) pending: Vec<u8>,
    /// Protocols whose probe said no, one bit each by its place in the list.
    excluded: u64,
}

impl SideDetection {
    /// Looks at the bytes so far (`pending` and then `bytes`).
    pub(super) fn look(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        transport: u8,
        server_port: u16,
        config: &AppConfig,
    ) -> Detection {
        let joined;
        let seen = if self.pending.is_empty() {
            bytes
        } else {
            joined = [self.pending.as_slice(), bytes].concat();
            &joined
        };
        let found = self.probe_all(direction, seen, (transport, server_port), config);
        match found {
            Detection::Found(protocol) => self.proto = protocol.proto,
            Detection::Failed => self.proto = AppProto::Failed,
            Detection::Unsure if seen.len() >= PROBE_BYTES => {
                self.proto = AppProto::Failed;
                return Detection::Failed;
            }
            Detection::Unsure => {}
        }
        found
    }

    fn probe_all(
        &mut self,
        direction: Direction,
        seen: &[u8],
        (transport, server_port): (u8, u16),
        config: &AppConfig,
    ) -> Detection {
        let name = if transport == 17 { "udp" } else { "tcp" };
        let mut unsure = false;
        let mut sure: Option<&'static Protocol> = None;
        for (index, protocol) in PROTOCOLS.iter().enumerate() {
            let bit = 1_u64 << (index & 63);
            let elsewhere = protocol.bound && !protocol.ports.contains(&server_port);
            if self.excluded & bit != 0 || elsewhere || !protocol.transports.contains(&transport) {
                continue;
            }
            let probe = match (protocol.probe)(direction, seen) {
                // Looked up for a find only: the switches are kept by name.
                Probe::Yes if !config.is_enabled(protocol.proto.name(), name) => Probe::No,
                probe => probe,
            };
            match probe {
                Probe::Yes if protocol.ports.contains(&server_port) => return Detection::Found(protocol),
                Probe::Yes => sure = sure.or(Some(protocol)),
                Probe::No => self.excluded |= bit,
                Probe::Unsure => unsure = true,
            }
        }
        match sure {
            Some(protocol) => Detection::Found(protocol),
            None if unsure => Detection::Unsure,
            None => Detection::Failed,
        }
    }

    /// Keeps bytes for the parser that may yet be found.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        let room = PROBE_BYTES.saturating_sub(self.pending.len());
        self.pending.extend(bytes.iter().take(room));
    }
}

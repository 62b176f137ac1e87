//! The application layer of one flow: detection, parser, transactions.

use saola_event::Timestamp;

use super::detect::{Detection, SideDetection};
use super::{AppContext, AppEvent, AppProto, Frames, Parser, Transactions};
use crate::flow::Direction;
use crate::proto::{AppConfig, Protocol};

/// What the application layer is told beside the bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LayerInput<'a> {
    /// Limits and switches of the protocols.
    pub config: &'a AppConfig,
    /// Capture time of the packet.
    pub time: Timestamp,
    /// Its number.
    pub packet_number: u64,
    /// Client's and server's port.
    pub ports: (u16, u16),
    /// IP protocol.
    pub transport: u8,
    /// Who is the client is a guess: the flow's beginning was not seen.
    pub may_reverse: bool,
}

const UDP: u8 = 17;

/// The parser of a protocol that is told and nothing more.
#[derive(Debug)]
pub(crate) struct DetectionOnly;

impl Parser for DetectionOnly {
    fn data(&mut self, _direction: Direction, _bytes: &[u8], _cx: &mut AppContext<'_>) {}

    fn gap(&mut self, _direction: Direction, _missing: u64, _cx: &mut AppContext<'_>) {}

    fn end(&mut self, _direction: Direction, _cx: &mut AppContext<'_>) {}

    fn is_done(&self, _direction: Direction) -> bool {
        true
    }
}

/// The application layer of one flow.
#[derive(Debug, Default)]
pub struct AppLayer {
    /// Transactions that are not finished and inspected yet.
    pub transactions: Transactions,
    /// Events of the flow that belong to no transaction.
    pub events: Vec<AppEvent>,
    /// Frames that the packet at hand completed.
    pub frames: Frames,
    /// What follows is encrypted: nobody need look at the stream any more.
    pub encrypted: bool,
    proto: AppProto,
    original: Option<AppProto>,
    reversed: bool,
    sides: [SideDetection; 2],
    parser: Option<Box<dyn Parser>>,
}

impl AppLayer {
    /// The flow's protocol.
    pub fn proto(&self) -> AppProto {
        self.proto
    }

    /// The protocol that the bytes of one direction showed.
    pub fn proto_of(&self, direction: Direction) -> AppProto {
        let [to_server, to_client] = &self.sides;
        match direction {
            Direction::ToServer => to_server.proto,
            Direction::ToClient => to_client.proto,
        }
    }

    /// The protocol before the flow changed to another (CONNECT, STARTTLS, Upgrade).
    pub fn original_proto(&self) -> Option<AppProto> {
        self.original
    }

    /// Whether nothing is gained from more bytes of this direction.
    pub fn is_done(&self, direction: Direction) -> bool {
        match &self.parser {
            Some(parser) => parser.is_done(direction),
            None => self.proto == AppProto::Failed,
        }
    }

    /// Takes the next bytes of one direction: in-order bytes of a stream, or one datagram.
    pub(crate) fn data(&mut self, direction: Direction, bytes: &[u8], input: LayerInput<'_>) {
        if bytes.is_empty() || self.proto == AppProto::Failed {
            return;
        }
        if self.parser.is_none() {
            self.detect(direction, bytes, input);
            return;
        }
        if self.proto_of(direction) == AppProto::Unknown {
            self.confirm(direction, bytes, input);
        }
        self.parse(direction, bytes, input);
    }

    /// Bytes of one direction are missing.
    pub(crate) fn gap(&mut self, direction: Direction, missing: u64, input: LayerInput<'_>) {
        if self.parser.is_some() {
            self.with_parser(input, |parser, cx| parser.gap(direction, missing, cx));
        } else if self.proto_of(direction) == AppProto::Unknown {
            self.fail(direction);
        }
    }

    /// One direction sends nothing more.
    pub(crate) fn end(&mut self, direction: Direction, input: LayerInput<'_>) {
        self.with_parser(input, |parser, cx| parser.end(direction, cx));
    }

    /// The stream engine stops giving bytes of this direction although more come.
    pub(crate) fn cut(&mut self, direction: Direction, input: LayerInput<'_>) {
        self.with_parser(input, |parser, cx| parser.cut(direction, cx));
    }

    fn side_mut(&mut self, direction: Direction) -> &mut SideDetection {
        let [to_server, to_client] = &mut self.sides;
        match direction {
            Direction::ToServer => to_server,
            Direction::ToClient => to_client,
        }
    }

    fn detect(&mut self, direction: Direction, bytes: &[u8], input: LayerInput<'_>) {
        if input.may_reverse
            && let Some(protocol) = self.reverse_protocol(direction, bytes, input)
        {
            self.reversed = true;
            self.sides.reverse();
            let (client, server) = input.ports;
            let ports = (server, client);
            let direction = direction.opposite();
            self.side_mut(direction).proto = protocol.proto;
            self.start(protocol, direction, bytes, LayerInput { ports, ..input });
            return;
        }
        let side = self.side_mut(direction);
        if side.proto == AppProto::Failed {
            if input.transport != UDP {
                side.keep(bytes);
            }
            return;
        }
        match side.look(direction, bytes, input.transport, input.ports.1, input.config) {
            Detection::Found(protocol) => self.start(protocol, direction, bytes, input),
            // A datagram is all there is: what does not tell by itself never will.
            Detection::Unsure | Detection::Failed if input.transport == UDP => self.fail(direction),
            Detection::Unsure => side.keep(bytes),
            Detection::Failed => {
                side.keep(bytes);
                self.fail(direction);
            }
        }
    }

    /// The protocol whose server speaks here although it was taken for the client: its bytes fit only that way round, or
    /// fit both ways and come from the protocol's port.
    fn reverse_protocol(
        &self,
        direction: Direction,
        bytes: &[u8],
        input: LayerInput<'_>,
    ) -> Option<&'static Protocol> {
        let is_first = self
            .sides
            .iter()
            .all(|side| side.proto == AppProto::Unknown && side.pending.is_empty());
        if !is_first {
            return None;
        }
        let look = |direction, port| {
            let found = SideDetection::default().look(direction, bytes, input.transport, port, input.config);
            if let Detection::Found(protocol) = found {
                Some(protocol)
            } else {
                None
            }
        };
        let reversed = look(direction.opposite(), input.ports.0)?;
        match look(direction, input.ports.1) {
            None => Some(reversed),
            Some(_) => {
                let ports = reversed.ports;
                (ports.contains(&input.ports.0) && !ports.contains(&input.ports.1)).then_some(reversed)
            }
        }
    }

    /// Says once that the flow must be turned round.
    pub(crate) fn take_reversal(&mut self) -> bool {
        std::mem::take(&mut self.reversed)
    }

    /// Whether the flow must be turned round before more bytes are given.
    pub(crate) fn is_reversed(&self) -> bool {
        self.reversed
    }

    /// Starts the parser and gives it what both directions sent so far.
    fn start(&mut self, protocol: &Protocol, direction: Direction, bytes: &[u8], input: LayerInput<'_>) {
        self.proto = protocol.proto;
        self.parser = Some(if input.config.is_detection_only(protocol.proto.name()) {
            Box::new(DetectionOnly)
        } else {
            (protocol.parser)(input.config, input.transport)
        });
        let other = direction.opposite();
        if self.proto_of(other) == AppProto::Failed && input.transport != UDP {
            self.event("applayer_detect_protocol_only_one_direction", direction, input);
        }
        let waiting = std::mem::take(&mut self.side_mut(other).pending);
        if !waiting.is_empty() {
            self.parse(other, &waiting, input);
        }
        let waiting = std::mem::take(&mut self.side_mut(direction).pending);
        if !waiting.is_empty() {
            self.parse(direction, &waiting, input);
        }
        self.parse(direction, bytes, input);
    }

    /// The other direction's first bytes, when the protocol is known already.
    fn confirm(&mut self, direction: Direction, bytes: &[u8], input: LayerInput<'_>) {
        let proto = self.proto;
        let side = self.side_mut(direction);
        match side.look(direction, bytes, input.transport, input.ports.1, input.config) {
            Detection::Found(other) if other.proto != proto => {
                self.event("applayer_mismatch_protocol_both_directions", direction, input);
            }
            Detection::Failed if input.transport != UDP => {
                self.event("applayer_detect_protocol_only_one_direction", direction, input);
            }
            Detection::Found(_) | Detection::Failed | Detection::Unsure => {}
        }
    }

    fn fail(&mut self, direction: Direction) {
        self.side_mut(direction).proto = AppProto::Failed;
        if self.proto_of(direction.opposite()) == AppProto::Failed {
            self.proto = AppProto::Failed;
            for side in &mut self.sides {
                side.pending = Vec::new();
            }
        }
    }

    fn event(&mut self, name: &'static str, direction: Direction, input: LayerInput<'_>) {
        self.events.push(AppEvent {
            name,
            direction,
            packet_number: input.packet_number,
            logged: false,
        });
    }

    fn parse(&mut self, direction: Direction, bytes: &[u8], input: LayerInput<'_>) {
        self.with_parser(input, |parser, cx| parser.data(direction, bytes, cx));
    }

    fn with_parser(&mut self, input: LayerInput<'_>, act: impl FnOnce(&mut dyn Parser, &mut AppContext<'_>)) {
        let Some(parser) = &mut self.parser else {
            return;
        };
        let mut probe_again = false;
        let mut cx = AppContext {
            transactions: &mut self.transactions,
            events: &mut self.events,
            frames: &mut self.frames,
            time: input.time,
            packet_number: input.packet_number,
            ports: input.ports,
            config: input.config,
            encrypted: &mut self.encrypted,
            probe_again: &mut probe_again,
        };
        act(parser.as_mut(), &mut cx);
        if probe_again {
            self.parser = None;
            self.transactions.restart();
            self.original = self.original.or(Some(self.proto));
            self.proto = AppProto::Unknown;
            self.sides = Default::default();
        }
    }
}

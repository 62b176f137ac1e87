//! A conversation with a parser, for the tests of the protocols.

use crate::app::{AppContext, AppEvent, Frames, Parser, Transactions};
use crate::flow::Direction;
use crate::proto::AppConfig;
use saola_event::Timestamp;

/// A parser with everything that a flow would give it. Each call is a packet.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) parser: Box<dyn Parser>,
    pub(crate) transactions: Transactions,
    pub(crate) events: Vec<AppEvent>,
    pub(crate) frames: Frames,
    pub(crate) config: AppConfig,
    pub(crate) encrypted: bool,
    pub(crate) probe_again: bool,
    pub(crate) ports: (u16, u16),
    packet_number: u64,
}

impl Talk {
    pub(crate) fn new(parser: Box<dyn Parser>) -> Self {
        Self {
            parser,
            transactions: Transactions::default(),
            events: Vec::new(),
            frames: Frames::default(),
            config: AppConfig::default(),
            encrypted: false,
            probe_again: false,
            ports: (40_000, 80),
            packet_number: 0,
        }
    }

    fn with(&mut self, act: impl FnOnce(&mut dyn Parser, &mut AppContext<'_>)) {
        self.packet_number += 1;
        let mut cx = AppContext {
            transactions: &mut self.transactions,
            events: &mut self.events,
            frames: &mut self.frames,
            time: Timestamp::from_micros(i64::try_from(self.packet_number).unwrap_or(0)),
            packet_number: self.packet_number,
            ports: self.ports,
            config: &self.config,
            encrypted: &mut self.encrypted,
            probe_again: &mut self.probe_again,
        };
        act(self.parser.as_mut(), &mut cx);
    }

    pub(crate) fn data(&mut self, direction: Direction, bytes: &[u8]) {
        self.with(|parser, cx| parser.data(direction, bytes, cx));
    }

    pub(crate) fn gap(&mut self, direction: Direction, missing: u64) {
        self.with(|parser, cx| parser.gap(direction, missing, cx));
    }

    pub(crate) fn end(&mut self, direction: Direction) {
        self.with(|parser, cx| parser.end(direction, cx));
    }
}

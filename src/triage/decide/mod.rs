//! Looks at alerts and commands and decides what changes.

mod commands;
mod correlate;
mod grouping;
mod index;

use std::sync::Arc;

use saola_event::{Alert, Timestamp};

use super::{Change, Command, CommandError, Effect, Made, Recorded, Records, State};
use crate::agency::AssetTable;
use index::Index;

/// What a batch of alerts and commands changes: the entries for the journal, in order, and what they do to the records.
#[derive(Debug, Default)]
pub struct Outcome {
    /// For the journal.
    pub entries: Vec<Recorded>,
    /// For the store and the readers.
    pub effects: Vec<Effect>,
}

/// Who acts when nobody does.
pub const SYSTEM: &str = "system";

/// The state, and the judgement over it.
pub struct Triage {
    state: State,
    index: Index,
    assets: Arc<AssetTable>,
}

impl Triage {
    /// Goes on from a state.
    pub fn new(state: State, assets: Arc<AssetTable>) -> Self {
        let index = Index::of(state.records());
        Self { state, index, assets }
    }

    /// Goes back to records that are safe, after changes that could not be written down.
    pub fn reset(&mut self, records: Records) {
        self.index = Index::of(&records);
        self.state = State::new(records);
    }

    /// The state with everything decided so far.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The records with everything decided so far.
    pub fn records(&self) -> &Records {
        self.state.records()
    }

    /// Groups alerts, and opens or extends incidents. `at` is when it is decided; all windows go by the alerts' own
    /// times.
    pub fn alerts(&mut self, alerts: Vec<Alert>, at: Timestamp, outcome: &mut Outcome) {
        let mut desk = Making {
            triage: self,
            at,
            actor: SYSTEM.into(),
            outcome,
        };
        let touched = grouping::group(&mut desk, alerts);
        for group in touched {
            correlate::correlate(&mut desk, group);
        }
    }

    /// Carries out what somebody asks for, or says why not and changes nothing.
    ///
    /// # Errors
    /// Why it may not be.
    pub fn command(
        &mut self,
        actor: &Arc<str>,
        at: Timestamp,
        command: Command,
        outcome: &mut Outcome,
    ) -> Result<Made, CommandError> {
        let mut desk = Making {
            triage: self,
            at,
            actor: Arc::clone(actor),
            outcome,
        };
        commands::carry_out(&mut desk, command)
    }
}

/// Changes being made at one time by one actor: each is applied at once, so that the next is decided on what is then.
struct Making<'a> {
    triage: &'a mut Triage,
    at: Timestamp,
    actor: Arc<str>,
    outcome: &'a mut Outcome,
}

impl Making<'_> {
    fn records(&self) -> &Records {
        self.triage.state.records()
    }

    fn make(&mut self, change: Change) {
        let seq = self.records().applied + 1;
        let entry = Recorded {
            seq,
            time: self.at,
            actor: Arc::clone(&self.actor),
            change,
        };
        let before = self.outcome.effects.len();
        self.triage.state.apply(&entry, &mut self.outcome.effects);
        for effect in self.outcome.effects.iter().skip(before) {
            self.triage.index.follow(effect);
        }
        self.outcome.entries.push(entry);
    }
}

#[cfg(test)]
mod tests;

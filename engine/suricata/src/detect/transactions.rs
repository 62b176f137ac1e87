//! Rules on transactions: each direction once per stage it reaches, body buffers as they grow.

use std::sync::Arc;

use saola_event::Evidence;
use saola_net::Direction;
use saola_net::app::{Transaction, TxData};
use saola_net::flow::Flow;
use saola_net::packet::Packet;

use super::conditions::{self, Scene};
use super::evaluate::{self, Tested};
use super::state::{Candidate, FlowState, SideState, TransactionState};
use super::working::Working;
use super::{Detector, Look, extract};
use crate::compile::{CompiledRules, TransactionGroup, is_streaming};
use crate::inspect::Limits;
use crate::inspect::transform::apply;
use crate::rule::{App, Buffer, BufferTest, Condition, Rule, Stage};

/// Transactions of a flow that may wait for a look.
const MAX_WAITING: usize = 1024;

/// A look at one direction of one transaction.
struct View<'a> {
    tx: &'a Transaction,
    direction: Direction,
    stage: Stage,
    /// Bytes of the body so far.
    body: u64,
    /// The growing buffers may be looked at now.
    body_due: bool,
}

impl View<'_> {
    /// Whether a buffer that is not there will not come: HTTP tells by stages, others when they are done.
    fn knows_absence(&self) -> bool {
        self.stage == Stage::Complete || matches!(self.tx.data, TxData::Http(_))
    }
}

impl Detector {
    /// Rules on the transactions of a packet's direction.
    pub(super) fn inspect_transactions(
        &mut self,
        packet: Option<&Packet<'_>>,
        flow: &mut Flow,
        state: &mut FlowState,
        at: Look,
    ) {
        if flow.app.transactions.is_empty() {
            return;
        }
        let rules = Arc::clone(&self.rules);
        let Some(app) = App::of(flow.app.proto()) else {
            return;
        };
        let groups = Direction::BOTH.map(|direction| rules.transaction_group(app, direction));
        let [to_server, to_client] = groups;
        let group = if at.direction == Direction::ToServer {
            to_server
        } else {
            to_client
        };
        if let Some(group) = group {
            let ids: smallvec::SmallVec<[u64; 4]> = flow.app.transactions.iter().map(|tx| tx.id).collect();
            for id in ids {
                self.inspect_transaction(&rules, group, packet, flow, state, at, id);
            }
        }
        // What nobody wants to look at any more may go.
        let way = at.direction.index();
        for tx in flow.app.transactions.iter_mut() {
            let done = match group {
                None => true,
                Some(_) => state
                    .transactions
                    .iter()
                    .find(|known| known.id == tx.id)
                    .is_some_and(|known| known.sides.get(way).is_some_and(|side| side.done)),
            };
            if done && let Some(inspected) = tx.inspected.get_mut(way) {
                *inspected = true;
            }
            let one_way = one_way(tx);
            for ((inspected, group), direction) in tx.inspected.iter_mut().zip(groups).zip(Direction::BOTH) {
                // Datagrams that are never answered must not wait for a packet of the other direction.
                *inspected |= group.is_none() || one_way.is_some_and(|way| way != direction);
            }
        }
        self.bound(flow);
        state.transactions.retain(|known| {
            flow.app
                .transactions
                .iter()
                .any(|tx| tx.id == known.id && tx.inspected != [true; 2])
        });
    }

    /// Finished transactions that wait for a look from a direction that is silent do so up to a number.
    fn bound(&mut self, flow: &mut Flow) {
        let excess = flow.app.transactions.len().saturating_sub(MAX_WAITING);
        let waiting = flow
            .app
            .transactions
            .iter_mut()
            .filter(|tx| tx.complete == [true; 2]);
        for tx in waiting.take(excess) {
            self.counters.transactions_unseen += u64::from(tx.inspected != [true; 2]);
            tx.inspected = [true; 2];
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one look, taken apart only for its length"
    )]
    fn inspect_transaction(
        &mut self,
        rules: &CompiledRules,
        group: &TransactionGroup,
        packet: Option<&Packet<'_>>,
        flow: &Flow,
        state: &mut FlowState,
        at: Look,
        id: u64,
    ) {
        let Some(tx) = flow.app.transactions.iter().find(|tx| tx.id == id) else {
            return;
        };
        let way = at.direction.index();
        if tx.inspected.get(way).copied().unwrap_or(true) {
            return;
        }
        // Taken out while it is looked at: effects write into the rest of the flow's memory.
        let mut own = std::mem::take(state.transaction(id));
        own.id = id;
        if let Some(side) = own.sides.get_mut(way) {
            let view = self.view(tx, side, at.direction);
            self.gather(group, &view, side, at.direction);
            if !side.begun {
                side.begun = true;
                side.add(&group.always);
            }
            gather_events(group, tx, &mut own, way);
            share_two_sided(rules, &mut own, way);
            let bits = std::mem::take(&mut self.bits);
            let scene = Scene {
                packet,
                flow: Some(flow),
                direction: at.direction,
                number: at.number,
                time: at.time,
                bits: &bits,
                ends: conditions::ends(packet, Some(flow), at.direction),
            };
            self.check_candidates(rules, &view, &scene, &mut own, way, state);
            self.bits = bits;
            if let Some(side) = own.sides.get_mut(way)
                && view.stage == Stage::Complete
            {
                side.done = true;
                side.candidates = Vec::new();
            }
        }
        *state.transaction(id) = own;
    }

    fn view<'a>(&self, tx: &'a Transaction, side: &SideState, direction: Direction) -> View<'a> {
        let stage = extract::stage(tx, direction);
        let body = body_size(tx, direction);
        let minimal = match direction {
            Direction::ToServer => self.config.request_body_minimal,
            Direction::ToClient => self.config.response_body_minimal,
        };
        let grown =
            body >= minimal && (side.body_seen == 0 || body >= side.body_seen + self.config.body_step);
        View {
            tx,
            direction,
            stage,
            body,
            body_due: stage == Stage::Complete || (stage == Stage::Body && grown),
        }
    }

    /// Runs the automata whose buffers are new, and adds the rules they bring.
    fn gather(
        &mut self,
        group: &TransactionGroup,
        view: &View<'_>,
        side: &mut SideState,
        direction: Direction,
    ) {
        let mut found = std::mem::take(&mut self.scratch.candidates);
        found.clear();
        for (index, engine) in group.engines.iter().enumerate() {
            let streaming = is_streaming(engine.buffer);
            // Engines beyond the mask's width are scanned each time: slower, not blind.
            let bit = 1_u128.checked_shl(index as u32).unwrap_or(0);
            let due = if streaming {
                view.body_due
            } else if grows(view.tx, engine.buffer) {
                true
            } else {
                view.stage >= engine.buffer.stage() && side.scanned & bit == 0
            };
            if !due {
                continue;
            }
            let values = extract::bytes(view.tx, engine.buffer, direction);
            if values.is_empty() {
                continue;
            }
            // The fields of records may grow until they are complete: they are scanned again.
            if !matches!(view.tx.data, TxData::Record(_)) {
                side.scanned |= bit;
            }
            for value in &values {
                if let Some(value) = apply(&engine.transforms, value) {
                    engine.set.candidates(&value, &mut self.scratch.marks, &mut found);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        side.add(&found);
        self.scratch.candidates = found;
        if view.body_due {
            side.body_seen = view.body;
        }
    }

    fn check_candidates(
        &mut self,
        rules: &CompiledRules,
        view: &View<'_>,
        scene: &Scene<'_, '_>,
        own: &mut TransactionState,
        way: usize,
        state: &mut FlowState,
    ) {
        let Some(side) = own.sides.get_mut(way) else {
            return;
        };
        for candidate in side.candidates.iter_mut().filter(|candidate| !candidate.settled) {
            let Some(compiled) = rules.rules.get(candidate.rule as usize) else {
                continue;
            };
            let rule = &compiled.rule;
            if own.matched.contains(&candidate.rule) || !evaluate::header_holds(rule, scene) {
                candidate.settled = true;
                continue;
            }
            self.counters.checks += 1;
            compiled.count_check();
            let Some(evidence) = self.check_tests(rule, view, scene, candidate) else {
                continue;
            };
            let holds =
                evaluate::conditions_hold(rule, scene, Some(state), Some(view.tx)) && hook_holds(rule, view);
            // Without buffers, it is the transaction's state that counts: it may still change.
            candidate.settled = match hook(rule) {
                Some(repeats) => holds && !repeats,
                None => holds || view.stage == Stage::Complete || !rule.tests.is_empty(),
            };
            if !holds {
                continue;
            }
            if rule.two_sided || shares_sides(view.tx) {
                own.matched.push(candidate.rule);
            }
            self.matched(
                candidate.rule,
                compiled,
                scene,
                Some(state),
                Some(view.tx.id),
                evidence,
            );
        }
    }

    /// Tests what can be tested; the evidence when all holds. Settles the candidate when it can hold no more.
    fn check_tests(
        &mut self,
        rule: &Rule,
        view: &View<'_>,
        scene: &Scene<'_, '_>,
        candidate: &mut Candidate,
    ) -> Option<Vec<Evidence>> {
        let limits = self.config.limits;
        let mut work = std::mem::take(&mut self.scratch.work);
        work.begin(rule.slots);
        let mut evidence = evaluate::packet_tests(rule, scene, &mut work, limits);
        for test in &rule.tests {
            if !is_due(test, view) {
                evidence = None;
                continue;
            }
            match Self::test(test, view, scene, &mut work, limits) {
                Tested::Holds(found) => evidence
                    .iter_mut()
                    .for_each(|all| all.extend(found.iter().cloned())),
                outcome => {
                    evidence = None;
                    self.counters.inspection_limit += u64::from(outcome == Tested::Limit);
                    if is_final(test, view, &outcome) {
                        candidate.settled = true;
                        break;
                    }
                }
            }
        }
        self.scratch.work = work;
        if let Some(evidence) = &mut evidence {
            evidence.truncate(evaluate::MAX_EVIDENCE);
        }
        evidence
    }

    fn test(
        test: &BufferTest,
        view: &View<'_>,
        scene: &Scene<'_, '_>,
        work: &mut Working,
        limits: Limits,
    ) -> Tested {
        if !test.buffer.is_transactional() {
            return Self::test_beside(test, scene, work, limits);
        }
        match evaluate::test_transaction(test, view.tx, scene, work, limits) {
            // Not there although its time has come: that is what `absent` asks for.
            Tested::Missing if evaluate::asks_absence(test) && view.knows_absence() => {
                Tested::Holds(Vec::new())
            }
            other => other,
        }
    }

    /// Payload contents of a rule that also looks at a transaction: in the stream, else in the packet.
    fn test_beside(test: &BufferTest, scene: &Scene<'_, '_>, work: &mut Working, limits: Limits) -> Tested {
        if test.buffer != Buffer::Payload {
            return Tested::Holds(Vec::new());
        }
        let stream = scene
            .flow
            .and_then(|flow| flow.tcp.as_deref())
            .map(|tcp| tcp.side(scene.direction).window());
        let in_stream = stream.map(|window| evaluate::test_bytes(test, window.bytes, work, limits));
        match (in_stream, scene.packet) {
            (Some(Tested::Holds(evidence)), _) => Tested::Holds(evidence),
            (_, Some(packet)) => evaluate::test_bytes(test, packet.payload, work, limits),
            (Some(outcome), None) => outcome,
            (None, None) => Tested::Missing,
        }
    }
}

/// The only direction of a transaction that is one message.
fn one_way(tx: &Transaction) -> Option<Direction> {
    match &tx.data {
        TxData::Dns(dns) => Some(dns.direction),
        TxData::Sip(sip) => Some(sip.direction),
        TxData::Record(record) => record.direction(),
        _ => None,
    }
}

/// Events that are new on a transaction bring their rules.
fn gather_events(group: &TransactionGroup, tx: &Transaction, own: &mut TransactionState, way: usize) {
    if group.events.is_empty() || tx.events.is_empty() {
        return;
    }
    let rules: Vec<u32> = tx
        .events
        .iter()
        .filter_map(|event| group.events.get(event.name))
        .flatten()
        .copied()
        .filter(|rule| !own.fired.contains(rule))
        .collect();
    own.fired.extend(rules.iter().copied());
    if let Some(side) = own.sides.get_mut(way) {
        side.add(&rules);
    }
}

/// A rule over both sides is asked about by the looks of either.
fn share_two_sided(rules: &CompiledRules, own: &mut TransactionState, way: usize) {
    let two_sided = |rule: &u32| {
        rules
            .rules
            .get(*rule as usize)
            .is_some_and(|compiled| compiled.rule.two_sided)
    };
    let Some(side) = own.sides.get(way) else { return };
    let found: Vec<u32> = side
        .candidates
        .iter()
        .map(|candidate| candidate.rule)
        .filter(two_sided)
        .collect();
    if let Some(other) = own.sides.get_mut(1 - way.min(1)) {
        other.add(&found);
    }
}

/// Whether both sides show the same messages, so that a rule must not alert once for each.
fn shares_sides(tx: &Transaction) -> bool {
    matches!(tx.data, TxData::Mqtt(_))
}

/// Whether a rule hangs on a hook, and if so, whether every look counts.
fn hook(rule: &Rule) -> Option<bool> {
    rule.conditions.iter().find_map(|condition| match condition {
        Condition::Hook { repeats, .. } => Some(*repeats),
        _ => None,
    })
}

fn hook_holds(rule: &Rule, view: &View<'_>) -> bool {
    rule.conditions.iter().all(|condition| match condition {
        Condition::Hook {
            direction,
            stage,
            repeats,
        } => {
            let reached = if *repeats {
                view.stage == *stage && view.tx.updated.get(direction.index()) == Some(&true)
            } else {
                view.stage >= *stage
            };
            *direction == view.direction && reached
        }
        _ => true,
    })
}

/// Whether a test's buffer can be looked at now.
fn is_due(test: &BufferTest, view: &View<'_>) -> bool {
    if !test.buffer.is_transactional() {
        return true;
    }
    match test.direction() {
        // The other side's buffer, in a rule over both: its body is looked at when it is whole.
        Some(way) if way != view.direction => {
            let stage = extract::stage(view.tx, way);
            stage == Stage::Complete || (!is_streaming(test.buffer) && stage >= test.buffer.stage())
        }
        _ if is_streaming(test.buffer) => view.body_due,
        _ => view.stage >= test.buffer.stage(),
    }
}

/// Whether a test that does not hold now never will.
fn is_final(test: &BufferTest, view: &View<'_>, outcome: &Tested) -> bool {
    let stage = match test.direction() {
        Some(way) if way != view.direction => extract::stage(view.tx, way),
        _ => view.stage,
    };
    if stage == Stage::Complete {
        return true;
    }
    if matches!(view.tx.data, TxData::Record(_)) {
        return false;
    }
    match outcome {
        // A buffer that is there whole does not change; one that grows may.
        Tested::Fails | Tested::Limit => {
            !is_streaming(test.buffer) && test.buffer.is_transactional() && !grows(view.tx, test.buffer)
        }
        _ => false,
    }
}

/// Whether further values of a buffer may come while the transaction goes on: lines of a mail, messages of a session.
fn grows(tx: &Transaction, buffer: Buffer) -> bool {
    buffer.is_multiple() && matches!(tx.data, TxData::Smtp(_) | TxData::Mqtt(_))
}

fn body_size(tx: &Transaction, direction: Direction) -> u64 {
    match &tx.data {
        TxData::Http(http) => match direction {
            Direction::ToServer => http.request.body.window.total(),
            Direction::ToClient => http.response.body.window.total(),
        },
        _ => extract::file_bytes(tx, direction),
    }
}

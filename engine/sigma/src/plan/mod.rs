//! The compiled plan: which rules an event makes true, at a cost that hardly depends on how many rules there are.
//!
//! An event goes through four steps. Its set of log sources picks a *view*, the small plan of the rules that may look
//! at it. Each field's value is looked up in a memo or scanned once, which gives the *atoms* it makes true and the rules
//! it is a witness of. Without candidate rules the event is done. Otherwise the candidates' conditions are evaluated
//! over the atoms, and only here are tests run that no index can answer (expressions without a required text, networks,
//! numbers, other fields).

mod evaluate;
mod field;
mod grams;
mod lower;
mod memo;
mod scratch;
mod trie;
mod view;
mod witness;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;
use saola_event::{LogSource, LogSources};

use crate::RuleSet;
pub(crate) use evaluate::is_structured;
use lower::{Atom, Expr, Lowering, PlanTest};
pub use scratch::{Counts, Scratch};
use view::{Parts, View};

/// Views kept for sharing; more than there are combinations of real log sources.
const MAX_VIEWS: usize = 1024;

/// A rule set compiled for evaluation. Immutable but for the views it makes when they are first needed; share it behind
/// an `Arc` and give each thread a [`Scratch`].
#[derive(Debug)]
pub struct Plan {
    id: u64,
    rules: Arc<RuleSet>,
    fields: Vec<String>,
    tests: Vec<PlanTest>,
    atoms: Vec<Atom>,
    exprs: Vec<Expr>,
    /// The different log sources of rules, with the rules that ask for each.
    sources: Vec<(LogSource, Vec<usize>)>,
    views: RwLock<FxHashMap<Vec<usize>, Arc<View>>>,
}

impl Plan {
    /// Compiles a rule set.
    pub fn compile(rules: Arc<RuleSet>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut lowering = Lowering::default();
        let exprs = rules.rules().iter().map(|rule| lowering.rule(rule)).collect();
        let mut sources: Vec<(LogSource, Vec<usize>)> = Vec::new();
        let mut position: FxHashMap<&LogSource, usize> = FxHashMap::default();
        for (index, rule) in rules.rules().iter().enumerate() {
            let at = *position.entry(&rule.logsource).or_insert(sources.len());
            match sources.get_mut(at) {
                Some((_, of)) => of.push(index),
                None => sources.push((rule.logsource.clone(), vec![index])),
            }
        }
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            fields: lowering.fields,
            tests: lowering.tests,
            atoms: lowering.atoms,
            exprs,
            sources,
            views: RwLock::default(),
            rules,
        }
    }

    /// The rule set this was compiled from.
    pub fn rule_set(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// How many different questions all rules together ask.
    pub fn atoms(&self) -> usize {
        self.atoms.len()
    }

    /// The field names that rules ask for.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// The view of events of these log sources. Different sets that admit the same rules share one.
    fn view(&self, events: &LogSources) -> Arc<View> {
        let admitted: Vec<usize> = (0..self.sources.len())
            .filter(|at| {
                self.sources
                    .get(*at)
                    .is_some_and(|(asked, _)| events.admit(asked))
            })
            .collect();
        let known = self
            .views
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&admitted)
            .cloned();
        if let Some(view) = known {
            return view;
        }
        let mut rules: Vec<usize> = admitted
            .iter()
            .filter_map(|at| self.sources.get(*at))
            .flat_map(|(_, rules)| rules.iter().copied())
            .collect();
        rules.sort_unstable();
        let parts = Parts {
            fields: &self.fields,
            tests: &self.tests,
            atoms: &self.atoms,
            exprs: &self.exprs,
        };
        let view = Arc::new(View::new(&rules, &parts));
        let mut views = self.views.write().unwrap_or_else(PoisonError::into_inner);
        if views.len() >= MAX_VIEWS {
            views.clear();
        }
        Arc::clone(views.entry(admitted).or_insert(view))
    }
}

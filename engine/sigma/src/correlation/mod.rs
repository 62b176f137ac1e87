//! Correlations: several events that mean something together.

use crate::Fault;
use crate::rule::{Metadata, Rule};
use crate::yaml::Node;

/// A correlation rule.
#[derive(Clone, Debug)]
pub struct CorrelationRule {
    /// Title, id, level, tags and all the rest.
    pub metadata: Metadata,
}

impl CorrelationRule {
    pub(crate) fn read(_metadata: Metadata, node: &Node) -> Result<Self, Fault> {
        Err(Fault::new(
            node.at,
            "correlations are not supported yet by this version",
        ))
    }
}

pub(crate) fn resolve(_rules: &mut [Rule], _correlations: &mut [CorrelationRule]) -> Vec<(Metadata, Fault)> {
    Vec::new()
}

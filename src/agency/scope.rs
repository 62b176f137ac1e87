//! What part of the province a reader may see. Every read of groups, alerts and incidents takes one.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::AgencyTree;

/// The agencies a reader may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole province.
    All,
    /// These agencies; subtrees have been unfolded already.
    Agencies(BTreeSet<Arc<str>>),
}

impl Scope {
    /// The given agencies and all below them.
    pub fn of_subtrees<'a>(tree: &AgencyTree, roots: impl IntoIterator<Item = &'a str>) -> Self {
        let mut within = BTreeSet::new();
        for root in roots {
            within.insert(Arc::from(root));
            within.extend(
                tree.iter()
                    .filter(|agency| tree.is_within(&agency.id, root))
                    .map(|agency| Arc::clone(&agency.id)),
            );
        }
        Self::Agencies(within)
    }

    /// Whether things of this agency may be seen.
    pub fn admits(&self, agency: &str) -> bool {
        match self {
            Self::All => true,
            Self::Agencies(within) => within.contains(agency),
        }
    }
}

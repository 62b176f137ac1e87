//! The agency tree: province, departments, communes. Depth and kinds are data.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One body of the province.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Short stable name used by sources, assets and users.
    pub id: Arc<str>,
    /// The agency above; none for the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Arc<str>>,
    /// `province`, `department`, `commune`, … for people; nothing depends on it.
    #[serde(default)]
    pub kind: String,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English; empty shows the Vietnamese one.
    #[serde(default)]
    pub name_en: String,
}

/// All agencies, by id.
#[derive(Clone, Debug, Default)]
pub struct AgencyTree {
    agencies: BTreeMap<Arc<str>, Agency>,
}

impl AgencyTree {
    /// A tree of the given agencies; of two with one id the later wins.
    pub fn new(agencies: impl IntoIterator<Item = Agency>) -> Self {
        Self {
            agencies: agencies
                .into_iter()
                .map(|agency| (Arc::clone(&agency.id), agency))
                .collect(),
        }
    }

    /// The agency of this id.
    pub fn find(&self, id: &str) -> Option<&Agency> {
        self.agencies.get(id)
    }

    /// All, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Agency> {
        self.agencies.values()
    }

    /// Whether `id` is `ancestor` or lies below it. A parent loop in the data ends the walk.
    pub fn is_within(&self, id: &str, ancestor: &str) -> bool {
        let mut here = Some(id);
        for _ in 0..=self.agencies.len() {
            match here {
                Some(at) if at == ancestor => return true,
                Some(at) => here = self.find(at).and_then(|agency| agency.parent.as_deref()),
                None => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agency(id: &str, parent: Option<&str>) -> Agency {
        Agency {
            id: id.into(),
            parent: parent.map(Into::into),
            kind: String::new(),
            name_vi: id.to_owned(),
            name_en: String::new(),
        }
    }

    #[test]
    fn a_subtree_holds_its_own_and_what_lies_below() {
        let tree = AgencyTree::new([
            agency("tinh", None),
            agency("so-y-te", Some("tinh")),
            agency("tram", Some("so-y-te")),
            agency("xa", Some("tinh")),
        ]);
        assert!(
            tree.is_within("tram", "so-y-te") && tree.is_within("tram", "tinh") && tree.is_within("xa", "xa")
        );
        assert!(!tree.is_within("xa", "so-y-te") && !tree.is_within("tinh", "xa"));
    }

    #[test]
    fn a_loop_of_parents_ends() {
        let tree = AgencyTree::new([agency("a", Some("b")), agency("b", Some("a"))]);
        assert!(!tree.is_within("a", "c"));
    }
}

//! Data sets: values that rules share, loaded from lists and changed by matches.
//!
//! What a list held when the rules were loaded stands here and is never changed; what matches add and remove is
//! remembered where alerts are merged (see [`crate::Thresholds`]), because flows of several threads share a set.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::NumberTest;

/// What the values of a set are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetKind {
    /// Any bytes; base64 in list files.
    Text,
    /// 16 bytes, hexadecimal in list files.
    Md5,
    /// 32 bytes, hexadecimal in list files.
    Sha256,
    /// An IPv4 address.
    Ipv4,
    /// An address of either version; IPv4 is kept mapped into IPv6.
    Ip,
}

/// What is known of a value of a list beside that it is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// Its reputation in a `datarep` list.
    pub(crate) reputation: u16,
    /// The JSON object it came in.
    pub(crate) context: Option<Arc<Value>>,
}

/// A named set.
pub struct Dataset {
    /// Name that rules share.
    pub name: Arc<str>,
    /// What its values are.
    pub kind: SetKind,
    pub(crate) loaded: OnceLock<FxHashMap<Box<[u8]>, Entry>>,
    changes: AtomicBool,
}

impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset")
            .field("name", &self.name)
            .field("loaded", &self.loaded.get().map_or(0, FxHashMap::len))
            .finish_non_exhaustive()
    }
}

/// What `dataset` does with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOp {
    /// It must be there.
    IsSet,
    /// It must not be there.
    IsNotSet,
    /// It is added; holds when it was not there.
    Set,
    /// It is removed; holds when it was there.
    Unset,
}

/// `dataset`.
#[derive(Clone, Debug)]
pub struct DatasetTest {
    /// The set.
    pub set: Arc<Dataset>,
    /// What is done.
    pub op: SetOp,
    /// A domain matches when a parent domain is in the set.
    pub subdomain: bool,
    /// Under this name the value's JSON object goes into the alert.
    pub context: Option<Arc<str>>,
}

/// `datarep`.
#[derive(Clone, Debug)]
pub struct ReputationTest {
    /// The set.
    pub set: Arc<Dataset>,
    /// What its reputation must be.
    pub test: NumberTest,
}

impl Dataset {
    pub(crate) fn new(name: &str, kind: SetKind) -> Self {
        Self {
            name: name.into(),
            kind,
            loaded: OnceLock::new(),
            changes: AtomicBool::new(false),
        }
    }

    /// A rule adds to it or removes from it.
    pub(crate) fn set_changing(&self) {
        self.changes.store(true, Ordering::Relaxed);
    }

    /// Whether rules change it: then what it holds is known at the merge only.
    pub(crate) fn is_changing(&self) -> bool {
        self.changes.load(Ordering::Relaxed)
    }

    /// The value as sets keep it; `None` when the bytes are no value of this kind.
    pub(crate) fn key<'b>(&self, bytes: &'b [u8]) -> Option<std::borrow::Cow<'b, [u8]>> {
        use std::borrow::Cow;
        let fits = |length: usize| (bytes.len() == length).then_some(Cow::Borrowed(bytes));
        match self.kind {
            SetKind::Text => Some(Cow::Borrowed(bytes)),
            SetKind::Md5 => fits(16),
            SetKind::Sha256 => fits(32),
            SetKind::Ipv4 => fits(4),
            SetKind::Ip => match <[u8; 4]>::try_from(bytes) {
                Ok(v4) => Some(Cow::Owned(
                    std::net::Ipv4Addr::from(v4).to_ipv6_mapped().octets().to_vec(),
                )),
                Err(_) => fits(16),
            },
        }
    }

    /// What the list says of a value.
    pub(crate) fn entry(&self, key: &[u8]) -> Option<&Entry> {
        self.loaded.get()?.get(key)
    }
}

/// The value and, for domains, its parents from long to short: `.a.b.c`, `.b.c`, `.c` and each without its dot.
pub(crate) fn parents(domain: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(domain.strip_prefix(b".").unwrap_or(domain));
    let mut dotted = domain.starts_with(b".").then_some(domain);
    std::iter::from_fn(move || {
        if let Some(with_dot) = dotted.take() {
            return Some(with_dot);
        }
        let name = rest.take()?;
        if let Some(dot) = memchr::memchr(b'.', name) {
            dotted = name.get(dot..);
            rest = name.get(dot + 1..);
        }
        Some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_of_a_domain() {
        let list: Vec<_> = parents(b".a.bc.d")
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect();
        assert_eq!(list, [".a.bc.d", "a.bc.d", ".bc.d", "bc.d", ".d", "d"]);
        assert_eq!(parents(b"x").count(), 1);
    }

    #[test]
    fn addresses_of_both_versions_are_one_kind() {
        let set = Dataset::new("a", SetKind::Ip);
        assert_eq!(set.key(&[10, 0, 0, 1]).unwrap().len(), 16);
        assert!(set.key(&[1, 2]).is_none());
        assert!(Dataset::new("a", SetKind::Ipv4).key(&[0; 16]).is_none());
    }
}

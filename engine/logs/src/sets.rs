//! Sets of log sources that come together from two parts, each made once.
//!
//! Equal sets should share one allocation: the rule engine then knows them by their address. Which sets there are can
//! depend on what records say of themselves, so the table is bounded.

use std::sync::{LazyLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;
use saola_event::LogSources;

/// Pairs kept; others are joined anew each time.
const MOST_PAIRS: usize = 1024;

/// Both parts, kept so that no address is given to another set meanwhile, and what they come to.
struct Joined {
    _parts: [LogSources; 2],
    set: LogSources,
}

/// By the addresses of both parts.
type Table = FxHashMap<(usize, usize), Joined>;

static JOINED: LazyLock<RwLock<Table>> = LazyLock::new(RwLock::default);

/// Both sets in one; the first itself when it says all that the second does.
pub(crate) fn joined(first: &LogSources, second: &LogSources) -> LogSources {
    if second.iter().all(|source| first.admit(source)) {
        return first.clone();
    }
    let key = (first.address(), second.address());
    let known = JOINED.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(joined) = known.get(&key) {
        return joined.set.clone();
    }
    drop(known);
    let set = LogSources::new(first.iter().chain(second).cloned());
    let mut known = JOINED.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() < MOST_PAIRS {
        let joined = known.entry(key).or_insert(Joined {
            _parts: [first.clone(), second.clone()],
            set,
        });
        return joined.set.clone();
    }
    set
}

#[cfg(test)]
mod tests {
    use saola_event::LogSource;

    use super::*;

    #[test]
    fn the_same_parts_give_the_same_set() {
        let one = LogSources::new([LogSource::new("linux", "", "sshd")]);
        let two = LogSources::new([LogSource::new("linux", "", "auth")]);
        let both = joined(&one, &two);
        assert!(both.admit(&LogSource::new("linux", "", "auth")));
        assert!(both.admit(&LogSource::new("linux", "", "sshd")));
        assert_eq!(both.address(), joined(&one, &two).address());
        let general = LogSources::new([LogSource::new("linux", "", "")]);
        assert_eq!(joined(&one, &general).address(), one.address());
    }
}

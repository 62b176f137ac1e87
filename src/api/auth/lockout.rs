//! Who has to wait after wrong passwords.
//!
//! Three counts: of an account from one address (five tries), of an account from anywhere, and of an address for any
//! account (twenty each). The first keeps a person's typing errors cheap, the others slow guessing spread over
//! addresses or accounts, at a height that keeps a stranger from locking an account out by a few tries.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use saola_event::Timestamp;

/// Failures by subject.
#[derive(Debug, Default)]
pub struct Lockouts {
    counts: Mutex<HashMap<String, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
    until: Timestamp,
}

const TRIES_FROM_ONE: u32 = 5;
const TRIES_FROM_ANY: u32 = 20;
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_mins(15);
/// Failures older than this are forgotten.
const MEMORY: Duration = Duration::from_hours(1);
/// Subjects remembered; the oldest goes first.
const MAX_SUBJECTS: usize = 20_000;

impl Lockouts {
    /// How long this account at this address still has to wait.
    pub fn wait(&self, account: &str, source: &str, now: Timestamp) -> Option<Duration> {
        let counts = self.counts.lock();
        let left = subjects(account, source)
            .into_iter()
            .filter_map(|(subject, _)| counts.get(&subject))
            .map(|failures| failures.until.since(now))
            .max()?;
        (!left.is_zero()).then_some(left)
    }

    /// Counts a wrong password. True when this one locked the account.
    pub fn failed(&self, account: &str, source: &str, now: Timestamp) -> bool {
        let mut counts = self.counts.lock();
        make_room(&mut counts, now);
        let mut locked = false;
        for (subject, tries) in subjects(account, source) {
            let failures = counts.entry(subject).or_insert(Failures {
                count: 0,
                last: now,
                until: now,
            });
            if now.since(failures.last) > MEMORY {
                failures.count = 0;
            }
            failures.count = failures.count.saturating_add(1);
            failures.last = now;
            if failures.count >= tries {
                failures.until = now + wait_after(failures.count - tries);
                locked = true;
            }
        }
        locked
    }

    /// Forgets the failures of an account from this address after a right password.
    pub fn succeeded(&self, account: &str, source: &str) {
        let mut counts = self.counts.lock();
        counts.remove(&format!("b\n{account}\n{source}"));
    }
}

fn subjects(account: &str, source: &str) -> [(String, u32); 3] {
    [
        (format!("b\n{account}\n{source}"), TRIES_FROM_ONE),
        (format!("a\n{account}"), TRIES_FROM_ANY),
        (format!("s\n{source}"), TRIES_FROM_ANY),
    ]
}

fn wait_after(failures_beyond: u32) -> Duration {
    FIRST_WAIT
        .saturating_mul(1 << failures_beyond.min(8))
        .min(LONGEST_WAIT)
}

fn make_room(counts: &mut HashMap<String, Failures>, now: Timestamp) {
    if counts.len() + 3 <= MAX_SUBJECTS {
        return;
    }
    counts.retain(|_, failures| now.since(failures.last) <= MEMORY);
    while counts.len() + 3 > MAX_SUBJECTS {
        let oldest = counts
            .iter()
            .min_by_key(|(_, failures)| failures.last)
            .map(|(subject, _)| subject.clone());
        let Some(oldest) = oldest else { return };
        counts.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs_micros(secs, 0)
    }

    #[test]
    fn the_fifth_wrong_password_locks_and_each_further_doubles_the_wait() {
        let lockouts = Lockouts::default();
        for _ in 0..4 {
            assert!(!lockouts.failed("a", "x", at(0)));
        }
        assert_eq!(lockouts.wait("a", "x", at(0)), None);
        assert!(lockouts.failed("a", "x", at(0)));
        assert_eq!(lockouts.wait("a", "x", at(10)), Some(Duration::from_secs(20)));
        assert!(lockouts.failed("a", "x", at(40)));
        assert_eq!(lockouts.wait("a", "x", at(40)), Some(Duration::from_mins(1)));
        assert_eq!(lockouts.wait("a", "x", at(100)), None);
    }

    #[test]
    fn a_stranger_does_not_lock_the_account_elsewhere_by_a_few_tries() {
        let lockouts = Lockouts::default();
        for _ in 0..10 {
            lockouts.failed("a", "x", at(0));
        }
        assert_eq!(lockouts.wait("a", "y", at(0)), None);
        for n in 0..10 {
            lockouts.failed("a", &format!("z{n}"), at(0));
        }
        assert!(lockouts.wait("a", "y", at(0)).is_some());
    }

    #[test]
    fn the_table_is_bounded() {
        let lockouts = Lockouts::default();
        for n in 0..7000 {
            lockouts.failed(&format!("a{n}"), &format!("s{n}"), at(n));
        }
        assert!(lockouts.counts.lock().len() <= MAX_SUBJECTS);
    }
}

//! How many records a second a source may bring.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

/// A bucket of tokens, one for each record: filled at the rate, holding one second's worth.
#[derive(Debug)]
pub struct Rate {
    per_second: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// May be negative: records that came together are let through together and waited for afterwards.
    tokens: f64,
    filled: Instant,
}

impl Rate {
    /// So many records a second.
    pub fn new(per_second: u32) -> Self {
        let per_second = f64::from(per_second.max(1));
        Self {
            per_second,
            state: Mutex::new(State {
                tokens: per_second,
                filled: Instant::now(),
            }),
        }
    }

    /// Takes tokens for a batch and says how long to wait before more may come; zero while within the rate.
    pub fn take(&self, records: usize) -> Duration {
        let mut state = self.filled();
        state.tokens -= records as f64;
        if state.tokens >= 0.0 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64((-state.tokens / self.per_second).min(60.0))
    }

    /// Takes tokens for a batch if there are enough; for transports that cannot wait.
    pub fn try_take(&self, records: usize) -> bool {
        let mut state = self.filled();
        let enough = state.tokens >= records as f64;
        if enough {
            state.tokens -= records as f64;
        }
        enough
    }

    fn filled(&self) -> std::sync::MutexGuard<'_, State> {
        // A poisoned bucket still holds a number.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let more = now.duration_since(state.filled).as_secs_f64() * self.per_second;
        state.tokens = (state.tokens + more).min(self.per_second);
        state.filled = now;
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_second_holds_the_rate_and_no_more() {
        let rate = Rate::new(10);
        assert!(rate.try_take(10) && !rate.try_take(1));
        tokio::time::advance(Duration::from_millis(500)).await;
        assert!(rate.try_take(5) && !rate.try_take(1));
        assert_eq!(rate.take(10).as_secs(), 1);
        tokio::time::advance(Duration::from_secs(100)).await;
        assert_eq!(rate.take(10), Duration::ZERO, "rest does not add up");
    }
}

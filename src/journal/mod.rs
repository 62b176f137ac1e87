//! The truth: an append-only, hash-chained, fsynced log of every change of state.

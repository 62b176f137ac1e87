//! Rules on packets built here: from the wire to the alert.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod keywords;
mod memory;
mod semantics;
mod stages;
mod wire;

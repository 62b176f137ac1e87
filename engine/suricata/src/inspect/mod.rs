//! Looking at bytes: search, steps of a buffer test, transforms.

mod bytes;
pub(crate) mod search;
mod steps;
pub mod transform;

pub use steps::{Found, Limits, Outcome, match_steps};

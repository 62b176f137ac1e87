//! The live stream: what changed, as server-sent events, resumable for as long as the buffer reaches back.

pub mod events;
mod hub;

pub use events::Counts;
pub use hub::{Hub, Since};

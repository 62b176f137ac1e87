//! DNP3.

mod names;

pub use names::{function_number, indication_mask};

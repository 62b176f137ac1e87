//! Texts that stand beside the rules: variables, classes, reference systems, thresholds.

mod classes;
mod classification;
mod reference;
pub(crate) mod threshold;
mod variables;

pub use classification::{ClassInfo, Classification};
pub use reference::References;
pub use threshold::{GlobalThresholds, Suppression, ThresholdOverride};
pub use variables::Variables;

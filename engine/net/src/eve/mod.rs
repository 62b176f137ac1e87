//! Events in the EVE shape: one JSON object for each thing that happened, with the field names that EveBox, Wazuh,
//! Splunk and Filebeat read.
//!
//! Pure functions make the parts ([`common`], [`flow`], [`anomaly`] …), so that alert records are put together of the
//! same parts; [`EveLogger`] is the observer that writes everything but alerts.

pub mod anomaly;
pub mod common;
mod community;
mod config;
pub mod flow;
mod logger;
pub mod transaction;

pub use community::community_id;
pub use config::{AnomalyTypes, EveConfig};
pub use logger::{EveKey, EveLogger, EveRecord};

/// A JSON object in the making.
pub type Object = serde_json::Map<String, serde_json::Value>;

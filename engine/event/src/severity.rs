//! How bad: one scale for both rule languages and for incidents.

use serde::{Deserialize, Serialize};

/// Severity of an alert, group or incident, least first. The names are Sigma's `level` values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth keeping, not worth a look by itself.
    #[default]
    Informational,
    /// Looked at when there is time, or with others of its kind.
    Low,
    /// Looked at within the shift.
    Medium,
    /// Looked at now.
    High,
    /// Looked at now, and someone is called.
    Critical,
}

impl Severity {
    /// All, least first.
    pub const ALL: [Self; 5] = [
        Self::Informational,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The lower-case English name, as in Sigma's `level`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// From Sigma's `level`, any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.name().eq_ignore_ascii_case(name))
    }

    /// From a Suricata priority: 1 is the worst. Priorities beyond 4 are informational.
    pub const fn from_priority(priority: u8) -> Self {
        match priority {
            0 | 1 => Self::High,
            2 => Self::Medium,
            3 => Self::Low,
            _ => Self::Informational,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_order_holds() {
        for severity in Severity::ALL {
            assert_eq!(
                Severity::from_name(&severity.name().to_uppercase()),
                Some(severity)
            );
        }
        assert!(Severity::ALL.is_sorted());
    }
}

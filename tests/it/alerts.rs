//! Alerts for tests of the whole, and small things around them.

use std::path::Path;
use std::sync::Arc;

use saola_event::{Alert, Engine, Entities, RuleRef, Severity, Timestamp};

/// A high network alert of a rule, by an address against the portal.
pub(crate) fn alert(rule: &str, src: &str) -> Alert {
    let time = Timestamp::from_secs_micros(1_795_348_800, 0);
    Alert {
        time,
        received_at: time,
        source: "test".into(),
        agency: "skhcn".into(),
        engine: Engine::Network,
        rule: RuleRef {
            id: rule.into(),
            revision: 1,
            title: format!("rule {rule}").into(),
            title_vi: Some(format!("luật {rule}").into()),
            tags: Arc::from(["T1190".to_owned()]),
            class: "".into(),
        },
        severity: Severity::High,
        entities: Entities {
            src_ip: src.parse().ok(),
            dest_ip: "10.10.20.10".parse().ok(),
            ..Entities::default()
        },
        evidence: Vec::new(),
        event: serde_json::json!({"event_type": "alert", "number": 18_446_744_073_709_551_615_u64}),
    }
}

/// Writes a file anew.
pub(crate) fn put(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    std::fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

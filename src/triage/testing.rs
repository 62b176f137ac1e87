//! Alerts and assets for tests, as short as they can be written.

use std::sync::Arc;

use saola_event::{Alert, Engine, Entities, RuleRef, Severity, Timestamp};

use crate::agency::{Asset, AssetRole, AssetTable};

/// An alert being written down.
pub(crate) struct Draft(Alert);

/// Noon of a day, in seconds since the epoch.
pub(crate) const NOON: i64 = 1_795_348_800;

/// A high alert at noon without parties.
pub(crate) fn alert(rule: &str, engine: Engine) -> Draft {
    let time = Timestamp::from_secs_micros(NOON, 0);
    Draft(Alert {
        time,
        received_at: time,
        source: "test".into(),
        agency: "tinh".into(),
        engine,
        rule: RuleRef {
            id: rule.into(),
            revision: 1,
            title: format!("rule {rule}").into(),
            title_vi: Some(format!("luật {rule}").into()),
            tags: Arc::from([]),
            class: "".into(),
        },
        severity: Severity::High,
        entities: Entities::default(),
        evidence: Vec::new(),
        event: serde_json::json!({"event_type": "alert"}),
    })
}

impl Draft {
    pub(crate) fn flow(mut self, src: &str, dest: &str) -> Self {
        self.0.entities.dest_ip = dest.parse().ok();
        self.src(src)
    }

    pub(crate) fn src(mut self, src: &str) -> Self {
        self.0.entities.src_ip = src.parse().ok();
        self
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        self.0.entities.host = Some(host.to_owned());
        self
    }

    pub(crate) fn user(mut self, user: &str) -> Self {
        self.0.entities.user = Some(user.to_owned());
        self
    }

    pub(crate) fn tags(mut self, tags: &[&str]) -> Self {
        self.0.rule.tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        self
    }

    pub(crate) fn severity(mut self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }

    /// Seconds after noon.
    pub(crate) fn at(mut self, secs: i64) -> Self {
        self.0.time = Timestamp::from_secs_micros(NOON + secs, 0);
        self.0.received_at = self.0.time;
        self
    }

    pub(crate) fn done(self) -> Alert {
        self.0
    }
}

fn asset(host: &str, ip: &str, agency: &str, level: u8, role: Option<AssetRole>) -> Asset {
    Asset {
        host: host.into(),
        ips: vec![ip.parse().expect("an address")],
        names: Vec::new(),
        agency: agency.into(),
        system: "he-thong".into(),
        level,
        title_vi: String::new(),
        title_en: String::new(),
        role,
    }
}

/// A few machines of a province.
pub(crate) fn assets() -> AssetTable {
    AssetTable::new([
        asset("dvc-web01", "10.10.20.10", "skhcn", 3, None),
        asset("qlvb01", "10.10.20.40", "vp-ubnd", 4, None),
        asset("dns01", "10.10.20.53", "skhcn", 3, Some(AssetRole::Shared)),
        asset("stc-db01", "10.10.20.60", "stc", 3, None),
        asset("scanner", "10.10.30.9", "skhcn", 2, Some(AssetRole::Scanner)),
        asset("pc-suoilanh-02", "10.10.32.12", "xa-suoi-lanh", 1, None),
    ])
}

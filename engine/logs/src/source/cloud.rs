//! JSON that platforms write: Kubernetes' audit log, auditbeat, AWS CloudTrail, Microsoft 365, Azure, Google, Okta,
//! GitHub, OpenCanary. Sigma's rules use the platforms' own dotted names, so the fields stay as they are.

use saola_event::{Fields, LogSource, LogSources};

use super::{Json, json};
use crate::draft::Draft;
use crate::kinds;

pub(crate) static KUBERNETES: Json = Json {
    name: "k8s-audit",
    probe: |fields| fields.find("auditID").is_some() && fields.find("verb").is_some(),
    parse: |mut fields, draft, _| {
        draft.stamp(json::time_of(&fields));
        // `user` is an object there; who it was is in its name, and may act for somebody else.
        let user = ["impersonatedUser.username", "user.username"]
            .iter()
            .find_map(|name| fields.find_path(name).cloned());
        let address = match fields.find("sourceIPs") {
            Some(saola_event::Value::List(addresses)) => addresses.first().cloned(),
            _ => None,
        };
        let account = fields.take("user");
        fields.push_some("user", user);
        fields.push_some("src_ip", address);
        if let Some(account) = account {
            fields.push("user_info", account);
        }
        json::mapped(
            fields,
            draft,
            &[
                ("auditID", "audit_id"),
                ("userAgent", "cs-user-agent"),
                ("objectRef.name", "name"),
                ("objectRef.resource", "resource"),
                ("objectRef.namespace", "namespace"),
                ("responseStatus.code", "sc-status"),
                ("requestURI", "cs-uri"),
            ],
        );
        draft.sources = kinds::kubernetes_audit();
    },
};

pub(crate) static AUDITBEAT: Json = Json {
    name: "auditbeat",
    probe: |fields| {
        let beat = ["agent.type", "@metadata.beat"]
            .iter()
            .find_map(|name| fields.find_path(name));
        beat.and_then(saola_event::Value::as_text) == Some("auditbeat")
    },
    parse: |mut fields, draft, _| {
        draft.stamp(json::time_of(&fields));
        let host = ["host.name", "agent.hostname", "agent.name"]
            .iter()
            .find_map(|name| fields.find_path(name).cloned());
        let user = ["user.audit.name", "user.name"]
            .iter()
            .find_map(|name| fields.find_path(name).cloned());
        let effective = fields.find_path("user.effective.name").cloned();
        let (own_host, own_user) = (fields.take("host"), fields.take("user"));
        fields.push_some("host", host);
        fields.push_some("user", user);
        fields.push_some("target_user", effective);
        for (name, value) in [("host_info", own_host), ("user_info", own_user)] {
            if let Some(value) = value {
                fields.push(name, value);
            }
        }
        json::mapped(
            fields,
            draft,
            &[
                ("process.pid", "pid"),
                ("process.name", "program"),
                ("source.ip", "src_ip"),
                ("client.ip", "src_ip"),
                ("source.port", "src_port"),
                ("client.port", "src_port"),
                ("source.domain", "src_host"),
                ("destination.ip", "dst_ip"),
                ("server.ip", "dst_ip"),
                ("destination.port", "dst_port"),
                ("server.port", "dst_port"),
                ("process.executable", "exe"),
                ("event.outcome", "outcome"),
            ],
        );
        if let Some(saola_event::Value::List(arguments)) = draft.fields.find_path("process.args") {
            let words: Vec<&str> = arguments.iter().filter_map(saola_event::Value::as_text).collect();
            let line = words.join(" ");
            draft.fields.push("command", line);
        }
        draft.sources = kinds::linux_auditd();
    },
};

/// Platforms whose records need a log source and a time, and nothing else.
struct Platform {
    name: &'static str,
    probe: fn(&Fields<'_>) -> bool,
    product: &'static str,
    service: &'static str,
}

const PLATFORMS: &[Platform] = &[
    Platform {
        name: "aws-cloudtrail",
        probe: |f| {
            f.find("eventSource").is_some() && f.find("eventName").is_some() && f.find("awsRegion").is_some()
        },
        product: "aws",
        service: "cloudtrail",
    },
    Platform {
        name: "okta",
        probe: |f| {
            f.find("eventType").is_some() && f.find("actor").is_some() && f.find("published").is_some()
        },
        product: "okta",
        service: "okta",
    },
    Platform {
        name: "m365-audit",
        probe: |f| f.find("Workload").is_some() && f.find("Operation").is_some(),
        product: "m365",
        service: "audit",
    },
    Platform {
        name: "azure-signin",
        probe: |f| f.text("category") == Some("SignInLogs"),
        product: "azure",
        service: "signinlogs",
    },
    Platform {
        name: "azure-audit",
        probe: |f| f.text("category") == Some("AuditLogs"),
        product: "azure",
        service: "auditlogs",
    },
    Platform {
        name: "azure-activity",
        probe: |f| f.find("operationName").is_some() && f.find("resourceId").is_some(),
        product: "azure",
        service: "activitylogs",
    },
    Platform {
        name: "gcp-audit",
        probe: |f| f.find("protoPayload").is_some(),
        product: "gcp",
        service: "gcp.audit",
    },
    Platform {
        name: "github-audit",
        probe: |f| {
            f.find("action").is_some()
                && f.find("actor").is_some()
                && f.find("org").is_some()
                && f.find("_document_id").is_some()
        },
        product: "github",
        service: "audit",
    },
    Platform {
        name: "opencanary",
        probe: |f| f.find("logtype").is_some() && f.find("node_id").is_some(),
        product: "opencanary",
        service: "",
    },
];

/// Any of the platforms.
pub(crate) static PLATFORM: Json = Json {
    name: "platform",
    probe: |fields| PLATFORMS.iter().any(|platform| (platform.probe)(fields)),
    parse: |fields, draft, _| {
        draft.stamp(json::time_of(&fields));
        let found = PLATFORMS.iter().find(|platform| (platform.probe)(&fields));
        draft.fields = fields;
        if let Some(platform) = found {
            draft.sources = sources(platform);
            draft.set("platform", platform.name);
        }
        entities(draft);
    },
};

fn sources(platform: &Platform) -> LogSources {
    if platform.product == "opencanary" {
        return kinds::opencanary();
    }
    LogSources::new([LogSource::new(platform.product, "", platform.service)])
}

/// Every set that a platform's record can have.
pub(super) fn known() -> Vec<LogSources> {
    PLATFORMS.iter().map(sources).collect()
}

/// Who and from where, for grouping.
fn entities(draft: &mut Draft<'_>) {
    for (own, ours) in [
        ("sourceIPAddress", "src_ip"),
        ("client.ipAddress", "src_ip"),
        ("ClientIP", "src_ip"),
        ("properties.ipAddress", "src_ip"),
        ("src_host", "src_ip"),
        ("userIdentity.userName", "user"),
        ("actor.alternateId", "user"),
        ("UserId", "user"),
        ("properties.userPrincipalName", "user"),
    ] {
        json::copy(&mut draft.fields, own, ours);
    }
}

#[cfg(test)]
mod tests {
    use saola_event::LogSource;

    use crate::source::tests::event;

    #[test]
    fn platforms() {
        for (line, product, service) in [
            (
                r#"{"eventVersion":"1.0","eventTime":"2026-11-22T00:30:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"x","sourceIPAddress":"203.0.113.9"}"#,
                "aws",
                "cloudtrail",
            ),
            (
                r#"{"kind":"Event","auditID":"x","verb":"create","user":{"username":"an"},"sourceIPs":["203.0.113.9"],"stageTimestamp":"2026-11-22T00:30:00.5Z"}"#,
                "kubernetes",
                "audit",
            ),
            (
                r#"{"agent":{"type":"auditbeat"},"@timestamp":"2026-11-22T00:30:00Z","source":{"ip":"203.0.113.9"},"user":{"name":"an"}}"#,
                "linux",
                "auditd",
            ),
        ] {
            let event = event(line);
            assert!(
                event.sources.admit(&LogSource::new(product, "", service)),
                "{line}"
            );
            assert_eq!(event.fields.text("src_ip"), Some("203.0.113.9"), "{line}");
        }
    }
}

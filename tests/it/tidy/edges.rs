//! Data flows one way: edges between storeys (crates) and between the modules of `src/`.

use super::{files, none, root, shown, text, without_tests};

/// What each crate of the lower storeys may depend on among ours.
const CRATES: [(&str, &[&str]); 11] = [
    ("collectors/core", &["saola-event"]),
    ("collectors/file", &["saola-collect", "saola-event"]),
    ("collectors/http", &["saola-collect", "saola-event"]),
    ("collectors/packet", &["saola-event"]),
    ("collectors/queue", &["saola-collect"]),
    ("collectors/syslog", &["saola-collect", "saola-event"]),
    ("engine/event", &[]),
    ("engine/logs", &["saola-event"]),
    ("engine/net", &["saola-event"]),
    ("engine/sigma", &["saola-event"]),
    ("engine/suricata", &["saola-event", "saola-net"]),
];

/// Which modules of `src/` each module may use. `node` and `cli` compose and may use all.
const MODULES: [(&str, &[&str]); 10] = [
    ("agency", &[]),
    (
        "api",
        &["agency", "commit", "journal", "store", "telemetry", "triage"],
    ),
    ("commit", &["agency", "journal", "store", "telemetry", "triage"]),
    ("config", &["agency"]),
    ("detect", &["telemetry"]),
    ("journal", &["store", "telemetry", "triage"]),
    ("notify", &["telemetry"]),
    ("store", &["journal", "telemetry", "triage"]),
    ("telemetry", &[]),
    ("triage", &["agency"]),
];

#[test]
fn crates_depend_downwards_only() {
    let mut faults = Vec::new();
    for (folder, allowed) in CRATES {
        let manifest: toml::Table = text(&root().join(folder).join("Cargo.toml")).parse().unwrap();
        let Some(dependencies) = manifest.get("dependencies").and_then(toml::Value::as_table) else {
            continue;
        };
        faults.extend(
            dependencies
                .keys()
                .filter(|name| name.starts_with("saola") && !allowed.contains(&name.as_str()))
                .map(|name| format!("{folder}: {name}")),
        );
    }
    none(&faults, "a storey knows only what lies below it");
}

#[test]
fn every_crate_of_the_lower_storeys_is_in_the_table() {
    let listed = |folder: &str| CRATES.iter().any(|(name, _)| *name == folder);
    let manifests = ["engine", "collectors"]
        .into_iter()
        .flat_map(|folder| files(folder, "toml"));
    let faults: Vec<String> = manifests
        .filter(|path| path.ends_with("Cargo.toml"))
        .map(|path| shown(path.parent().unwrap()))
        .filter(|folder| !listed(folder))
        .collect();
    none(
        &faults,
        "each crate's allowed edges stand in tests/it/tidy/edges.rs",
    );
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let mut faults = Vec::new();
    for (module, allowed) in MODULES {
        for path in files(&format!("src/{module}"), "rs") {
            let text = text(&path);
            for (line, content) in without_tests(&text).lines().enumerate() {
                let code = content.split("//").next().unwrap_or(content);
                faults.extend(
                    used_modules(code)
                        .filter(|used| *used != module && !allowed.contains(used))
                        .map(|used| format!("{}:{}: {module} uses {used}", shown(&path), line + 1)),
                );
            }
        }
    }
    none(&faults, "modules of src/ keep to the table of edges");
}

/// The names after each `crate::` on a line that are modules of `src/`.
fn used_modules(code: &str) -> impl Iterator<Item = &str> {
    let modules = [
        "agency",
        "api",
        "cli",
        "commit",
        "config",
        "detect",
        "journal",
        "node",
        "notify",
        "store",
        "telemetry",
        "triage",
    ];
    code.split("crate::")
        .skip(1)
        .filter_map(|rest| {
            rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .next()
        })
        .filter(move |name| modules.contains(name))
}

//! The documents that live with the code: they are there, and their links lead somewhere.

use super::{files, none, root, shown, text};

#[test]
fn the_documents_a_newcomer_looks_for_are_there() {
    let wanted = [
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "README.md",
        "SECURITY.md",
        "docs/ARCHITECTURE.md",
        "saola.example.toml",
    ];
    let faults: Vec<String> = wanted
        .into_iter()
        .filter(|name| !root().join(name).is_file())
        .map(str::to_owned)
        .collect();
    none(&faults, "documents that are missing");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut faults = Vec::new();
    let mut documents = files("docs", "md");
    documents.extend(
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(|name| root().join(name)),
    );
    for path in documents {
        for target in links(&text(&path)) {
            let target = target.split('#').next().unwrap_or_default();
            let local = !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:");
            if local && !path.parent().unwrap().join(target).exists() {
                faults.push(format!("{}: {target}", shown(&path)));
            }
        }
    }
    none(&faults, "links that lead nowhere");
}

/// The targets of Markdown's `[text](target)`.
fn links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(str::to_owned)
        .collect()
}

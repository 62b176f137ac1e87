//! The house rules that the compiler cannot say: edges between storeys and modules, purity of the engine, where unsafe
//! may be, module documents, sizes, links in the documents.

mod documents;
mod edges;
mod purity;
mod sizes;

use std::path::{Path, PathBuf};

/// The project's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file with the extension below a folder of the project, sorted; generated and foreign folders left out.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(directory) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else {
            continue;
        };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !["target", "node_modules", "dist", ".git"].contains(&name.as_str()) {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Every Rust source that ships: without tests, examples, benches and fuzz targets.
fn sources() -> Vec<PathBuf> {
    let shipped = |path: &PathBuf| {
        let inside = path.strip_prefix(root()).unwrap();
        !inside
            .components()
            .any(|part| ["tests", "examples", "benches"].contains(&&*part.as_os_str().to_string_lossy()))
            && !path.ends_with("tests.rs")
    };
    ["src", "engine", "collectors"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"))
        .filter(shipped)
        .collect()
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text before the first test module: what ships.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

/// The path as the project's reader sees it.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Fails with the whole list, so that one run shows everything there is to mend.
fn none(faults: &[String], rule: &str) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

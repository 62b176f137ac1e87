//! The engine is pure, and unsafe stands in one file.

use super::{files, none, shown, sources, text, without_tests};

/// What may not appear in the engine's sources, and what it stands for.
const IMPURE: [(&str, &str); 8] = [
    ("std::fs", "reads files: hand the text in"),
    ("std::env", "reads the environment: hand the setting in"),
    ("time::SystemTime", "asks a clock: time comes with the record"),
    ("Instant::now", "asks a clock: time comes with the record"),
    ("std::process", "touches processes"),
    ("std::thread", "starts threads: they belong to src/detect"),
    ("tokio", "is asynchronous"),
    ("net::Tcp", "opens sockets"),
];

#[test]
fn the_engine_has_no_io_no_clock_no_threads() {
    let mut faults = Vec::new();
    for path in sources()
        .into_iter()
        .filter(|path| shown(path).starts_with("engine/"))
    {
        let text = text(&path);
        for (line, content) in without_tests(&text).lines().enumerate() {
            let code = content.split("//").next().unwrap_or(content);
            for (word, why) in IMPURE.iter().filter(|(word, _)| code.contains(word)) {
                faults.push(format!("{}:{}: `{word}` {why}", shown(&path), line + 1));
            }
        }
    }
    none(&faults, "engine/ is pure");
}

#[test]
fn the_engine_depends_on_nothing_that_does_io() {
    let forbidden = [
        "tokio",
        "mio",
        "socket2",
        "pnet",
        "libc",
        "sled",
        "axum",
        "lettre",
        "notify",
        "saola-collect",
    ];
    let mut faults = Vec::new();
    for path in files("engine", "toml")
        .into_iter()
        .filter(|path| path.ends_with("Cargo.toml"))
    {
        let manifest: toml::Table = text(&path).parse().unwrap();
        let Some(dependencies) = manifest.get("dependencies").and_then(toml::Value::as_table) else {
            continue;
        };
        faults.extend(
            dependencies
                .keys()
                .filter(|name| forbidden.contains(&name.as_str()))
                .map(|name| format!("{}: {name}", shown(&path))),
        );
    }
    none(&faults, "engine/ has no dependency that does I/O");
}

#[test]
fn unsafe_stands_in_the_capture_ring_only() {
    let faults: Vec<String> = sources()
        .iter()
        .filter(|path| !path.ends_with("collectors/packet/src/ring/socket.rs"))
        .filter(|path| {
            text(path).lines().any(|line| {
                let code = line.split("//").next().unwrap_or(line);
                code.contains("unsafe {") || code.contains("unsafe fn") || code.contains("unsafe impl")
            })
        })
        .map(|path| shown(path))
        .collect();
    none(&faults, "unsafe belongs to collectors/packet/src/ring/socket.rs");
}

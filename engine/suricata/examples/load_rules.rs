//! Reads rule files and says how many load, and why the others do not: `load_rules FILE...`.
//! With PATTERNS in the environment all pcre are compiled too. A file named `classification.config` or `reference.config` is read as such.

#![allow(clippy::print_stdout, reason = "an example's output is its purpose")]

use std::collections::BTreeMap;

use saola_suricata::{CompiledRules, RuleConfig, RuleSet, RuleText};

fn main() -> std::io::Result<()> {
    let mut config = RuleConfig::default();
    let mut diagnostics = Vec::new();
    let mut files = Vec::new();
    for path in std::env::args().skip(1) {
        let text = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
        if path.ends_with("classification.config") {
            config.classification.parse(&path, &text, &mut diagnostics);
        } else if path.ends_with("reference.config") {
            config.references.parse(&path, &text, &mut diagnostics);
        } else {
            files.push((path, text));
        }
    }
    let texts: Vec<_> = files.iter().map(|(path, text)| RuleText { path, text }).collect();
    let begun = std::time::Instant::now();
    let (set, found) = RuleSet::load(&texts, &config);
    let seconds = begun.elapsed().as_secs_f64();
    diagnostics.extend(found);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for diagnostic in &diagnostics {
        *reasons.entry(diagnostic.reason.kind()).or_default() += 1;
    }
    for diagnostic in diagnostics.iter().take(20) {
        println!("{diagnostic}");
    }
    for (reason, count) in &reasons {
        println!("{count:6} {reason}");
    }
    println!("{} of {} rules load, {seconds:.2} s", set.rules.len(), set.seen);
    let begun = std::time::Instant::now();
    let rules = CompiledRules::compile(set);
    println!(
        "compiled in {:.2} s: {:?}",
        begun.elapsed().as_secs_f64(),
        rules.figures()
    );
    if std::env::var_os("PATTERNS").is_some() {
        let begun = std::time::Instant::now();
        let failed = rules.compile_patterns();
        println!(
            "patterns in {:.2} s, failed: {failed:?}",
            begun.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

//! Sizes and names: a file that has grown past its subject, a folder that names no subject.

use super::{none, shown, sources, text, without_tests};

/// Lines without tests at which a file is refused. The aim is 150; past 400 the test says so without failing.
const MOST_LINES: usize = 800;
const MANY_LINES: usize = 400;

/// Files allowed to be longer because they are one table.
const TABLES: [&str; 0] = [];

#[test]
fn files_stay_readable() {
    let mut faults = Vec::new();
    for path in sources() {
        let lines = without_tests(&text(&path)).lines().count();
        let name = shown(&path);
        if lines > MOST_LINES && !TABLES.contains(&name.as_str()) {
            faults.push(format!("{name}: {lines} lines"));
        } else if lines > MANY_LINES {
            println!("long: {name}: {lines} lines");
        }
    }
    none(&faults, "a file beyond 800 lines holds more than one subject");
}

#[test]
fn names_say_what_is_inside() {
    let empty_words = ["utils", "util", "helpers", "helper", "misc", "manager"];
    let faults: Vec<String> = sources()
        .iter()
        .filter(|path| {
            path.components().any(|part| {
                let name = part.as_os_str().to_string_lossy();
                empty_words.contains(&name.trim_end_matches(".rs"))
            })
        })
        .map(|path| shown(path))
        .collect();
    none(&faults, "a name says what is inside");
}

#[test]
fn every_module_says_what_it_is() {
    let faults: Vec<String> = sources()
        .iter()
        .filter(|path| !text(path).starts_with("//!"))
        .map(|path| shown(path))
        .collect();
    none(
        &faults,
        "every module begins with a //! that says where it stands",
    );
}

//! Lists that rules name, read from beside the rule file.

use std::fs;
use std::path::{Component, Path};

use saola_suricata::{ListError, ReadList};

/// Longest list.
const MOST_BYTES: u64 = 256 << 20;

/// Reads lists from the folder of the rule file that asks. A rule is not trusted with other places: it may come from
/// outside, and what a list holds can be told from which rules alert.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListsBesideRules;

impl ReadList for ListsBesideRules {
    fn read(&self, rules: &str, name: &str) -> Result<Vec<u8>, ListError> {
        let inside = Path::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside {
            return Err(ListError::Outside(name.to_owned()));
        }
        let path = Path::new(rules).parent().unwrap_or(Path::new("")).join(name);
        let unreadable = |reason: String| ListError::Unreadable {
            name: name.to_owned(),
            reason,
        };
        let length = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ListError::Missing(name.to_owned()));
            }
            Err(error) => return Err(unreadable(error.to_string())),
        };
        if length > MOST_BYTES {
            return Err(unreadable(format!(
                "{length} bytes are more than a list may have ({MOST_BYTES})"
            )));
        }
        fs::read(&path).map_err(|error| unreadable(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "fresh files of the test")]
    fn lists_stand_beside_the_rules_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let rules = folder.path().join("own.rules");
        fs::write(folder.path().join("a.lst"), b"one").unwrap();
        let read = |name: &str| ListsBesideRules.read(&rules.to_string_lossy(), name);
        assert_eq!(read("a.lst").unwrap(), b"one");
        assert_eq!(read("b.lst"), Err(ListError::Missing("b.lst".to_owned())));
        assert!(matches!(read("../a.lst"), Err(ListError::Outside(_))));
        assert!(matches!(read("/etc/hostname"), Err(ListError::Outside(_))));
    }
}

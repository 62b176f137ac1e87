//! Vietnamese and English words for rules whose language has no place for them.
//!
//! Beside `saola.rules` stands `saola.yml`: by sid, a title and advice in both languages. Sigma rules carry the same
//! under their custom key `saola:`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A text in both languages; either may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bilingual {
    /// Vietnamese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vi: Option<Arc<str>>,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<Arc<str>>,
}

/// What people are told about a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideText {
    /// Its title.
    #[serde(default)]
    pub title: Bilingual,
    /// What to do when it fires.
    #[serde(default)]
    pub advice: Bilingual,
}

/// Texts by rule id.
#[derive(Clone, Debug, Default)]
pub struct SideTexts(BTreeMap<String, SideText>);

/// A side file that is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}; expected \"<sid>\": {{title: {{vi, en}}, advice: {{vi, en}}}}")]
pub struct BadSideText {
    /// The file.
    pub path: String,
    /// Line, column and reason.
    pub reason: String,
}

impl SideTexts {
    /// Adds the side file of a rule file, where there is one: the same path with `.yml`.
    pub fn add_beside(&mut self, rules: &Path) -> Result<(), BadSideText> {
        let path = rules.with_extension("yml");
        let Ok(text) = std::fs::read_to_string(&path) else {
            return Ok(());
        };
        let read: BTreeMap<String, SideText> =
            serde_saphyr::from_str(&text).map_err(|error| BadSideText {
                path: path.display().to_string(),
                reason: error.to_string(),
            })?;
        self.0.extend(read);
        Ok(())
    }

    /// The words for a rule.
    pub fn of(&self, id: &str) -> Option<&SideText> {
        self.0.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a fresh file of the test")]
    fn reads_the_file_beside_the_rules() {
        let folder = tempfile::tempdir().unwrap();
        let rules = folder.path().join("own.rules");
        let mut texts = SideTexts::default();
        texts.add_beside(&rules).unwrap();
        assert!(texts.of("9000001").is_none());
        std::fs::write(
            rules.with_extension("yml"),
            "\"9000001\":\n  title: {vi: Cửa hậu, en: Back door}\n",
        )
        .unwrap();
        texts.add_beside(&rules).unwrap();
        assert_eq!(texts.of("9000001").unwrap().title.vi.as_deref(), Some("Cửa hậu"));
        std::fs::write(rules.with_extension("yml"), "- no map").unwrap();
        assert!(
            texts
                .add_beside(&rules)
                .unwrap_err()
                .to_string()
                .contains("own.yml")
        );
    }
}

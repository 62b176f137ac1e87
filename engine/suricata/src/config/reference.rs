//! `reference.config`: `config reference: cve https://cve.mitre.org/cgi-bin/cvename.cgi?name=`, one system a line.

use rustc_hash::FxHashMap;

use crate::diagnostic::{Diagnostic, Reason};

/// Prefixes of reference systems by name.
#[derive(Clone, Debug)]
pub struct References(FxHashMap<String, String>);

impl Default for References {
    /// The two systems whose prefix is no matter of taste: `url` is an address already, `cve` has one register.
    fn default() -> Self {
        let mut known = FxHashMap::default();
        known.insert("url".to_owned(), "https://".to_owned());
        known.insert(
            "cve".to_owned(),
            "https://www.cve.org/CVERecord?id=CVE-".to_owned(),
        );
        Self(known)
    }
}

impl References {
    /// Reads a text; lines that cannot be read become diagnostics.
    pub fn parse(&mut self, path: &str, text: &str, diagnostics: &mut Vec<Diagnostic>) {
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let entry = line
                .strip_prefix("config")
                .and_then(|rest| rest.trim_start().strip_prefix("reference"))
                .and_then(|rest| rest.trim_start().strip_prefix(':'))
                .and_then(|rest| rest.trim().split_once(char::is_whitespace));
            match entry {
                Some((name, prefix)) => {
                    self.0.insert(name.to_ascii_lowercase(), prefix.trim().to_owned());
                }
                None => diagnostics.push(Diagnostic {
                    path: path.into(),
                    line: number as u32 + 1,
                    column: 1,
                    sid: None,
                    reason: Reason::Shape("write: config reference: name prefix".into()),
                }),
            }
        }
    }

    /// The full address of a reference; `None` when its system is unknown.
    pub fn resolve(&self, system: &str, id: &str) -> Option<String> {
        let prefix = self.0.get(&system.to_ascii_lowercase())?;
        if id.starts_with("http://") || id.starts_with("https://") {
            return Some(id.to_owned());
        }
        Some(format!("{prefix}{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_and_keeps_full_addresses() {
        let mut references = References::default();
        let mut diagnostics = Vec::new();
        references.parse(
            "r",
            "config reference: bug   http://bugs.example/\nnonsense\n",
            &mut diagnostics,
        );
        assert_eq!(
            references.resolve("BUG", "12").as_deref(),
            Some("http://bugs.example/12")
        );
        assert_eq!(
            references.resolve("url", "http://a.example").as_deref(),
            Some("http://a.example")
        );
        assert_eq!(references.resolve("none", "1"), None);
        assert_eq!(diagnostics.len(), 1);
    }
}

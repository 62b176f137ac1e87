//! `classification.config`: `config classification: name,description,priority`, one class a line.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::diagnostic::{Diagnostic, Reason};

/// A class of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassInfo {
    /// What alerts show as `category`.
    pub description: Arc<str>,
    /// 1 is the worst.
    pub priority: u8,
}

/// All known classes by name.
///
/// Those that rule writers everywhere use are known from the start; a file adds to them and replaces them by name.
#[derive(Clone, Debug)]
pub struct Classification(FxHashMap<String, ClassInfo>);

impl Default for Classification {
    fn default() -> Self {
        let known = super::classes::CLASSES
            .iter()
            .map(|(name, description, priority)| {
                let info = ClassInfo {
                    description: (*description).into(),
                    priority: *priority,
                };
                ((*name).to_owned(), info)
            });
        Self(known.collect())
    }
}

impl Classification {
    /// Reads a text; lines that cannot be read become diagnostics. A class read later replaces an earlier one.
    pub fn parse(&mut self, path: &str, text: &str, diagnostics: &mut Vec<Diagnostic>) {
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match Self::entry(line) {
                Some((name, info)) => {
                    self.0.insert(name, info);
                }
                None => diagnostics.push(Diagnostic {
                    path: path.into(),
                    line: number as u32 + 1,
                    column: 1,
                    sid: None,
                    reason: Reason::Shape("write: config classification: name,description,priority".into()),
                }),
            }
        }
    }

    fn entry(line: &str) -> Option<(String, ClassInfo)> {
        let rest = line.strip_prefix("config")?.trim_start();
        let rest = rest.strip_prefix("classification")?.trim_start();
        let (name, rest) = rest.strip_prefix(':')?.split_once(',')?;
        // The description may hold commas: the priority is what follows the last one.
        let (description, priority) = rest.rsplit_once(',')?;
        let info = ClassInfo {
            description: description.trim().into(),
            priority: priority.trim().parse().ok()?,
        };
        Some((name.trim().to_ascii_lowercase(), info))
    }

    /// The class of that name, any case.
    pub fn class(&self, name: &str) -> Option<&ClassInfo> {
        self.0.get(&name.to_ascii_lowercase())
    }

    /// How many classes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_classes_and_names_bad_lines() {
        let mut classes = Classification::default();
        let mut diagnostics = Vec::new();
        let text = "# c\nconfig classification: web-application-attack,Web Application Attack, or worse,1\nconfig class\n";
        classes.parse("classes", text, &mut diagnostics);
        let class = classes.class("Web-Application-Attack").unwrap();
        assert_eq!(
            (&*class.description, class.priority),
            ("Web Application Attack, or worse", 1)
        );
        assert_eq!((diagnostics.len(), diagnostics[0].line), (1, 3));
    }
}

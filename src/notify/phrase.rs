//! Words of mails in both languages. They stand in `text/*.toml`; code holds keys only.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A language people are written to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

type Texts = BTreeMap<String, String>;

static VI: LazyLock<Texts> = LazyLock::new(|| read(include_str!("text/vi.toml")));
static EN: LazyLock<Texts> = LazyLock::new(|| read(include_str!("text/en.toml")));

fn read(file: &str) -> Texts {
    toml::from_str(file).expect("the text files are part of the program and read by a test")
}

impl Language {
    /// All texts.
    pub(super) fn texts(self) -> &'static Texts {
        match self {
            Self::Vi => &VI,
            Self::En => &EN,
        }
    }

    /// The text of a key with its `{places}` filled. A key without a text gives the key: visible, never empty.
    pub fn say(self, key: &str, params: &BTreeMap<String, String>) -> String {
        let Some(text) = self.texts().get(key) else {
            return key.to_owned();
        };
        fill(text, params)
    }
}

/// Fills `{name}` places in one pass, so that a value with braces is never filled again.
fn fill(text: &str, params: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        filled.push_str(params.get(name).map_or("…", String::as_str));
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_keys_and_places() {
        let places = |text: &str| {
            let mut names: Vec<_> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next())
                .map(str::to_owned)
                .collect();
            names.sort();
            names
        };
        let shape = |language: Language| -> Vec<_> {
            language
                .texts()
                .iter()
                .map(|(key, text)| (key.clone(), places(text)))
                .collect()
        };
        assert_eq!(shape(Language::Vi), shape(Language::En));
    }

    #[test]
    fn values_are_filled_once() {
        let params = BTreeMap::from([
            ("a".to_owned(), "{b}".to_owned()),
            ("b".to_owned(), "no".to_owned()),
        ]);
        assert_eq!(fill("<{a}> {c} {", &params), "<{b}> … {");
    }
}

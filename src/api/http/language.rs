//! The caller's language: Vietnamese unless English is asked for first.

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};

/// A language of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Language {
    /// The first of `vi` and `en` that `Accept-Language` names. Quality values are not weighed: browsers send the
    /// list in order of preference.
    pub fn of(headers: &HeaderMap) -> Self {
        let asked = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        asked
            .split(',')
            .find_map(|part| match part.trim().get(..2)?.to_ascii_lowercase().as_str() {
                "vi" => Some(Self::Vi),
                "en" => Some(Self::En),
                _ => None,
            })
            .unwrap_or(Self::Vi)
    }

    /// The text of this language; the Vietnamese one where the English is empty, and the other way round.
    pub fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::En if !en.is_empty() => en,
            Self::Vi if vi.is_empty() => en,
            _ => vi,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_wins() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, value.parse().unwrap());
            Language::of(&headers)
        };
        assert_eq!(of("en-GB,en;q=0.9,vi;q=0.8"), Language::En);
        assert_eq!(of("fr, vi-VN, en"), Language::Vi);
        assert_eq!(of("é"), Language::Vi);
        assert_eq!(Language::of(&HeaderMap::new()), Language::Vi);
    }
}

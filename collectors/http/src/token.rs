//! The token that a request shows, in whichever way its protocol has.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use subtle::ConstantTimeEq;

/// What a request shows; several readings of one header.
#[derive(Debug, Default)]
pub(crate) struct Shown(Vec<Vec<u8>>);

impl Shown {
    /// `Bearer TOKEN`, `Splunk TOKEN`, `ApiKey` as Elasticsearch gives it out (whole, or its key), and the password of
    /// `Basic`.
    pub(crate) fn by(headers: &HeaderMap) -> Self {
        let value = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let Some((scheme, shown)) = value.and_then(|value| value.split_once(' ')) else {
            return Self::default();
        };
        let mut shown = vec![shown.trim().as_bytes().to_vec()];
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" | "splunk" => {}
            "basic" => shown = behind_colon(&shown).into_iter().collect(),
            "apikey" => shown.extend(behind_colon(&shown)),
            _ => shown.clear(),
        }
        Self(shown)
    }

    /// Whether this token is shown. Takes as long whatever is wrong with it.
    pub(crate) fn is(&self, token: &str) -> bool {
        self.0
            .iter()
            .any(|shown| bool::from(shown.ct_eq(token.as_bytes())))
    }
}

/// The second half of `user:password` in base64.
fn behind_colon(shown: &[Vec<u8>]) -> Option<Vec<u8>> {
    let plain = BASE64_STANDARD.decode(shown.first()?).ok()?;
    let at = memchr::memchr(b':', &plain)?;
    plain.get(at + 1..).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_show_a_token() {
        for (value, shows) in [
            ("Bearer abc", true),
            ("bearer abc", true),
            ("Splunk abc", true),
            ("ApiKey abc", true),
            ("ApiKey aWQ6YWJj", true),
            ("Basic ZWxhc3RpYzphYmM=", true),
            ("Basic YWJj", false),
            ("Digest abc", false),
            ("abc", false),
            ("Bearer abcd", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(Shown::by(&headers).is("abc"), shows, "{value}");
        }
        assert!(!Shown::by(&HeaderMap::new()).is("abc"));
    }
}

//! The session cookie.

use axum::http::{HeaderMap, HeaderValue, header};

use super::{AuthConfig, Token};

const NAME: &str = "saola_session";

/// `Set-Cookie` for a new session.
pub fn session_cookie(token: &Token, config: &AuthConfig) -> Option<HeaderValue> {
    let age = config.absolute.as_secs();
    let secure = if config.secure_cookie { "; Secure" } else { "" };
    let cookie = format!(
        "{NAME}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}",
        token.as_text()
    );
    HeaderValue::from_str(&cookie).ok()
}

/// `Set-Cookie` that takes the session's cookie away.
pub fn clear_cookie(config: &AuthConfig) -> HeaderValue {
    if config.secure_cookie {
        HeaderValue::from_static("saola_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure")
    } else {
        HeaderValue::from_static("saola_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
    }
}

/// The session token that a request carries.
pub(super) fn token_in(headers: &HeaderMap) -> Option<Token> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(NAME)?.strip_prefix('='))
        .and_then(Token::from_text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let token = Token::random();
        let mut headers = HeaderMap::new();
        let cookies = format!("a=b; saola_session={}; c=d", token.as_text());
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        assert_eq!(
            token_in(&headers).map(|found| found.as_text().to_owned()),
            Some(token.as_text().to_owned())
        );
    }

    #[test]
    fn the_cookie_cannot_be_read_by_scripts_or_sent_from_elsewhere() {
        let cookie = session_cookie(&Token::random(), &AuthConfig::default()).unwrap();
        let cookie = cookie.to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}

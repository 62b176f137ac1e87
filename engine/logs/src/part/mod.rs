//! What several sources are written with: headers, separators, envelopes.

pub(crate) mod cef;
pub(crate) mod clf;
pub(crate) mod csv;
pub(crate) mod cursor;
pub(crate) mod json;
pub(crate) mod kv;
pub(crate) mod leef;
pub(crate) mod pam;
pub(crate) mod pattern;
pub(crate) mod place;
pub(crate) mod syslog;
pub(crate) mod unescape;
pub(crate) mod xml;

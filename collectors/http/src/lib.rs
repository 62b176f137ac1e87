//! JSON lines over TCP and HTTP.

//! The Suricata rule language: load, compile, inspect.

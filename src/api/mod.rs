//! The HTTP API and the console it serves: one file per resource. Reads take a scope, changes go through the journal.

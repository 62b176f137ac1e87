//! The state that the journal adds up to, indexed for reading. A view: it can always be rebuilt.

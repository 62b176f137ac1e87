//! The writer: kill -9 at any moment loses nothing acknowledged; a full disk acknowledges nothing.

mod full;
mod kill;

//! Rules on packets built here: from the wire to the alert.

mod keywords;
mod semantics;
mod wire;

//! Tests of the whole program, one binary: each module is one subject.
#![allow(missing_docs)]

mod api;
mod tidy;

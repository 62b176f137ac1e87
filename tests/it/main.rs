//! Tests of the whole program, one binary: each module is one subject.

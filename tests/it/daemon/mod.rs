//! The daemon as a process: what it says to bad surroundings, what it does with bad input, how it takes new rules.

mod harness;
mod noise;
mod reload;
mod service;
mod surroundings;

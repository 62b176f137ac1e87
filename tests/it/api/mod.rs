//! The HTTP API, called without a network.

mod door;
mod harness;
mod openapi;
mod scope;
mod stream;
mod work;

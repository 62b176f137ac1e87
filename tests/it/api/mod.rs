//! The HTTP API, called without a network.

mod openapi;

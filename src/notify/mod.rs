//! Telling people: mail from a durable queue.

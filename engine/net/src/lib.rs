//! Packets to flows, streams and protocol transactions.

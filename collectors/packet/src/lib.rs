//! Packets in: live interfaces and capture files.

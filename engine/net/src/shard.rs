//! Which shard a packet belongs to.

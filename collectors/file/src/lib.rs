//! Log files followed through rotation, truncation and restarts.

//! Sigma rules, compiled into shared automata and run over events.

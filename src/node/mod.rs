//! Composition only: builds stages from the configuration, starts and stops them in order.

//! One small struct per thing that happens: it logs and counts at once, so the two can never disagree.

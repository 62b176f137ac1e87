//! Mail servers and the daemons around them.

pub(super) mod exim;
pub(super) mod imap;
pub(super) mod postfix;
pub(super) mod sendmail;

//! Telling people: mail about incidents, from a durable queue.
//!
//! [`compose`] turns an incident into a [`Mail`] in the reader's language; [`Outbox`] keeps it on disk until it was sent
//! (or for good, where no server is configured); [`Sender`] hands due mail to the SMTP server and tries again
//! when that fails. What is mailed is decided by [`Route`]. Following the journal is `node`'s part: a mail's id comes from
//! the journal entry that caused it, so an entry read twice makes one mail.

mod compose;
mod mail;
mod outbox;
mod phrase;
mod route;
mod sender;

pub use compose::{Cause, Composer, GroupLine, Notice};
pub use mail::{Mail, MailId, MailState};
pub use outbox::{Outbox, OutboxError};
pub use phrase::Language;
pub use route::{Route, Verdict};
pub use sender::{Sender, SenderError, SmtpSettings, SmtpTls};

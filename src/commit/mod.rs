//! The single writer: alerts and commands become changes, changes become journal entries, entries become records, and
//! only then is anything acknowledged or published.
//!
//! One thread ([`Committer`]) owns triage, journal and the store's writing side. Everybody else holds a [`Desk`] to
//! hand work in (bounded; full means wait or refuse) and a [`Board`] to read from. A batch is whatever waited when the
//! last fsync ended, so many small acknowledgements share one.

mod board;
mod committer;
mod desk;
mod open;
mod record;

pub use board::{Board, News};
pub use committer::{Committer, WriterCounters};
pub use desk::{Answer, Desk, Job, Receipt, SubmitError, desk};
pub use open::{CheckReport, OpenError, Opened, Places, Report, check, open, read, rebuild};
pub use record::UnknownEntry;

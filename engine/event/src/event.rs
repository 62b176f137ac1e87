//! A normalised record: what the log parsers and the packet engine both speak.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use crate::{Fields, LogSources, SourceId, Timestamp};

/// One normalised event. Log events use the Sigma taxonomy's field names (`CommandLine`, `c-ip`, `cs-uri-query`);
/// network events use the EVE names (`event_type`, `src_ip`, `http.hostname`).
///
/// Fields borrow from the raw record; [`Event::into_owned`] makes a copy that can be kept.
#[derive(Clone, Debug, Serialize)]
pub struct Event<'a> {
    /// When it happened, by the record's own word; the arrival time where the record gives none.
    pub time: Timestamp,
    /// When it arrived here.
    pub received_at: Timestamp,
    /// The source that took it in.
    pub source: SourceId,
    /// The agency that the source belongs to.
    pub agency: Arc<str>,
    /// Number within the source.
    pub seq: u64,
    /// The parser that understood it, `unparsed` when none did.
    pub parser: &'static str,
    /// Which log sources of Sigma it stands for.
    pub sources: LogSources,
    /// What the parser found, in the record's order.
    pub fields: Fields<'a>,
    /// The record as text (lossy where it was not UTF-8), for keyword rules and for people.
    pub raw: Cow<'a, str>,
}

impl Event<'_> {
    /// A copy that borrows nothing.
    pub fn into_owned(self) -> Event<'static> {
        Event {
            fields: self.fields.into_owned(),
            raw: self.raw.into_owned().into(),
            ..self
        }
    }
}

//! From a record to an event: text, envelope, choice of the source.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use saola_event::{Event, LogSources, RawRecord};

use crate::arena::Arena;
use crate::config::Config;
use crate::draft::Draft;
use crate::encoding;
use crate::part::{json, syslog};
use crate::sets;
use crate::source::{self, Input, Json, Text};
use crate::time::Anchor;

/// The parser of records that no source knows.
pub const UNPARSED: &str = "unparsed";

/// All parsers, ready to be shared by threads.
#[derive(Debug)]
pub struct Parsers {
    config: Config,
    /// Text sources by the program in the envelope.
    by_program: FxHashMap<&'static str, &'static Text>,
}

impl Parsers {
    /// Parsers that assume what `config` says.
    pub fn new(config: Config) -> Self {
        let by_program = source::TEXT
            .iter()
            .flat_map(|source| source.programs.iter().map(move |program| (*program, *source)))
            .collect();
        Self { config, by_program }
    }

    /// Names that a record's hint may have, in the order in which they are tried without one.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let json = source::JSON.iter().map(|source| source.name);
        let text = source::TEXT.iter().map(|source| source.name);
        let both: Vec<_> = json.chain(text).collect();
        let mut seen = std::collections::HashSet::new();
        both.into_iter().filter(move |name| seen.insert(*name))
    }

    /// Every set of log sources that a parser gives, for telling which rules can never fire. A JSON record that names its
    /// own log source has that, whatever it is.
    pub fn log_sources() -> Vec<LogSources> {
        source::known_sets()
    }

    /// Reads a record. Never fails: see the crate's documentation.
    pub fn parse<'r>(&self, record: &'r RawRecord) -> Event<'r> {
        self.parse_with(record, None)
    }

    /// The same with the texts that cannot be borrowed from the record in an arena, for those who read many.
    pub fn parse_in<'r>(&self, record: &'r RawRecord, arena: &'r Arena) -> Event<'r> {
        self.parse_with(record, Some(arena))
    }

    fn parse_with<'r>(&self, record: &'r RawRecord, arena: Option<&'r Arena>) -> Event<'r> {
        let anchor = Anchor {
            received_at: record.received_at,
            zone_secs: self.config.zone_secs(&record.source),
        };
        let hint = record.parser.as_deref();
        match encoding::text(&record.bytes) {
            Cow::Borrowed(text) => {
                let reading = Reading {
                    parsers: self,
                    hint,
                    anchor,
                    arena,
                };
                event(record, text, reading.text(text), anchor)
            }
            Cow::Owned(text) => {
                let reading = Reading {
                    parsers: self,
                    hint,
                    anchor,
                    arena: None,
                };
                event(record, &text, reading.text(&text), anchor).into_owned()
            }
        }
    }
}

/// What a record's reading goes by.
#[derive(Clone, Copy)]
struct Reading<'p, 'r> {
    parsers: &'p Parsers,
    hint: Option<&'p str>,
    anchor: Anchor,
    arena: Option<&'r Arena>,
}

impl<'r> Reading<'_, 'r> {
    fn text(&self, text: &'r str) -> (&'static str, Draft<'r>) {
        // A container runtime's prefix is taken off once: a line of nothing but prefixes must not nest.
        let Some((stamp, line)) = source::container_line(text) else {
            return self.line(text);
        };
        let (name, mut draft) = self.line(line);
        draft.stamp(Some(stamp));
        (name, draft)
    }

    fn line(&self, text: &'r str) -> (&'static str, Draft<'r>) {
        let whole = text.starts_with('{').then(|| self.object(text)).flatten();
        let input = Input::new(
            text,
            if whole.is_some() {
                None
            } else {
                syslog::header(text)
            },
        );
        match whole.or_else(|| self.enveloped_object(&input)) {
            Some((name, draft)) if name == source::json::SOURCE.name => self.within_object(draft),
            Some(found) => found,
            None => self.parsers.text(&input, self.hint),
        }
    }

    /// A line of text that a shipper put into an object (`{"message":"sshd[7]: …"}`, the journal's `MESSAGE`): its
    /// fields stand beside the object's, and the object's own word wins where both have one.
    fn within_object(&self, mut draft: Draft<'r>) -> (&'static str, Draft<'r>) {
        let outer = source::json::SOURCE.name;
        let Some(wrapped) = source::json::wrapped(&draft.fields) else {
            return (outer, draft);
        };
        let found = match (wrapped.line, wrapped.program) {
            (Cow::Borrowed(line), None) => self.wrapped_line(line, None),
            (Cow::Borrowed(line), Some(Cow::Borrowed(program))) => self.wrapped_line(line, Some(program)),
            (line, program) => self
                .wrapped_line(&line, program.as_deref())
                .map(|(name, inner)| (name, inner.into_owned())),
        };
        let Some((name, inner)) = found else {
            return (outer, draft);
        };
        draft.stamp(inner.stamp);
        for (field, value) in inner.fields {
            if field != "message" && draft.fields.find(&field).is_none() {
                draft.fields.push(field, value);
            }
        }
        draft.sources = sets::joined(&draft.sources, &inner.sources);
        (name, draft)
    }

    /// `None` when no parser knows the line, or nothing but its having the form of syslog.
    fn wrapped_line<'l>(&self, line: &'l str, program: Option<&'l str>) -> Option<(&'static str, Draft<'l>)> {
        let header = syslog::header(line).unwrap_or(syslog::Header {
            body: line,
            ..syslog::Header::default()
        });
        let header = syslog::Header {
            program: header.program.or(program),
            ..header
        };
        let input = Input::new(line, Some(header));
        let (name, inner) = self.parsers.text(&input, None);
        let known = name != UNPARSED && (name != "syslog" || input.header.program.is_some());
        known.then_some((name, inner))
    }

    /// A text that is one JSON object.
    fn object(&self, text: &'r str) -> Option<(&'static str, Draft<'r>)> {
        let object = json::object(text, self.arena)?;
        let mut draft = Draft::default();
        let source = json_source(&object.fields, self.hint);
        (source.parse)(object.fields, &mut draft, self.anchor);
        if !object.complete {
            draft.fields.push("parse_anomaly", "json ends early");
        }
        Some((source.name, draft))
    }

    /// A JSON object within a syslog envelope, behind `@cee:` or behind a few words of the program's own.
    fn enveloped_object(&self, input: &Input<'r>) -> Option<(&'static str, Draft<'r>)> {
        let body = input.body.trim_start();
        let object = if body.starts_with('{') {
            body
        } else {
            object_behind_words(body)?
        };
        let (name, mut draft) = self.object(object)?;
        source::envelope(input, &mut draft);
        Some((name, draft))
    }
}

impl Parsers {
    fn text<'r>(&self, input: &Input<'r>, hint: Option<&str>) -> (&'static str, Draft<'r>) {
        let hinted = hint.and_then(|hint| source::TEXT.iter().copied().find(|source| source.name == hint));
        let programmed = input
            .program_key()
            .and_then(|program| self.by_program.get(program).copied());
        let probed = source::TEXT
            .iter()
            .copied()
            .filter(|source| (source.probe)(input));
        for source in hinted.into_iter().chain(programmed).chain(probed) {
            let mut draft = Draft::default();
            if (source.parse)(input, &mut draft).is_some() {
                source::envelope(input, &mut draft);
                return (source.name, draft);
            }
        }
        let mut draft = Draft::default();
        source::envelope(input, &mut draft);
        (UNPARSED, draft)
    }
}

/// `[ACCESS] 2022 {"…"…}`: the object that ends a text, when little stands before it.
fn object_behind_words(body: &str) -> Option<&str> {
    const MAX_WORDS: usize = 64;
    let at = memchr::memmem::find(body.as_bytes(), b"{\"").filter(|at| *at <= MAX_WORDS)?;
    let (words, object) = body.split_at_checked(at)?;
    let plain = !words.contains(['=', '"', '{']);
    (plain && body.trim_end().ends_with('}')).then_some(object)
}

fn json_source(fields: &saola_event::Fields<'_>, hint: Option<&str>) -> &'static Json {
    let hinted = hint.and_then(|hint| source::JSON.iter().copied().find(|source| source.name == hint));
    let probed = || source::JSON.iter().copied().find(|source| (source.probe)(fields));
    hinted.or_else(probed).unwrap_or(&source::json::SOURCE)
}

/// Puts the event together.
fn event<'r>(
    record: &RawRecord,
    text: &'r str,
    (parser, draft): (&'static str, Draft<'r>),
    anchor: Anchor,
) -> Event<'r> {
    let Draft {
        mut fields,
        stamp,
        sources,
    } = draft;
    if let Some((name, text)) = stamp.and_then(|stamp| stamp.shown())
        && fields.find(name).is_none()
    {
        fields.push(name, text);
    }
    Event {
        time: stamp
            .and_then(|stamp| anchor.resolve(stamp))
            .unwrap_or(record.received_at),
        received_at: record.received_at,
        source: Arc::clone(&record.source),
        agency: Arc::clone(&record.agency),
        seq: record.seq,
        parser,
        sources: if parser == UNPARSED {
            LogSources::default()
        } else {
            sources
        },
        fields,
        raw: Cow::Borrowed(text),
    }
}

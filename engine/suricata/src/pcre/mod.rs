//! `pcre`: pattern, flags, and the two engines that run it.
//!
//! `regex::bytes` runs in linear time and takes most patterns; look-around and back references go to `fancy-regex` under
//! a backtrack limit. What neither takes is refused when the rule loads. A limit that is hit counts as "no match" and
//! is counted.

mod translate;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::rule::Buffer;
use translate::{Syntax, translate};

/// Steps a backtracking pattern may take on one buffer.
const BACKTRACK_LIMIT: usize = 50_000;

/// Bytes a compiled program may take.
const SIZE_LIMIT: usize = 4 << 20;

/// Bytes of a pattern: longer ones are refused.
const MAX_PATTERN_BYTES: usize = 8192;

/// A pattern that is compiled when it is first needed, shared by the rules that use the same one.
#[derive(Debug)]
struct Shared {
    translated: String,
    flags: Flags,
    engine: OnceLock<Option<Engine>>,
    limit_hits: AtomicU64,
}

#[derive(Debug)]
enum Engine {
    Linear(regex::bytes::Regex),
    Backtracking(fancy_regex::Regex),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Flags {
    caseless: bool,
    dot_all: bool,
    extended: bool,
    ungreedy: bool,
    anchored: bool,
    syntax: Syntax,
}

/// `pcre` of a rule.
#[derive(Clone, Debug)]
pub struct Pcre {
    shared: Arc<Shared>,
    /// As the rule writes it, for the evidence.
    source: Arc<str>,
    negated: bool,
    relative: bool,
    /// Names of the groups, in order, with whether they are the flow's.
    captures: Arc<[(bool, Arc<str>)]>,
}

/// Patterns by their text: public rules repeat themselves.
#[derive(Debug, Default)]
pub(crate) struct PcreCache(FxHashMap<(String, Flags), Arc<Shared>>);

impl Pcre {
    /// Reads `/pattern/flags`. Returns the buffer that a flag names, if any.
    pub(crate) fn parse(
        text: &str,
        negated: bool,
        cache: &mut PcreCache,
    ) -> Result<(Self, Option<Buffer>), String> {
        if text.len() > MAX_PATTERN_BYTES {
            return Err(format!("the pattern is longer than {MAX_PATTERN_BYTES} bytes"));
        }
        let (pattern, letters) = text
            .strip_prefix('/')
            .and_then(|rest| rest.rsplit_once('/'))
            .ok_or("write \"/pattern/flags\"")?;
        // Capture variables ("/(.*)/, flow:name") follow the flags after a comma: what their groups catch goes into
        // records.
        let (letters, captures) = letters.split_once(',').unwrap_or((letters, ""));
        let letters = letters.trim();
        let captures = captures
            .split(',')
            .filter_map(|capture| capture.split_once(':'))
            .map(|(scope, name)| (scope.trim() == "flow", Arc::from(name.trim())))
            .collect();
        let mut flags = Flags::default();
        let (mut relative, mut buffer) = (false, None);
        for letter in letters.chars() {
            match letter {
                'i' => flags.caseless = true,
                's' => flags.dot_all = true,
                'm' => flags.syntax.multi_line = true,
                'x' => flags.extended = true,
                'A' => flags.anchored = true,
                'E' => flags.syntax.dollar_end_only = true,
                'G' => flags.ungreedy = true,
                'R' => relative = true,
                // B (raw bytes) and O (override limits) change nothing here.
                'B' | 'O' => {}
                _ => buffer = Some(buffer_of(letter).ok_or_else(|| format!("unknown flag `{letter}`"))?),
            }
        }
        let shared = cache.shared(pattern, flags)?;
        let pcre = Self {
            shared,
            source: text.into(),
            negated,
            relative,
            captures,
        };
        Ok((pcre, buffer))
    }

    /// Whether it starts at the end of the last match.
    pub const fn is_relative(&self) -> bool {
        self.relative
    }

    /// Whether it must not match.
    pub const fn is_negated(&self) -> bool {
        self.negated
    }

    /// The pattern as the rule's author wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// First and one past the last byte of the leftmost match within `bytes`.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        match self.shared.engine()? {
            Engine::Linear(regex) => regex.find(bytes).map(|found| (found.start(), found.end())),
            Engine::Backtracking(regex) => match regex.find(bytes) {
                Ok(found) => found.map(|found| (found.start(), found.end())),
                Err(_) => {
                    self.shared.limit_hits.fetch_add(1, Ordering::Relaxed);
                    None
                }
            },
        }
    }

    /// Whether it names groups that it keeps.
    pub(crate) fn catches(&self) -> bool {
        !self.captures.is_empty()
    }

    /// What the named groups caught at the first match within `bytes`: whether for the flow, name, text.
    pub(crate) fn caught<'p, 'b>(&'p self, bytes: &'b [u8]) -> Vec<(bool, &'p Arc<str>, &'b [u8])> {
        if self.captures.is_empty() {
            return Vec::new();
        }
        let named = self.captures.iter().enumerate();
        match self.shared.engine() {
            Some(Engine::Linear(regex)) => {
                let Some(groups) = regex.captures(bytes) else {
                    return Vec::new();
                };
                let text = |index: usize| groups.get(index + 1).map(|group| group.as_bytes());
                named
                    .filter_map(|(index, (flow, name))| Some((*flow, name, text(index)?)))
                    .collect()
            }
            // Groups of backtracking patterns are not kept: nothing that matches depends on them.
            Some(Engine::Backtracking(_)) | None => Vec::new(),
        }
    }

    /// How often the pattern was given up at the backtrack limit.
    pub fn limit_hits(&self) -> u64 {
        self.shared.limit_hits.load(Ordering::Relaxed)
    }

    /// Compiles now rather than at first use; false when neither engine takes the pattern.
    pub fn compile(&self) -> bool {
        self.shared.engine().is_some()
    }
}

/// Flags that stand for a buffer, from before sticky buffers.
fn buffer_of(letter: char) -> Option<Buffer> {
    Some(match letter {
        'U' => Buffer::HttpUri,
        'I' => Buffer::HttpUriRaw,
        'P' => Buffer::HttpRequestBody,
        'Q' => Buffer::HttpResponseBody,
        'H' => Buffer::HttpHeader,
        'D' => Buffer::HttpHeaderRaw,
        'M' => Buffer::HttpMethod,
        'C' => Buffer::HttpCookie,
        'S' => Buffer::HttpStatCode,
        'Y' => Buffer::HttpStatMsg,
        'V' => Buffer::HttpUserAgent,
        'W' => Buffer::HttpHost,
        'Z' => Buffer::HttpHostRaw,
        _ => return None,
    })
}

impl PcreCache {
    fn shared(&mut self, pattern: &str, flags: Flags) -> Result<Arc<Shared>, String> {
        let key = (pattern.to_owned(), flags);
        if let Some(shared) = self.0.get(&key) {
            return Ok(Arc::clone(shared));
        }
        let mut translated = translate(pattern, flags.syntax);
        if flags.anchored {
            translated = format!(r"\A(?:{translated})");
        }
        let shared = Arc::new(Shared {
            translated,
            flags,
            engine: OnceLock::new(),
            limit_hits: AtomicU64::new(0),
        });
        shared.check()?;
        self.0.insert(key, Arc::clone(&shared));
        Ok(shared)
    }
}

impl Shared {
    /// Whether an engine will take the pattern, as cheaply as can be told: parsing is a twentieth of compiling.
    fn check(&self) -> Result<(), String> {
        let mut parser = regex_syntax::ParserBuilder::new();
        parser
            .unicode(false)
            .utf8(false)
            .case_insensitive(self.flags.caseless)
            .dot_matches_new_line(self.flags.dot_all)
            .multi_line(self.flags.syntax.multi_line)
            .ignore_whitespace(self.flags.extended)
            .swap_greed(self.flags.ungreedy)
            .nest_limit(100);
        match parser.build().parse(&self.translated) {
            Ok(_) => Ok(()),
            // What `regex` does not parse must be compiled by the other engine now: there is no cheaper check.
            Err(_) => {
                let engine = self.backtracking().map_err(|error| error.to_string())?;
                self.engine.set(Some(engine)).ok();
                Ok(())
            }
        }
    }

    fn engine(&self) -> Option<&Engine> {
        self.engine
            .get_or_init(|| {
                self.linear()
                    .map(Engine::Linear)
                    .ok()
                    .or_else(|| self.backtracking().ok())
            })
            .as_ref()
    }

    fn linear(&self) -> Result<regex::bytes::Regex, regex::Error> {
        regex::bytes::RegexBuilder::new(&self.translated)
            .unicode(false)
            .case_insensitive(self.flags.caseless)
            .dot_matches_new_line(self.flags.dot_all)
            .multi_line(self.flags.syntax.multi_line)
            .ignore_whitespace(self.flags.extended)
            .swap_greed(self.flags.ungreedy)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(256 << 10)
            .nest_limit(100)
            .build()
    }

    fn backtracking(&self) -> Result<Engine, Box<fancy_regex::Error>> {
        // fancy-regex has no switch for lazy-by-default; the inline flag is understood by its inner engine only.
        fancy_regex::RegexBuilder::new(&self.translated)
            .unicode_mode(false)
            .bytes_mode(fancy_regex::BytesMode::Ascii)
            .case_insensitive(self.flags.caseless)
            .dot_matches_new_line(self.flags.dot_all)
            .multi_line(self.flags.syntax.multi_line)
            .ignore_whitespace(self.flags.extended)
            .backtrack_limit(BACKTRACK_LIMIT)
            .delegate_size_limit(SIZE_LIMIT)
            .build()
            .map(Engine::Backtracking)
            .map_err(Box::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, bytes: &[u8]) -> Option<(usize, usize)> {
        Pcre::parse(text, false, &mut PcreCache::default())
            .unwrap()
            .0
            .find(bytes)
    }

    fn refusal(text: &str) -> String {
        Pcre::parse(text, false, &mut PcreCache::default())
            .map(|_| ())
            .unwrap_err()
    }

    #[test]
    fn flags_do_what_pcre_does() {
        assert_eq!(find("/B.c/i", b"aBXC"), Some((1, 4)));
        assert_eq!(find("/a.b/", b"a\nb"), None);
        assert_eq!(find("/a.b/s", b"a\nb"), Some((0, 3)));
        assert_eq!(find("/^b$/", b"a\nb\n"), None);
        assert_eq!(find("/^b$/m", b"a\nb\n"), Some((2, 3)));
        assert_eq!(find("/b/A", b"ab"), None);
        assert_eq!(find("/b$/", b"b\n"), Some((0, 2)));
        assert_eq!(find("/b$/E", b"b\n"), None);
        assert_eq!(find("/a b # c/x", b"ab"), Some((0, 2)));
        assert_eq!(find("/a+/G", b"aaa"), Some((0, 1)));
        assert_eq!(find(r"/\xff\x00/", b"\xff\x00"), Some((0, 2)));
    }

    #[test]
    fn look_around_and_back_references_run_under_a_limit() {
        assert_eq!(find(r"/a(?!b)/", b"abac"), Some((2, 3)));
        assert_eq!(find(r"/(.)\1/", b"abccd"), Some((2, 4)));
        assert_eq!(find(r"/(?<=\xff)b/", b"ab\xffb"), Some((3, 4)));
        let (pcre, _) =
            Pcre::parse(r"/(a+)(a+)(a+)(a+)\1\2\3\4c/", false, &mut PcreCache::default()).unwrap();
        assert_eq!(pcre.find(&[b'a'; 400]), None);
        assert_eq!(pcre.limit_hits(), 1);
    }

    #[test]
    fn refusals_name_the_fault() {
        assert!(refusal("abc").contains("/pattern/flags"));
        assert!(refusal("/a/k").contains("unknown flag `k`"));
        assert!(!refusal("/a(/").is_empty());
        assert!(refusal(&format!("/{}/", "a".repeat(9000))).contains("longer"));
    }

    #[test]
    fn buffer_flags() {
        let (_, buffer) = Pcre::parse("/a/Ui", false, &mut PcreCache::default()).unwrap();
        assert_eq!(buffer, Some(Buffer::HttpUri));
    }
}

//! From an incident to a mail in the reader's language.

use std::collections::BTreeMap;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use saola_event::{Severity, Timestamp};

use super::mail::{Mail, MailId, MailState};
use super::phrase::Language;

/// Why a mail is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An incident was opened.
    Opened,
    /// An incident became more severe.
    Escalated,
}

/// What a mail tells, with names already looked up. Texts may come from outside.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Why.
    pub cause: Cause,
    /// Agency's id.
    pub agency_id: String,
    /// The incident's number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Agency's name.
    pub agency: String,
    /// Information system, where known.
    pub system: Option<String>,
    /// Legal level 1-5, where known.
    pub level: Option<u8>,
    /// First sign.
    pub t0: Timestamp,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Keys of `seen_by.*`.
    pub seen_by: Vec<&'static str>,
    /// The line that says why these alerts are one incident: a key of the texts and its parameters.
    pub why: (String, BTreeMap<String, String>),
    /// Its alert groups, worst first.
    pub groups: Vec<GroupLine>,
    /// What to do.
    pub advice: Vec<String>,
    /// Mails held back before this one.
    pub held_back: u64,
}

/// One alert group in a mail.
#[derive(Clone, Debug)]
pub struct GroupLine {
    /// Title of the rule.
    pub title: String,
    /// Who acted, as text.
    pub actor: String,
    /// Upon what.
    pub target: String,
    /// How often.
    pub count: u64,
}

/// The template whose values are escaped.
const INCIDENT_HTML: &str = "incident.html";
/// Most groups that a mail lists.
const MOST_GROUPS: usize = 20;
/// Longest subject in characters; longer ones are cut at a word.
const MOST_SUBJECT: usize = 160;

/// Writes mails.
#[derive(Debug)]
pub struct Composer {
    templates: Environment<'static>,
    language: Language,
    public_url: Option<String>,
    offset_minutes: i32,
}

impl Composer {
    /// A composer for a language and a time zone, minutes east of UTC.
    pub fn new(
        language: Language,
        offset_minutes: i32,
        public_url: Option<String>,
    ) -> Result<Self, minijinja::Error> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_auto_escape_callback(|name| {
            if name == INCIDENT_HTML {
                AutoEscape::Html
            } else {
                AutoEscape::None
            }
        });
        templates.add_template(INCIDENT_HTML, include_str!("template/incident.html"))?;
        templates.add_template("incident.txt", include_str!("template/incident.txt"))?;
        Ok(Self {
            templates,
            language,
            public_url,
            offset_minutes,
        })
    }

    /// The mail that a notice makes, to the given receivers.
    pub fn compose(
        &self,
        notice: &Notice,
        to: Vec<String>,
        now: Timestamp,
    ) -> Result<Mail, minijinja::Error> {
        let view = self.view(notice);
        Ok(Mail {
            version: Mail::VERSION,
            id: notice.mail_id(),
            incident: notice.number.clone(),
            agency: notice.agency_id.clone(),
            severity: notice.severity,
            to,
            subject: self.subject(notice),
            text: self.templates.get_template("incident.txt")?.render(&view)?,
            html: self.templates.get_template(INCIDENT_HTML)?.render(&view)?,
            created_at: now,
            state: MailState::Queued,
            attempts: 0,
            due_at: now,
            last_error: None,
        })
    }

    fn subject(&self, notice: &Notice) -> String {
        let params = BTreeMap::from([
            ("number".to_owned(), notice.number.clone()),
            ("severity".to_owned(), self.severity(notice.severity)),
            ("title".to_owned(), inert(&notice.title)),
        ]);
        shorten(
            &self
                .language
                .say(&format!("subject.{}", notice.cause.key()), &params),
            MOST_SUBJECT,
        )
    }

    fn severity(&self, severity: Severity) -> String {
        self.say(&format!("severity.{}", severity.name()))
    }

    fn say(&self, key: &str) -> String {
        self.language.say(key, &BTreeMap::new())
    }

    fn view(&self, notice: &Notice) -> Value {
        let count = BTreeMap::from([("count".to_owned(), notice.held_back.to_string())]);
        let zone = BTreeMap::from([("zone".to_owned(), offset_text(self.offset_minutes))]);
        context! {
            words => self.language.texts(),
            lang => if self.language == Language::Vi { "vi" } else { "en" },
            lead => self.say(&format!("lead.{}", notice.cause.key())),
            number => notice.number.as_str(),
            title => inert(&notice.title),
            severity => self.severity(notice.severity),
            severity_key => notice.severity.name(),
            facts => self.facts(notice),
            groups => notice.groups.iter().take(MOST_GROUPS).map(group_view).collect::<Vec<_>>(),
            advice => notice.advice.iter().map(|line| inert(line)).collect::<Vec<_>>(),
            link => self.public_url.as_ref().map(|url| format!("{}/incidents/{}", url.trim_end_matches('/'), notice.number)),
            held_back => (notice.held_back > 0).then(|| self.language.say("held_back", &count)),
            footer => self.language.say("footer", &zone),
        }
    }

    /// Label and value, in the order in which a reader on a phone needs them.
    fn facts(&self, notice: &Notice) -> Vec<(String, String)> {
        let unknown = || self.say("unknown");
        let seen_by = notice
            .seen_by
            .iter()
            .map(|key| self.say(&format!("seen_by.{key}")))
            .collect::<Vec<_>>();
        [
            ("severity", self.severity(notice.severity)),
            ("agency", inert(&notice.agency)),
            ("system", notice.system.as_deref().map_or_else(unknown, inert)),
            (
                "level",
                notice.level.map_or_else(unknown, |level| level.to_string()),
            ),
            ("t0", self.local(notice.t0)),
            ("opened_at", self.local(notice.opened_at)),
            ("seen_by", seen_by.join(", ")),
            ("why", inert(&self.why(notice))),
        ]
        .map(|(key, value)| (self.say(&format!("label.{key}")), value))
        .into()
    }

    /// Parameters that are keys themselves (`severity`, `seen`) are said in the reader's language.
    fn why(&self, notice: &Notice) -> String {
        let (key, params) = &notice.why;
        let said = params.iter().map(|(name, value)| match name.as_str() {
            "severity" => (name.clone(), self.say(&format!("severity.{value}"))),
            "seen" => (name.clone(), self.say(&format!("seen.{value}"))),
            _ => (name.clone(), value.clone()),
        });
        self.language.say(key, &said.collect())
    }

    fn local(&self, time: Timestamp) -> String {
        let shifted = Timestamp::from_micros(time.as_micros() + i64::from(self.offset_minutes) * 60_000_000);
        let (year, month, day, hour, minute, second) = shifted.civil();
        format!(
            "{hour:02}:{minute:02}:{second:02} {day:02}/{month:02}/{year:04} ({})",
            offset_text(self.offset_minutes)
        )
    }
}

impl Notice {
    /// The id of the mail it makes: an incident is opened once, and rises to a severity once.
    pub fn mail_id(&self) -> MailId {
        match self.cause {
            Cause::Opened => MailId::of_cause(&format!("opened {}", self.number)),
            Cause::Escalated => {
                MailId::of_cause(&format!("escalated {} {}", self.number, self.severity.name()))
            }
        }
    }
}

impl Cause {
    fn key(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Escalated => "escalated",
        }
    }
}

fn offset_text(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("UTC{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

fn group_view(group: &GroupLine) -> Value {
    context! {
        title => inert(&group.title),
        actor => inert(&group.actor),
        target => inert(&group.target),
        count => group.count,
    }
}

/// Text from outside as one harmless line: no control or direction characters, no address that a mail program would make
/// clickable.
fn inert(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || is_direction(c) => '\u{fffd}',
            c => c,
        })
        .collect();
    visible.replace("://", "[:]//")
}

/// Characters that change the direction or the joining of what stands around them.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// At most `most` characters, cut between words.
fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", cut.get(..end).unwrap_or(&cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice() -> Notice {
        Notice {
            cause: Cause::Opened,
            agency_id: "stttt".to_owned(),
            number: "SC-2026-0001".to_owned(),
            title: "Web shell <script>alert(1)</script>\r\nBcc: x@y".to_owned(),
            severity: Severity::Critical,
            agency: "Sở A & B".to_owned(),
            system: Some("Cổng dịch vụ công".to_owned()),
            level: Some(3),
            t0: Timestamp::parse_rfc3339("2026-11-22T00:30:00Z").unwrap(),
            opened_at: Timestamp::parse_rfc3339("2026-11-22T00:31:00Z").unwrap(),
            seen_by: vec!["packets", "logs"],
            why: (
                "why.shared_actor".to_owned(),
                BTreeMap::from([
                    ("value".to_owned(), "http://203.0.113.7/\u{202e}exe".to_owned()),
                    ("seen".to_owned(), "both".to_owned()),
                ]),
            ),
            groups: vec![GroupLine {
                title: "<b>t".into(),
                actor: "203.0.113.7".into(),
                target: "dvc".into(),
                count: 3,
            }],
            advice: vec!["Cô lập máy chủ".to_owned()],
            held_back: 2,
        }
    }

    fn mail(language: Language) -> Mail {
        let composer = Composer::new(language, 420, Some("https://soc.example/".to_owned())).unwrap();
        composer
            .compose(&notice(), vec!["a@b.example".to_owned()], Timestamp::EPOCH)
            .unwrap()
    }

    #[test]
    fn outside_text_is_inert_in_subject_text_and_html() {
        let mail = mail(Language::Vi);
        assert!(!mail.subject.contains(['\r', '\n']), "{}", mail.subject);
        assert!(
            !mail.html.contains("<script") && mail.html.contains("&lt;script"),
            "{}",
            mail.html
        );
        for body in [&mail.html, &mail.text] {
            assert!(
                !body.contains('\u{202e}') && !body.contains("http://203"),
                "{body}"
            );
        }
    }

    #[test]
    fn says_what_where_how_urgent_in_the_readers_zone_and_language() {
        let vi = mail(Language::Vi);
        assert!(vi.subject.starts_with("[SC-2026-0001] Nghiêm trọng: Web shell"));
        for part in [
            "07:30:00 22/11/2026 (UTC+07:00)",
            "gói tin, nhật ký",
            "https://soc.example/incidents/SC-2026-0001",
            "còn 2 sự cố",
        ] {
            assert!(vi.text.contains(part), "{part} is not in\n{}", vi.text);
        }
        assert!(mail(Language::En).text.contains("packets, logs"));
    }

    #[test]
    fn html_loads_nothing_and_runs_nothing() {
        let html = mail(Language::En).html;
        for active in [
            "<script",
            "<img",
            "<link",
            "url(",
            "javascript:",
            "onclick",
            "<iframe",
            "@import",
        ] {
            assert!(!html.contains(active), "{active}");
        }
    }

    #[test]
    fn long_subjects_end_at_a_word() {
        let short = shorten(&"từ ".repeat(100), 20);
        assert!(short.ends_with("từ…") && short.chars().count() <= 21, "{short}");
    }
}

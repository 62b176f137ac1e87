//! Hands due mail to the SMTP server.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::header::{self, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use saola_event::Timestamp;

use super::mail::{Mail, MailState};
use super::outbox::{Outbox, OutboxError};

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// STARTTLS or nothing is sent: opportunistic TLS can be stripped by whoever sits between.
    Required,
    /// TLS from the first byte.
    Wrapped,
    /// None; the administrator asked for it by name.
    None,
}

/// The mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Host name, also the name its certificate must have.
    pub server: String,
    /// Port; the usual one of the protection when absent.
    pub port: Option<u16>,
    /// Protection.
    pub tls: SmtpTls,
    /// Account and password.
    pub credentials: Option<(String, String)>,
    /// PEM of further authorities to trust.
    pub trust: Option<Vec<u8>>,
    /// Sender.
    pub from: String,
}

/// Why there can be no sender.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// The sender's address cannot be read.
    #[error("mail.from: '{address}' is no mail address: {source}")]
    From {
        /// As configured.
        address: String,
        /// Why.
        source: lettre::address::AddressError,
    },
    /// TLS cannot be set up.
    #[error("mail server {server}: {source}; check mail.trust and mail.server")]
    Tls {
        /// The server.
        server: String,
        /// Why.
        source: lettre::transport::smtp::Error,
    },
    /// The server cannot be reached, or does not take the sign-in.
    #[error("mail.server: {0}")]
    Greeting(String),
    /// The password file cannot be read.
    #[error("mail.password_file {path}: {source}")]
    Password {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Sends what is due and writes down what became of it.
pub struct Sender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Waiting times after the first, second … failed try; the last one repeats until [`GIVE_UP`].
const WAITS: [Duration; 5] = [
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
    Duration::from_hours(1),
];
/// Age at which a mail that still cannot be sent is given up, and shown as such.
const GIVE_UP: Duration = Duration::from_hours(48);
/// Longest a try may take.
const TRY_TIMEOUT: Duration = Duration::from_secs(30);

impl Sender {
    /// A sender for a server. Nothing is connected yet.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SenderError> {
        let address = &settings.from;
        let from = address.parse().map_err(|source| SenderError::From {
            address: address.clone(),
            source,
        })?;
        let tls = tls(settings).map_err(|source| SenderError::Tls {
            server: settings.server.clone(),
            source,
        })?;
        let port = settings.port.unwrap_or(match settings.tls {
            SmtpTls::Required => 587,
            SmtpTls::Wrapped => 465,
            SmtpTls::None => 25,
        });
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.server)
            .port(port)
            .tls(tls)
            .timeout(Some(TRY_TIMEOUT));
        if let Some((user, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self {
            transport: builder.build(),
            from,
        })
    }

    /// Connects, signs in and hangs up: whether the settings work.
    pub async fn greet(&self) -> Result<(), SenderError> {
        let tried = self.transport.test_connection().await;
        match tried {
            Ok(true) => Ok(()),
            Ok(false) => Err(SenderError::Greeting(
                "the server does not answer NOOP".to_owned(),
            )),
            Err(error) => Err(SenderError::Greeting(describe(&error))),
        }
    }

    /// Tries every due mail once.
    pub async fn send_due(&self, outbox: &Outbox, now: Timestamp) -> Result<(), OutboxError> {
        for mail in outbox.due(now) {
            let tried = self.try_send(&mail).await;
            outbox.update(after_try(mail, tried, now))?;
        }
        Ok(())
    }

    async fn try_send(&self, mail: &Mail) -> Result<(), Fault> {
        let message = message(mail, &self.from)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(Fault::Refused(describe(&error))),
            Err(error) => Err(Fault::Passing(describe(&error))),
        }
    }
}

enum Fault {
    /// The server will never take it.
    Refused(String),
    /// Trying again may help.
    Passing(String),
}

fn after_try(mut mail: Mail, tried: Result<(), Fault>, now: Timestamp) -> Mail {
    mail.attempts += 1;
    match tried {
        Ok(()) => (mail.state, mail.last_error) = (MailState::Sent, None),
        Err(Fault::Refused(why)) => (mail.state, mail.last_error) = (MailState::Failed, Some(why)),
        Err(Fault::Passing(why)) => {
            let wait = WAITS
                .get(mail.attempts as usize - 1)
                .or(WAITS.last())
                .copied()
                .unwrap_or(GIVE_UP);
            mail.due_at = now + wait;
            mail.last_error = Some(why);
            if now.since(mail.created_at) > GIVE_UP {
                mail.state = MailState::Failed;
            }
        }
    }
    mail
}

/// The error with its causes on one line; the library's own text alone says only "connection error".
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    // What `openssl req -x509` makes unless told otherwise, so many a province will meet it.
    if text.contains("CaUsedAsEndEntity") {
        text += "; the server's certificate is an authority's own: give the server one that says basicConstraints CA:FALSE";
    }
    text.replace(['\r', '\n'], " ")
}

fn tls(settings: &SmtpSettings) -> Result<Tls, lettre::transport::smtp::Error> {
    if settings.tls == SmtpTls::None {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(settings.server.clone());
    if let Some(pem) = &settings.trust {
        parameters = parameters.add_root_certificate(Certificate::from_pem(pem)?);
    }
    let parameters = parameters.build()?;
    Ok(match settings.tls {
        SmtpTls::Wrapped => Tls::Wrapper(parameters),
        SmtpTls::Required | SmtpTls::None => Tls::Required(parameters),
    })
}

fn message(mail: &Mail, from: &Mailbox) -> Result<Message, Fault> {
    let refused = |error: &dyn std::error::Error| Fault::Refused(describe(error));
    let domain = from.email.domain();
    let mut builder = Message::builder()
        .from(from.clone())
        .subject(mail.subject.replace(['\r', '\n'], " "))
        .message_id(Some(format!("<{}@{domain}>", mail.id.as_str())))
        .header(header::MIME_VERSION_1_0);
    for receiver in &mail.to {
        builder = builder.to(receiver
            .parse()
            .map_err(|error: lettre::address::AddressError| refused(&error))?);
    }
    if !mail.incident.is_empty() {
        // One thread per incident: every mail refers to the same root that never was a mail itself.
        builder = builder.references(format!("<{}@{domain}>", mail.incident));
    }
    let body = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
    let mut message = builder.multipart(body).map_err(|error| refused(&error))?;
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    message
        .headers_mut()
        .insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::super::mail::MailId;
    use super::*;

    fn mail() -> Mail {
        Mail {
            version: Mail::VERSION,
            id: MailId::of_cause("x"),
            incident: "SC-2026-0001".to_owned(),
            agency: "stttt".to_owned(),
            severity: saola_event::Severity::High,
            to: vec!["Trực SOC <truc@tinh.example>".to_owned()],
            subject: "Sự cố\r\nBcc: attacker@evil.example".to_owned(),
            text: "t".to_owned(),
            html: "<p>h".to_owned(),
            created_at: Timestamp::EPOCH,
            state: MailState::Queued,
            attempts: 0,
            due_at: Timestamp::EPOCH,
            last_error: None,
        }
    }

    #[test]
    fn headers_cannot_be_injected_and_the_thread_is_named() {
        let from: Mailbox = "Saola <soc@tinh.example>".parse().unwrap();
        let message = message(&mail(), &from).unwrap_or_else(|_| panic!("a good mail"));
        let text = String::from_utf8(message.formatted()).unwrap();
        assert!(!text.contains("\r\nBcc:"), "{text}");
        assert!(text.contains("References: <SC-2026-0001@tinh.example>"));
        assert!(text.contains("Auto-Submitted: auto-generated"));
    }

    #[test]
    fn passing_faults_wait_longer_each_time_and_end_one_day() {
        let mut tried = mail();
        let mut waits = Vec::new();
        for _ in 0..6 {
            tried = after_try(tried, Err(Fault::Passing("busy".to_owned())), Timestamp::EPOCH);
            waits.push(tried.due_at.as_secs());
        }
        assert_eq!(waits, [30, 120, 600, 1800, 3600, 3600]);
        let late = Timestamp::EPOCH + GIVE_UP + Duration::from_secs(1);
        assert_eq!(
            after_try(tried, Err(Fault::Passing("busy".to_owned())), late).state,
            MailState::Failed
        );
        assert_eq!(
            after_try(mail(), Err(Fault::Refused("no such user".to_owned())), late).state,
            MailState::Failed
        );
    }
}

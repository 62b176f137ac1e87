//! The `smtp` and `email` objects of EVE.

use md5::Digest as _;
use serde_json::{Map, Value};

use super::Transaction;
use super::mime::{Email, addresses};
use crate::proto::{hex_string, text};

/// What is recorded (`eve.types.smtp.*`).
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Further fields of the message (`extended`).
    pub extended: bool,
    /// Further fields by name (`custom`).
    pub custom: Vec<String>,
    /// MD5 of the subject is written (`md5: [subject]`).
    pub subject_md5: bool,
    /// URLs are written with their scheme (`app-layer.protocols.smtp.mime.log-url-scheme`).
    pub url_scheme: bool,
}

/// Fields that `extended` adds.
const EXTENDED: &[&str] = &[
    "bcc",
    "received",
    "reply-to",
    "x-mailer",
    "user-agent",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "importance",
    "priority",
    "sensitivity",
    "organization",
    "content-md5",
    "x-originating-ip",
];

/// The `smtp` object: the envelope.
pub fn object(tx: &Transaction) -> Value {
    let mut object = Map::new();
    if let Some(helo) = &tx.helo {
        object.insert("helo".to_owned(), text(helo).into());
    }
    if let Some(sender) = &tx.mail_from {
        object.insert("mail_from".to_owned(), text(sender).into());
    }
    if !tx.rcpt_to.is_empty() {
        object.insert("rcpt_to".to_owned(), texts(&tx.rcpt_to));
    }
    Value::Object(object)
}

fn texts(list: &[Vec<u8>]) -> Value {
    list.iter().map(|one| Value::from(text(one))).collect()
}

/// The `email` object: the message. `None` without one.
pub fn email_object(tx: &Transaction, options: &Options) -> Option<Value> {
    let email = tx.email.as_ref()?;
    let mut object = Map::new();
    object.insert("status".to_owned(), email.state.name().into());
    for (field, key) in [("from", "from"), ("subject", "subject")] {
        let wanted = field == "from" || options.custom.iter().any(|name| name == field) || options.extended;
        if let Some(value) = email.value(field).filter(|_| wanted) {
            object.insert(key.to_owned(), text(value).into());
        }
    }
    for field in ["to", "cc"] {
        let list: Vec<Vec<u8>> = email.values(field).flat_map(addresses).collect();
        if !list.is_empty() {
            object.insert(field.to_owned(), texts(&list));
        }
    }
    further(email, options, &mut object);
    if !email.attachments.is_empty() {
        object.insert("attachment".to_owned(), texts(&email.attachments));
    }
    if !email.urls.is_empty() {
        // The newest first: that is how readers of EVE know it.
        object.insert(
            "url".to_owned(),
            email
                .urls
                .iter()
                .rev()
                .map(|url| url_text(url, options))
                .collect(),
        );
    }
    if let Some(hash) = &email.body_md5 {
        object.insert("body_md5".to_owned(), hash.as_str().into());
    }
    if let Some(subject) = email.value("subject").filter(|_| options.subject_md5) {
        object.insert(
            "subject_md5".to_owned(),
            hex_string(&md5::Md5::digest(subject)).into(),
        );
    }
    Some(Value::Object(object))
}

/// Fields asked for by name; those that may come more than once are lists.
fn further(email: &Email, options: &Options, object: &mut Map<String, Value>) {
    let extended = EXTENDED.iter().copied().filter(|_| options.extended);
    let custom = options.custom.iter().map(String::as_str);
    for name in extended.chain(custom) {
        let key = name.replace('-', "_");
        if object.contains_key(&key) {
            continue;
        }
        let values: Vec<Vec<u8>> = match name {
            "bcc" => email.values(name).flat_map(addresses).collect(),
            _ => email.values(name).map(<[u8]>::to_vec).collect(),
        };
        let value = match (name, values.as_slice()) {
            (_, []) => continue,
            ("received" | "bcc" | "references", list) => texts(list),
            (_, [first, ..]) => text(first).into(),
        };
        object.insert(key, value);
    }
}

/// A URL, without its scheme unless that is asked for.
fn url_text(url: &[u8], options: &Options) -> Value {
    let rest = match memchr::memmem::find(url, b"://") {
        Some(at) if !options.url_scheme => url.get(at + 3..).unwrap_or_default(),
        _ => url,
    };
    text(rest).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::proto::smtp::MailState;

    #[test]
    fn envelope_and_message() {
        let field = |name: &str, value: &str| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        let tx = Transaction {
            helo: Some(b"me".to_vec()),
            mail_from: Some(b"<a@x>".to_vec()),
            rcpt_to: vec![b"<b@y>".to_vec()],
            email: Some(Email {
                state: MailState::Done,
                fields: vec![
                    field("from", "A <a@x>"),
                    field("to", "b@y, c@y"),
                    field("received", "1"),
                    field("received", "2"),
                ],
                urls: vec![b"http://h/x".to_vec()],
                ..Email::default()
            }),
        };
        assert_eq!(
            object(&tx),
            json!({"helo": "me", "mail_from": "<a@x>", "rcpt_to": ["<b@y>"]})
        );
        let options = Options {
            custom: vec!["received".to_owned()],
            ..Options::default()
        };
        assert_eq!(
            email_object(&tx, &options),
            Some(json!({
                "status": "PARSE_DONE", "from": "A <a@x>", "to": ["b@y", "c@y"], "received": ["1", "2"], "url": ["h/x"],
            }))
        );
    }
}

//! One Kerberos message and its record.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::encryption;
use crate::app::{FieldNumbers, FieldValues, Record, RecordOptions, number};
use crate::flow::Direction;
use crate::proto::ber::{Element, Elements};
use crate::proto::text;

const AS_REQ: u8 = 10;
const AS_REP: u8 = 11;
const TGS_REQ: u8 = 12;
const TGS_REP: u8 = 13;
const ERROR: u8 = 30;

/// One message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Which way it went.
    pub direction: Option<Direction>,
    /// Message type (RFC 4120 section 7.5.7).
    pub kind: u8,
    /// For an error: the request it answers.
    failed: Option<u8>,
    error: Option<i64>,
    cname: Option<Vec<u8>>,
    realm: Option<Vec<u8>>,
    sname: Option<Vec<u8>>,
    /// Encryption of the answer.
    encryption: Option<i32>,
    /// Encryption of the ticket in it.
    ticket: Option<i32>,
}

/// The message type that the application tag names.
pub(super) fn kind(bytes: &[u8]) -> Option<u8> {
    let whole = Elements(bytes).next()?;
    let kind = whole.tag & 0x1f;
    whole.inner().next().filter(|sequence| sequence.tag == 0x30)?;
    (whole.tag & 0xe0 == 0x60).then_some(kind)
}

fn field(sequence: Element<'_>, index: u8) -> Option<Element<'_>> {
    let mut fields = sequence.inner();
    fields.find(|field| field.tag == 0xa0 | index)?.inner().next()
}

/// The parts of a name, joined by slashes.
fn name(principal: Element<'_>) -> Option<Vec<u8>> {
    let parts: Vec<&[u8]> = field(principal, 1)?
        .inner()
        .take(16)
        .map(|part| part.content)
        .collect();
    Some(parts.join(&b'/'))
}

fn etype(encrypted: Element<'_>) -> Option<i32> {
    i32::try_from(field(encrypted, 0)?.integer()?).ok()
}

impl Message {
    pub(super) fn parse(bytes: &[u8], direction: Direction, request: Option<u8>) -> Option<Self> {
        let kind = kind(bytes)?;
        let body = Elements(bytes).next()?.inner().next()?;
        let mut message = Self {
            direction: Some(direction),
            kind,
            ..Self::default()
        };
        match kind {
            AS_REQ | TGS_REQ => {
                let request = field(body, 4)?;
                message.cname = field(request, 1).and_then(name);
                message.realm = field(request, 2).map(|realm| realm.content.to_vec());
                message.sname = field(request, 3).and_then(name);
            }
            AS_REP | TGS_REP => message.answer(body)?,
            ERROR => {
                message.failed = request;
                message.error = field(body, 6)?.integer();
                message.realm = field(body, 7).map(|realm| realm.content.to_vec());
                message.cname = field(body, 8).and_then(name);
                message.sname = field(body, 10).and_then(name);
            }
            _ => {}
        }
        Some(message)
    }

    fn answer(&mut self, body: Element<'_>) -> Option<()> {
        self.realm = field(body, 3).map(|realm| realm.content.to_vec());
        self.cname = field(body, 4).and_then(name);
        // The ticket is a sequence within its own application tag.
        let ticket = field(body, 5)?.inner().next()?;
        self.sname = field(ticket, 2).and_then(name);
        self.ticket = field(ticket, 3).and_then(etype);
        self.encryption = field(body, 6).and_then(etype);
        Some(())
    }

    pub(super) fn is_request(&self) -> bool {
        matches!(self.kind, AS_REQ | TGS_REQ)
    }

    pub(super) fn has_weak_encryption(&self) -> bool {
        self.encryption.is_some_and(encryption::is_weak)
    }
}

fn kind_name(kind: u8) -> String {
    match kind {
        AS_REQ => "KRB_AS_REQ".to_owned(),
        AS_REP => "KRB_AS_REP".to_owned(),
        TGS_REQ => "KRB_TGS_REQ".to_owned(),
        TGS_REP => "KRB_TGS_REP".to_owned(),
        14 => "KRB_AP_REQ".to_owned(),
        15 => "KRB_AP_REP".to_owned(),
        ERROR => "KRB_ERROR".to_owned(),
        other => other.to_string(),
    }
}

/// Error codes of RFC 4120 section 7.5.9 that are met in practice.
const ERRORS: &[(i64, &str)] = &[
    (0, "KDC_ERR_NONE"),
    (1, "KDC_ERR_NAME_EXP"),
    (2, "KDC_ERR_SERVICE_EXP"),
    (3, "KDC_ERR_BAD_PVNO"),
    (4, "KDC_ERR_C_OLD_MAST_KVNO"),
    (5, "KDC_ERR_S_OLD_MAST_KVNO"),
    (6, "KDC_ERR_C_PRINCIPAL_UNKNOWN"),
    (7, "KDC_ERR_S_PRINCIPAL_UNKNOWN"),
    (8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE"),
    (9, "KDC_ERR_NULL_KEY"),
    (10, "KDC_ERR_CANNOT_POSTDATE"),
    (11, "KDC_ERR_NEVER_VALID"),
    (12, "KDC_ERR_POLICY"),
    (13, "KDC_ERR_BADOPTION"),
    (14, "KDC_ERR_ETYPE_NOSUPP"),
    (15, "KDC_ERR_SUMTYPE_NOSUPP"),
    (16, "KDC_ERR_PADATA_TYPE_NOSUPP"),
    (17, "KDC_ERR_TRTYPE_NOSUPP"),
    (18, "KDC_ERR_CLIENT_REVOKED"),
    (19, "KDC_ERR_SERVICE_REVOKED"),
    (20, "KDC_ERR_TGT_REVOKED"),
    (21, "KDC_ERR_CLIENT_NOTYET"),
    (22, "KDC_ERR_SERVICE_NOTYET"),
    (23, "KDC_ERR_KEY_EXPIRED"),
    (24, "KDC_ERR_PREAUTH_FAILED"),
    (25, "KDC_ERR_PREAUTH_REQUIRED"),
    (26, "KDC_ERR_SERVER_NOMATCH"),
    (27, "KDC_ERR_MUST_USE_USER2USER"),
    (28, "KDC_ERR_PATH_NOT_ACCEPTED"),
    (29, "KDC_ERR_SVC_UNAVAILABLE"),
    (31, "KRB_AP_ERR_BAD_INTEGRITY"),
    (32, "KRB_AP_ERR_TKT_EXPIRED"),
    (33, "KRB_AP_ERR_TKT_NYV"),
    (34, "KRB_AP_ERR_REPEAT"),
    (35, "KRB_AP_ERR_NOT_US"),
    (36, "KRB_AP_ERR_BADMATCH"),
    (37, "KRB_AP_ERR_SKEW"),
    (41, "KRB_AP_ERR_MODIFIED"),
    (52, "KRB_ERR_RESPONSE_TOO_BIG"),
    (60, "KRB_ERR_GENERIC"),
    (68, "KDC_ERR_WRONG_REALM"),
];

fn error_name(code: i64) -> String {
    let known = ERRORS.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| code.to_string(), |(_, name)| (*name).to_owned())
}

fn shown(value: Option<&Vec<u8>>) -> String {
    value.map_or_else(|| "<empty>".to_owned(), |value| text(value))
}

impl Record for Message {
    fn event_type(&self) -> &'static str {
        "krb5"
    }

    fn object(&self, _options: &RecordOptions) -> Option<Value> {
        let mut object = json!({
            "msg_type": kind_name(self.kind),
            "cname": shown(self.cname.as_ref()),
            "realm": shown(self.realm.as_ref()),
            "sname": shown(self.sname.as_ref()),
            "encryption": self.encryption.map_or_else(|| "<none>".to_owned(), encryption::name),
            "weak_encryption": self.has_weak_encryption(),
        });
        let map = object.as_object_mut()?;
        if let Some(code) = self.error {
            if let Some(failed) = self.failed {
                map.insert("failed_request".to_owned(), kind_name(failed).into());
            }
            map.insert("error_code".to_owned(), error_name(code).into());
        }
        if let Some(ticket) = self.ticket {
            map.insert("ticket_encryption".to_owned(), encryption::name(ticket).into());
            map.insert(
                "ticket_weak_encryption".to_owned(),
                encryption::is_weak(ticket).into(),
            );
        }
        Some(object)
    }

    fn direction(&self) -> Option<Direction> {
        self.direction
    }

    fn bytes(&self, field: &str, direction: Direction) -> FieldValues<'_> {
        if self.direction != Some(direction) {
            return FieldValues::new();
        }
        let value = match field {
            "krb5.cname" => self.cname.as_deref(),
            "krb5.sname" => self.sname.as_deref(),
            "krb5.ticket_encryption" => {
                let ticket = self
                    .ticket
                    .map(|ticket| Cow::Owned(ticket.to_be_bytes().to_vec()));
                return ticket.into_iter().collect();
            }
            _ => None,
        };
        // A name is a list of parts: each is a value.
        value
            .into_iter()
            .flat_map(|name| name.split(|byte| *byte == b'/'))
            .map(Cow::Borrowed)
            .collect()
    }

    fn numbers(&self, field: &str, direction: Direction) -> FieldNumbers {
        if self.direction != Some(direction) {
            return FieldNumbers::new();
        }
        number(match field {
            "krb5.msg_type" => Some(u64::from(self.kind)),
            "krb5.err_code" => self.error.and_then(|code| u64::try_from(code).ok()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wraps content in a tag with a short length.
    fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let mut bytes = vec![tag, content.len() as u8];
        bytes.extend(content);
        bytes
    }

    fn principal(parts: &[&str]) -> Vec<u8> {
        let names: Vec<Vec<u8>> = parts.iter().map(|part| tlv(0x1b, &[part.as_bytes()])).collect();
        let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
        let kind = tlv(0xa0, &[&tlv(2, &[&[1]])]);
        tlv(0x30, &[&kind, &tlv(0xa1, &[&tlv(0x30, &names)])])
    }

    #[test]
    fn requests_and_errors() {
        let body = tlv(
            0x30,
            &[
                &tlv(0xa1, &[&principal(&["user"])]),
                &tlv(0xa2, &[&tlv(0x1b, &[b"REALM"])]),
                &tlv(0xa3, &[&principal(&["krbtgt", "REALM"])]),
            ],
        );
        let request = tlv(0x6a, &[&tlv(0x30, &[&tlv(0xa4, &[&body])])]);
        let message = Message::parse(&request, Direction::ToServer, None).unwrap();
        let object = message.object(&RecordOptions::default()).unwrap();
        assert_eq!(object["sname"], "krbtgt/REALM");
        assert_eq!(
            (&object["cname"], &object["encryption"]),
            (&json!("user"), &json!("<none>"))
        );
        let error = tlv(0x7e, &[&tlv(0x30, &[&tlv(0xa6, &[&tlv(2, &[&[25]])])])]);
        let object = Message::parse(&error, Direction::ToClient, Some(AS_REQ))
            .and_then(|error| error.object(&RecordOptions::default()))
            .unwrap();
        assert_eq!(object["error_code"], "KDC_ERR_PREAUTH_REQUIRED");
        assert_eq!(
            (&object["failed_request"], &object["realm"]),
            (&json!("KRB_AS_REQ"), &json!("<empty>"))
        );
        assert_eq!(
            Message::parse(b"\x30\x02\x02\x00", Direction::ToServer, None),
            None
        );
    }
}

//! The `tls` object of EVE.

use serde_json::{Map, Value, json};

use super::certificate::{Certificate, date_text};
use super::fingerprint::Ja3;
use super::transaction::{Transaction, version_name};
use crate::proto::text;

/// What is recorded (`eve.types.tls.*`).
#[derive(Clone, Debug)]
pub struct Options {
    /// All fields but the raw ones (`extended`).
    pub extended: bool,
    /// Exactly these fields (`custom`); when not empty, `extended` is without effect.
    pub custom: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            extended: true,
            custom: Vec::new(),
        }
    }
}

const BASIC: &[&str] = &["subject", "issuer"];

const EXTENDED: &[&str] = &[
    "subject",
    "issuer",
    "session_resumed",
    "serial",
    "fingerprint",
    "sni",
    "version",
    "not_before",
    "not_after",
    "ja3",
    "ja3s",
    "ja4",
    "client_alpns",
    "server_alpns",
    "subjectaltname",
];

/// The object for one session.
pub fn object(tx: &Transaction, options: &Options) -> Value {
    let mut object = Map::new();
    if options.custom.is_empty() {
        let fields = if options.extended { EXTENDED } else { BASIC };
        for field in fields {
            add(tx, field, &mut object);
        }
    } else {
        for field in &options.custom {
            add(tx, field, &mut object);
        }
    }
    Value::Object(object)
}

fn add(tx: &Transaction, field: &str, object: &mut Map<String, Value>) {
    let certificate = tx.certificate.as_ref();
    let (key, value): (&str, Option<Value>) = match field {
        "session_resumed" => ("session_resumed", tx.session_resumed.then(|| true.into())),
        "sni" => (
            "sni",
            tx.client
                .as_ref()
                .and_then(|hello| hello.sni.as_ref())
                .map(|sni| text(sni).into()),
        ),
        "version" => ("version", tx.version_text().map(Value::from)),
        "ja3" => ("ja3", tx.ja3.as_ref().map(fingerprint)),
        "ja3s" => ("ja3s", tx.ja3s.as_ref().map(fingerprint)),
        "ja4" => ("ja4", tx.ja4.as_deref().map(Value::from)),
        "client_alpns" => (
            "client_alpns",
            names(tx.client.as_ref().map(|hello| &hello.alpns)),
        ),
        "server_alpns" => (
            "server_alpns",
            names(tx.server.as_ref().map(|hello| &hello.alpns)),
        ),
        "client_handshake" => ("client_handshake", client_handshake(tx)),
        "server_handshake" => ("server_handshake", server_handshake(tx)),
        "chain" => ("chain", chain(tx)),
        field => match certificate.and_then(|certificate| of_certificate(certificate, field)) {
            Some((key, value)) => (key, Some(value)),
            None => return,
        },
    };
    if let Some(value) = value {
        object.insert(key.to_owned(), value);
    }
}

fn of_certificate(certificate: &Certificate, field: &str) -> Option<(&'static str, Value)> {
    Some(match field {
        "subject" => ("subject", text(&certificate.subject).into()),
        "issuer" => ("issuerdn", text(&certificate.issuer).into()),
        "serial" => ("serial", certificate.serial.as_str().into()),
        "fingerprint" => ("fingerprint", certificate.fingerprint.as_str().into()),
        "not_before" => ("notbefore", date_text(certificate.not_before).into()),
        "not_after" => ("notafter", date_text(certificate.not_after).into()),
        "subjectaltname" => ("subjectaltname", names(Some(&certificate.alternative_names))?),
        _ => return None,
    })
}

fn fingerprint(ja3: &Ja3) -> Value {
    json!({ "hash": ja3.hash, "string": ja3.string })
}

fn names(list: Option<&Vec<Vec<u8>>>) -> Option<Value> {
    let list = list.filter(|list| !list.is_empty())?;
    Some(list.iter().map(|name| Value::from(text(name))).collect())
}

fn client_handshake(tx: &Transaction) -> Option<Value> {
    let hello = tx.client.as_ref()?;
    Some(json!({
        "version": version_name(hello.version),
        "ciphers": hello.ciphers,
        "exts": hello.extensions,
        "sig_algs": hello.signature_algorithms,
    }))
}

fn server_handshake(tx: &Transaction) -> Option<Value> {
    let hello = tx.server.as_ref()?;
    Some(json!({
        "version": version_name(hello.version),
        "cipher": hello.cipher,
        "exts": hello.extensions,
    }))
}

/// Certificates in base64, as sent.
fn chain(tx: &Transaction) -> Option<Value> {
    use base64::Engine as _;
    let encode = |der: &Vec<u8>| Value::from(base64::engine::general_purpose::STANDARD.encode(der));
    (!tx.certificates.is_empty()).then(|| tx.certificates.iter().map(encode).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::tls::{ClientHello, ServerHello};

    fn transaction() -> Transaction {
        Transaction {
            client: Some(ClientHello {
                version: 0x303,
                sni: Some(b"a.example".to_vec()),
                alpns: vec![b"h2".to_vec()],
                ..ClientHello::default()
            }),
            server: Some(ServerHello {
                version: 0x303,
                ..ServerHello::default()
            }),
            certificate: Some(Certificate {
                subject: b"CN=a.example".to_vec(),
                issuer: b"CN=ca".to_vec(),
                serial: "01:AB".to_owned(),
                fingerprint: "aa:bb".to_owned(),
                alternative_names: vec![b"a.example".to_vec()],
                ..Certificate::default()
            }),
            ..Transaction::default()
        }
    }

    #[test]
    fn extended_and_custom() {
        assert_eq!(
            object(&transaction(), &Options::default()),
            json!({
                "subject": "CN=a.example", "issuerdn": "CN=ca", "serial": "01:AB", "fingerprint": "aa:bb",
                "sni": "a.example", "version": "TLS 1.2",
                "notbefore": "1970-01-01T00:00:00", "notafter": "1970-01-01T00:00:00",
                "client_alpns": ["h2"], "subjectaltname": ["a.example"],
            })
        );
        let options = Options {
            extended: true,
            custom: vec!["version".to_owned(), "client_handshake".to_owned()],
        };
        assert_eq!(
            object(&transaction(), &options),
            json!({
                "version": "TLS 1.2",
                "client_handshake": {"version": "TLS 1.2", "ciphers": [], "exts": [], "sig_algs": []},
            })
        );
    }
}

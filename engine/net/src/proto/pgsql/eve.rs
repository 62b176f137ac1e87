//! A request with its answers, and the `pgsql` object of EVE.

use serde_json::{Map, Value, json};

use super::message::{Login, Step};
use crate::app::{FieldValues, Record, RecordOptions, one};
use crate::flow::Direction;
use crate::proto::reader::Reader;
use crate::proto::text;

/// Parameters of a session that are kept.
const MAX_PARAMETERS: usize = 64;
/// Bytes of a query that are kept.
const MAX_QUERY: usize = 64 * 1024;

/// A request with its answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    number: u64,
    request: Map<String, Value>,
    response: Map<String, Value>,
    query: Vec<u8>,
    password: Option<Vec<u8>>,
    /// Rows and their bytes, from the server.
    rows: (u64, u64),
    /// Messages and their bytes that are copied in, and rows that are copied out.
    copied_in: (u64, u64),
    copied_out: (u64, u64),
    extended: bool,
    malformed: bool,
}

/// Texts that end with a zero.
fn strings(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == 0).take(2 * MAX_PARAMETERS)
}

/// `TimeZone` to `time_zone`.
fn snake(name: &[u8]) -> String {
    let mut out = String::new();
    for letter in text(name).chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

fn add(count: &mut (u64, u64), size: usize) {
    count.0 += 1;
    count.1 += size as u64;
}

impl Exchange {
    pub(super) fn malformed() -> Self {
        Self {
            malformed: true,
            ..Self::default()
        }
    }

    /// The transaction's number as records show it.
    pub(super) fn number(&mut self, number: u64) {
        self.number = number;
    }

    pub(super) fn encryption(&mut self, accepted: bool) {
        self.respond("ssl_accepted", accepted);
    }

    /// Whether a message of the client belongs to what was asked before.
    pub(super) fn goes_on_with(&self, kind: u8) -> bool {
        match kind {
            b'd' | b'c' | b'f' => self.copied_in.0 > 0,
            b'B' | b'C' | b'D' | b'E' | b'H' | b'P' | b'S' => self.extended,
            _ => false,
        }
    }

    fn respond(&mut self, key: &str, value: impl Into<Value>) {
        self.response.insert(key.to_owned(), value.into());
    }

    /// Takes a message of the client; whether no answer comes.
    pub(super) fn ask(&mut self, kind: u8, body: &[u8], size: usize, login: Login) -> bool {
        let mut put = |key: &str, value: Value| {
            self.request.insert(key.to_owned(), value);
        };
        match kind {
            0 => return self.start(body),
            b'Q' => {
                self.query = body.strip_suffix(b"\0").unwrap_or(body).to_vec();
                self.query.truncate(MAX_QUERY);
                put("simple_query", text(&self.query).into());
            }
            b'P' => {
                self.extended = true;
                self.query = strings(body).nth(1).unwrap_or_default().to_vec();
                self.query.truncate(MAX_QUERY);
                put("extended_query", text(&self.query).into());
            }
            b'p' => self.log_in(body, login),
            b'd' => add(&mut self.copied_in, size),
            b'c' => put("message", "copy_done".into()),
            b'f' => put("message", "copy_fail".into()),
            b'X' => {
                put("message", "termination_message".into());
                return true;
            }
            _ => self.extended = true,
        }
        false
    }

    fn start(&mut self, body: &[u8]) -> bool {
        let mut reader = Reader::new(body);
        let mut put = |key: &str, value: Value| {
            self.request.insert(key.to_owned(), value);
        };
        match (reader.be16(), reader.be16()) {
            (Some(1234), Some(5678)) => {
                put("message", "cancel_request".into());
                if let (Some(process), Some(key)) = (reader.be32(), reader.be32()) {
                    put("process_id", process.into());
                    put("secret_key", key.into());
                }
                return true;
            }
            (Some(1234), Some(5679)) => put("message", "SSL Request".into()),
            (Some(1234), Some(5680)) => put("message", "GSS Request".into()),
            (Some(major), Some(minor)) => {
                put("protocol_version", format!("{major}.{minor}").into());
                let mut parameters = Map::new();
                let mut others: Vec<Value> = Vec::new();
                let mut parts = strings(reader.rest());
                while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
                    if name == b"user" {
                        parameters.insert("user".to_owned(), text(value).into());
                    } else if !name.is_empty() {
                        let mut pair = Map::new();
                        pair.insert(snake(name), text(value).into());
                        others.push(pair.into());
                    }
                }
                if !others.is_empty() {
                    parameters.insert("optional_parameters".to_owned(), others.into());
                }
                put("startup_parameters", parameters.into());
            }
            _ => {}
        }
        false
    }

    fn log_in(&mut self, body: &[u8], login: Login) {
        let mut put = |key: &str, value: Value| {
            self.request.insert(key.to_owned(), value);
        };
        match login {
            Login::SaslStart => {
                let mut reader = Reader::new(body);
                let mechanism = reader.until(0).unwrap_or_default();
                let name = match mechanism {
                    b"SCRAM-SHA-256" => "scram_SHA256".to_owned(),
                    b"SCRAM-SHA-256-PLUS" => "scram_SHA256_plus".to_owned(),
                    other => text(other),
                };
                put("sasl_authentication_mechanism", name.into());
                if reader.be32().is_some() {
                    put("sasl_param", text(reader.rest()).into());
                }
            }
            Login::SaslContinue => put("sasl_response", text(body).into()),
            Login::None | Login::Password => {
                self.password = Some(body.strip_suffix(b"\0").unwrap_or(body).to_vec());
            }
        }
    }

    /// Takes a message of the server.
    pub(super) fn answer(&mut self, kind: u8, body: &[u8], size: usize) -> Step {
        match kind {
            b'R' => return self.authentication(body),
            b'S' => {
                let mut parts = strings(body);
                let mut pair = Map::new();
                let name = snake(parts.next().unwrap_or_default());
                pair.insert(name, text(parts.next().unwrap_or_default()).into());
                let list = self
                    .response
                    .entry("parameter_status")
                    .or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list
                    && list.len() < MAX_PARAMETERS
                {
                    list.push(pair.into());
                }
            }
            b'K' => {
                let mut reader = Reader::new(body);
                if let (Some(process), Some(key)) = (reader.be32(), reader.be32()) {
                    self.respond("process_id", process);
                    self.respond("secret_key", key);
                }
            }
            b'T' => self.columns("field_count", body),
            // The count of columns and their lengths are no data.
            b'D' => {
                let columns = body
                    .first_chunk()
                    .map_or(0, |count| usize::from(u16::from_be_bytes(*count)));
                add(&mut self.rows, size.saturating_sub(2 + 4 * columns));
            }
            b'd' => add(&mut self.copied_out, size),
            b'C' => self.respond(
                "command_completed",
                text(body.strip_suffix(b"\0").unwrap_or(body)),
            ),
            b'E' | b'N' => self.notice(body),
            b'G' => {
                let columns = body.get(1..).unwrap_or_default();
                let count = columns
                    .first_chunk()
                    .map_or(0, |count| u16::from_be_bytes(*count));
                self.respond("copy_in_response", json!({"columns": count}));
                return Step::Done;
            }
            b'H' => {
                let columns = body.get(1..).unwrap_or_default();
                let count = columns
                    .first_chunk()
                    .map_or(0, |count| u16::from_be_bytes(*count));
                self.respond("copy_out_response", json!({"columns": count}));
            }
            b'Z' => return Step::Done,
            _ => {}
        }
        Step::More
    }

    fn columns(&mut self, key: &str, body: &[u8]) {
        if let Some(count) = body.first_chunk() {
            self.respond(key, u16::from_be_bytes(*count));
        }
    }

    fn authentication(&mut self, body: &[u8]) -> Step {
        let mut reader = Reader::new(body);
        let code = reader.be32().unwrap_or(u32::MAX);
        let rest = text(reader.rest());
        match code {
            0 => {
                self.respond("message", "authentication_ok");
                Step::More
            }
            3 => {
                self.respond("message", "authentication_cleartext_password");
                Step::Login(Login::Password)
            }
            5 => {
                self.respond("authentication_md5_password", rest);
                Step::Login(Login::Password)
            }
            10 => {
                self.respond("message", "authentication_sasl");
                Step::Login(Login::SaslStart)
            }
            11 => {
                self.respond("message", "authentication_sasl_continue");
                Step::Login(Login::SaslContinue)
            }
            12 => {
                self.respond("authentication_sasl_final", rest);
                Step::More
            }
            _ => Step::Login(Login::None),
        }
    }

    /// Fields of an error or notice (PostgreSQL manual, "Error and Notice Message Fields").
    fn notice(&mut self, body: &[u8]) {
        for field in strings(body) {
            let [kind, value @ ..] = field else { continue };
            let key = match kind {
                b'S' => "severity_localizable",
                b'V' => "severity_non_localizable",
                b'C' => "code",
                b'M' => "message",
                b'D' => "detail",
                b'H' => "hint",
                b'P' => "position",
                b'F' => "file",
                b'L' => "line",
                b'R' => "routine",
                _ => continue,
            };
            self.respond(key, text(value));
        }
    }
}

impl Record for Exchange {
    fn event_type(&self) -> &'static str {
        "pgsql"
    }

    fn is_recorded(&self, _options: &RecordOptions) -> bool {
        !self.malformed
    }

    fn object(&self, options: &RecordOptions) -> Option<Value> {
        let (mut request, mut response) = (self.request.clone(), self.response.clone());
        if let Some(password) = &self.password {
            if options.is_on("pgsql.passwords", false) {
                request.insert("password".to_owned(), text(password).into());
            } else {
                request.insert("message".to_owned(), "password_message".into());
            }
        }
        if self.copied_in.0 > 0 {
            let (count, size) = self.copied_in;
            request.insert(
                "copy_data_in".to_owned(),
                json!({"msg_count": count, "data_size": size}),
            );
        }
        if self.rows.0 > 0 {
            response.insert("data_rows".to_owned(), self.rows.0.into());
            response.insert("data_size".to_owned(), self.rows.1.into());
        }
        if self.copied_out.0 > 0 {
            let (count, size) = self.copied_out;
            response.insert(
                "copy_data_out".to_owned(),
                json!({"row_count": count, "data_size": size}),
            );
        }
        let mut object = Map::new();
        object.insert("tx_id".to_owned(), self.number.into());
        object.insert("request".to_owned(), request.into());
        if !response.is_empty() {
            object.insert("response".to_owned(), response.into());
        }
        Some(object.into())
    }

    fn bytes(&self, field: &str, _direction: Direction) -> FieldValues<'_> {
        match field {
            "pgsql.query" => one(&self.query),
            _ => FieldValues::new(),
        }
    }
}

//! What the handshake told, and the `rfb` object of EVE.

use serde_json::{Map, Value, json};

use crate::app::{FieldNumbers, FieldValues, Record, RecordOptions, number, one};
use crate::flow::Direction;
use crate::proto::{hex_string, text};

/// What the server shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Framebuffer {
    pub(super) width: u16,
    pub(super) height: u16,
    /// Pixel format (RFC 6143 section 7.4).
    pub(super) format: [u8; 16],
    pub(super) name: Vec<u8>,
}

/// One connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Major and minor version as sent.
    pub(super) server_version: Option<(String, String)>,
    pub(super) client_version: Option<(String, String)>,
    pub(super) security: Option<u32>,
    pub(super) challenge: Option<Vec<u8>>,
    pub(super) response: Option<Vec<u8>>,
    pub(super) result: Option<u32>,
    pub(super) failure: Option<Vec<u8>>,
    pub(super) shared: Option<bool>,
    pub(super) framebuffer: Option<Framebuffer>,
}

fn result_name(result: u32) -> String {
    match result {
        0 => "OK".to_owned(),
        1 => "FAIL".to_owned(),
        2 => "TOOMANY".to_owned(),
        other => format!("UNKNOWN ({other})"),
    }
}

impl Session {
    fn authentication(&self) -> Option<Value> {
        let mut object = Map::new();
        object.insert("security_type".to_owned(), self.security?.into());
        let mut vnc = Map::new();
        for (key, bytes) in [("challenge", &self.challenge), ("response", &self.response)] {
            if let Some(bytes) = bytes {
                vnc.insert(key.to_owned(), hex_string(bytes).into());
            }
        }
        if !vnc.is_empty() {
            object.insert("vnc".to_owned(), vnc.into());
        }
        if let Some(result) = self.result {
            object.insert("security_result".to_owned(), result_name(result).into());
        }
        Some(object.into())
    }
}

impl Framebuffer {
    fn object(&self) -> Value {
        let [
            bits,
            depth,
            big,
            colour,
            r1,
            r0,
            g1,
            g0,
            b1,
            b0,
            red,
            green,
            blue,
            ..,
        ] = self.format;
        let wide = |high: u8, low: u8| u16::from_be_bytes([high, low]);
        json!({
            "width": self.width, "height": self.height, "name": text(&self.name),
            "pixel_format": {
                "bits_per_pixel": bits, "depth": depth, "big_endian": big != 0, "true_color": colour != 0,
                "red_max": wide(r1, r0), "green_max": wide(g1, g0), "blue_max": wide(b1, b0),
                "red_shift": red, "green_shift": green, "blue_shift": blue,
            },
        })
    }
}

impl Record for Session {
    fn event_type(&self) -> &'static str {
        "rfb"
    }

    fn object(&self, _options: &RecordOptions) -> Option<Value> {
        let mut object = Map::new();
        for (key, version) in [
            ("server_protocol_version", &self.server_version),
            ("client_protocol_version", &self.client_version),
        ] {
            if let Some((major, minor)) = version {
                object.insert(key.to_owned(), json!({"major": major, "minor": minor}));
            }
        }
        if let Some(authentication) = self.authentication() {
            object.insert("authentication".to_owned(), authentication);
        }
        if let Some(failure) = &self.failure {
            object.insert("server_security_failure_reason".to_owned(), text(failure).into());
        }
        if let Some(shared) = self.shared {
            object.insert("screen_shared".to_owned(), shared.into());
        }
        if let Some(framebuffer) = &self.framebuffer {
            object.insert("framebuffer".to_owned(), framebuffer.object());
        }
        Some(object.into())
    }

    fn bytes(&self, field: &str, _direction: Direction) -> FieldValues<'_> {
        match (field, &self.framebuffer) {
            ("rfb.name", Some(framebuffer)) => one(&framebuffer.name),
            _ => FieldValues::new(),
        }
    }

    fn numbers(&self, field: &str, _direction: Direction) -> FieldNumbers {
        number(match field {
            "rfb.sectype" => self.security,
            "rfb.secresult" => self.result,
            _ => None,
        })
    }
}

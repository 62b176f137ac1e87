//! What a parser has found so far.

use std::borrow::Cow;

use saola_event::{Fields, LogSources, Value};

use crate::part::{clf, kv, place};
use crate::time::Stamp;

/// An event in the making.
#[derive(Default)]
pub(crate) struct Draft<'r> {
    pub(crate) fields: Fields<'r>,
    /// When it happened, by the record.
    pub(crate) stamp: Option<Stamp>,
    pub(crate) sources: LogSources,
}

impl<'r> Draft<'r> {
    /// Sets a text field, as a number where the name asks for one. Empty texts are not values, and the first value of a
    /// name stays. `@src`, `@dst` and `@client` set an address with its port, or a host name, whichever the text is;
    /// `@proto` takes the name or number of an IP protocol; `@request` and `@target` set the parts of an HTTP request line and of its target.
    pub(crate) fn set(&mut self, name: &'static str, text: &'r str) {
        match name {
            "@src" => return self.set_end(["src_ip", "src_port", "src_host"], text),
            "@dst" => return self.set_end(["dst_ip", "dst_port", "dst_host"], text),
            "@client" => return self.set_end(["c-ip", "c-port", "src_host"], text),
            "@proto" => return self.set("proto", kv::protocol(text).unwrap_or(text)),
            "@request" => return clf::request(text, self),
            "@target" => return clf::target(text, self),
            _ => {}
        }
        if !text.is_empty() && self.fields.find(name).is_none() {
            self.fields.push(name, typed(name, Cow::Borrowed(text)));
        }
    }

    /// The same for a text that had to be unescaped.
    pub(crate) fn set_cow(&mut self, name: &'static str, text: Cow<'r, str>) {
        let name = name.strip_prefix('@').map_or(name, owned_name);
        if !text.is_empty() && self.fields.find(name).is_none() {
            self.fields.push(name, typed(name, text));
        }
    }

    /// Keeps a field under the record's own name.
    pub(crate) fn keep(&mut self, name: &'r str, text: Cow<'r, str>) {
        if !text.is_empty() && self.fields.find(name).is_none() {
            self.fields.push(name, typed(name, text));
        }
    }

    /// Sets a field when there is a value.
    pub(crate) fn set_some(&mut self, name: &'static str, text: Option<&'r str>) {
        if let Some(text) = text {
            self.set(name, text);
        }
    }

    /// Sets an address and its port.
    pub(crate) fn set_place(&mut self, ip: &'static str, port: &'static str, text: &'r str) -> bool {
        let place = place::place(text);
        if let Some(place) = place {
            self.set(ip, place.ip);
            self.set_some(port, place.port);
        }
        place.is_some()
    }

    fn set_end(&mut self, [ip, port, host]: [&'static str; 3], text: &'r str) {
        if !self.set_place(ip, port, text) && !text.contains(' ') {
            self.set(host, text);
        }
    }

    /// Keeps the first time found.
    pub(crate) fn stamp(&mut self, stamp: Option<Stamp>) {
        self.stamp = self.stamp.or(stamp);
    }

    /// A copy that borrows nothing.
    pub(crate) fn into_owned(self) -> Draft<'static> {
        Draft {
            fields: self.fields.into_owned(),
            ..self
        }
    }

    /// Whether a field has a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.find(name).is_some()
    }
}

/// What an unescaped text is called where a borrowed one would have been taken apart.
fn owned_name(name: &str) -> &'static str {
    match name {
        "src" => "src_ip",
        "dst" => "dst_ip",
        "client" => "c-ip",
        "proto" => "proto",
        _ => "cs-uri",
    }
}

/// Numbers become numbers where every source means a number by the name; anywhere else `007` stays what it is.
fn typed<'r>(name: &str, text: Cow<'r, str>) -> Value<'r> {
    let plain = text.len() <= 18
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    if plain
        && is_number(name)
        && let Ok(number) = text.parse()
    {
        return Value::Int(number);
    }
    Value::Text(text)
}

fn is_number(name: &str) -> bool {
    name.ends_with("_port")
        || matches!(
            name,
            "pid"
                | "uid"
                | "sc-status"
                | "sc-bytes"
                | "cs-bytes"
                | "bytes_in"
                | "bytes_out"
                | "s-port"
                | "c-port"
                | "time-taken"
                | "smtp_code"
                | "EventID"
                | "size"
                | "severity"
                | "facility_code"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_name_and_only_exact_ones() {
        let mut draft = Draft::default();
        draft.set("src_port", "22");
        draft.set("pid", "007");
        draft.set("user", "22");
        draft.set("dst_port", "99999999999999999999");
        draft.set("host", "");
        draft.set("user", "second");
        assert_eq!(
            serde_json::to_string(&draft.fields).unwrap(),
            r#"{"src_port":22,"pid":"007","user":"22","dst_port":"99999999999999999999"}"#
        );
    }
}

//! The `ftp` object of EVE.

use serde_json::{Map, Value};

use super::{Mode, Transaction};
use crate::proto::text;

/// The object for one command and its replies.
pub fn object(tx: &Transaction) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| {
        object.insert(key.to_owned(), value);
    };
    if !tx.command.is_empty() {
        put("command", text(&tx.command).into());
        put("command_truncated", tx.command_truncated.into());
    }
    if !tx.argument.is_empty() {
        put("command_data", text(&tx.argument).into());
    }
    if !tx.codes.is_empty() {
        put(
            "completion_code",
            tx.codes.iter().map(|code| Value::from(text(code))).collect(),
        );
        put(
            "reply",
            tx.replies.iter().map(|reply| Value::from(text(reply))).collect(),
        );
    }
    if let Some(port) = tx.data_port {
        put("dynamic_port", port.into());
    }
    if let Some(mode) = tx.mode {
        put(
            "mode",
            if mode == Mode::Active { "active" } else { "passive" }.into(),
        );
    }
    let received = if tx.codes.is_empty() { "no" } else { "yes" };
    put("reply_received", received.into());
    put("reply_truncated", tx.reply_truncated.into());
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_with_its_replies() {
        let tx = Transaction {
            command: b"EPSV".to_vec(),
            codes: vec![b"229".to_vec()],
            replies: vec![b"ok".to_vec()],
            data_port: Some(7),
            mode: Some(Mode::Passive),
            ..Transaction::default()
        };
        assert_eq!(
            object(&tx),
            json!({
                "command": "EPSV", "command_truncated": false, "completion_code": ["229"], "reply": ["ok"],
                "dynamic_port": 7, "mode": "passive", "reply_received": "yes", "reply_truncated": false,
            })
        );
    }
}

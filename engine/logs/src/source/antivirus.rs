//! Virus scanners: Kaspersky, ESET, ClamAV.

use super::{Json, Text, json};
use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{row, table};

pub(crate) static KASPERSKY: Text = Text {
    name: "kaspersky",
    programs: &["kes", "KES"],
    probe: |input| input.body.contains("Result description: ") || input.body.starts_with("Event type: "),
    parse: |input, draft| {
        // `Name: value` pairs, divided by line ends that the relay writes out.
        let divider = if input.body.contains("\\r\\n") {
            "\\r\\n"
        } else {
            "\n"
        };
        let mut pairs = Vec::new();
        for part in input.body.split(divider).take(64) {
            if let Some((name, value)) = part.trim_end_matches('\r').split_once(": ") {
                pairs.push((name.trim(), value.trim()));
            }
        }
        let find = |wanted: &str| {
            pairs
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| *value)
        };
        draft.set_some("action", find("Result description"));
        draft.set_some(
            "user",
            find("User").map(|user| user.split(" (").next().unwrap_or(user).trim_end_matches('$')),
        );
        draft.set_some("threat", find("Name").filter(|_| find("Type").is_some()));
        draft.set_some("sha256", find("SHA256"));
        draft.set_some("md5", find("MD5"));
        draft.set_some("event", find("Event type"));
        draft.set_some("reason", find("Reason"));
        match (find("Object"), find("Object name")) {
            (Some(path), _) if path.contains(['\\', '/']) => {
                draft.set("file_path", path);
                draft.set_some("file", path.rsplit(['\\', '/']).next());
            }
            (_, Some(name)) => draft.set_some("file", Some(name).filter(|name| !name.contains('/'))),
            _ => {}
        }
        finish(draft);
        Some(())
    },
};

pub(crate) static CLAMAV: Text = Text {
    name: "clamav",
    programs: &["clamd", "clamav", "freshclam", "clamscan"],
    probe: |input| input.body.trim_end().ends_with(" FOUND"),
    parse: |input, draft| {
        CLAMAV_LINES.all(input.body, draft);
        for (own, ours) in [("threat", "Signature"), ("file_path", "Filename")] {
            json::copy(&mut draft.fields, own, ours);
        }
        draft.sources = kinds::clamav();
        Some(())
    },
};

table!(CLAMAV_LINES:
    row(" FOUND", r"(?:^|-> )(.+?): (\S+?)(?:\([0-9a-f]+:\d+\))? FOUND$", &["file_path", "threat"], &[("action", "found")]),
);

pub(crate) static ESET: Json = Json {
    name: "eset",
    probe: |fields| fields.find("occured").is_some() && fields.find("source_uuid").is_some(),
    parse: |fields, draft, _| {
        draft.stamp(fields.find("occured").and_then(json::stamp_of));
        let target = fields.text("event_type") == Some("HipsAggregated_Event");
        if target {
            let mut copy = fields;
            json::copy(&mut copy, "target", "process");
            json::copy(&mut copy, "rule_id", "event_id");
            eset(copy, draft);
        } else {
            eset(fields, draft);
        }
    },
};

fn eset<'r>(mut fields: saola_event::Fields<'r>, draft: &mut Draft<'r>) {
    if fields.text("user") == Some("") {
        fields.take("user");
    }
    // A threat event says where it was found; a firewall event its ends.
    let reaction = fields
        .find("action_taken")
        .cloned()
        .or_else(|| fields.find("action_error").cloned());
    if let Some(reaction) = reaction.filter(|_| fields.find("action").is_none()) {
        fields.push("action", reaction);
    }
    let path = fields.text("object_uri").map(str::to_owned);
    json::mapped(
        fields,
        draft,
        &[
            ("hostname", "host"),
            ("processname", "process"),
            ("process_name", "process"),
            ("rulename", "rule"),
            ("rule_name", "rule"),
            ("threat_name", "threat"),
            ("source_address", "src_ip"),
            ("source_port", "src_port"),
            ("destination_address", "dst_ip"),
            ("destination_port", "dst_port"),
            ("object_uri", "file_path"),
            ("hash", "sha1"),
        ],
    );
    if let Some(name) = path.as_deref().and_then(|path| path.rsplit('/').next()) {
        draft.fields.push("file", name.to_owned());
    }
    finish(draft);
}

/// The names that Sigma's antivirus rules use, beside ours.
fn finish(draft: &mut Draft<'_>) {
    for (own, ours) in [
        ("threat", "Signature"),
        ("file_path", "Filename"),
        ("file", "Filename"),
        ("action", "Action"),
    ] {
        json::copy(&mut draft.fields, own, ours);
    }
    draft.sources = kinds::antivirus();
}

#[cfg(test)]
mod tests {
    use saola_event::LogSource;

    use crate::source::tests::event;

    #[test]
    fn findings() {
        for (parser, line) in [
            (
                "kaspersky",
                r"Result description: Deleted\r\nType: Virus\r\nName: EICAR-Test\r\nUser: MAY\an (Initiator)\r\nObject: C:\Tai\eicar.txt",
            ),
            (
                "clamav",
                "Nov 22 07:30:00 mx clamd[7]: C:\\Tai\\eicar.txt: EICAR-Test FOUND",
            ),
            (
                "eset",
                r#"{"event_type":"Threat_Event","hostname":"may","source_uuid":"x","occured":"22-Nov-2026 07:30:00","threat_name":"EICAR-Test","object_uri":"C:\\Tai\\eicar.txt","action_taken":"Deleted"}"#,
            ),
        ] {
            let event = event(line);
            assert_eq!(event.parser, parser, "{line}");
            assert_eq!(event.fields.text("Signature"), Some("EICAR-Test"), "{line}");
            assert_eq!(event.fields.text("Filename"), Some(r"C:\Tai\eicar.txt"), "{line}");
            assert!(
                event.sources.admit(&LogSource::new("", "antivirus", "")),
                "{line}"
            );
        }
    }
}

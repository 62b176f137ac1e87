//! Windows events as JSON: flat with Windows' own names, NXLog's names, winlogbeat's tree, and evtx dumps' tree.
//!
//! All of them come out with the names that Sigma rules for Windows use: `Channel`, `EventID` (a number), `Provider_Name`,
//! `Computer`, and every leaf of the event's data under its own name at the top.

mod channel;
mod xml;

use saola_event::{Fields, Value};

use super::Json;
use super::json;
use crate::draft::Draft;
use crate::sets;
use crate::time::{self, Anchor, Stamp};

pub(crate) use channel::{known, sources};
pub(crate) use xml::XML;

/// Flat objects with Windows' or NXLog's names.
pub(crate) static SOURCE: Json = Json {
    name: "windows-json",
    probe: |fields| {
        (fields.find("EventID").is_some() || fields.find("EventId").is_some())
            && [
                "Channel",
                "Provider_Name",
                "SourceName",
                "ProviderName",
                "ProviderGuid",
            ]
            .iter()
            .any(|name| fields.find(name).is_some())
    },
    parse,
};

/// Elastic's shipper: `winlog.event_data.*`.
pub(crate) static WINLOGBEAT: Json = Json {
    name: "winlogbeat",
    probe: |fields| {
        matches!(fields.find("winlog"), Some(Value::Map(_))) || fields.find("winlog.channel").is_some()
    },
    parse: parse_winlogbeat,
};

/// The tree of the event's XML as evtx tools dump it: `Event.System`, `Event.EventData`.
pub(crate) static EVTX: Json = Json {
    name: "windows-evtx",
    probe: |fields| {
        fields.find_path("Event.System").is_some() || fields.find_path("System.EventID").is_some()
    },
    parse: parse_evtx,
};

fn parse<'r>(mut fields: Fields<'r>, draft: &mut Draft<'r>, _: Anchor) {
    // NXLog's names for parts of System.
    for (own, ours) in [
        ("SourceName", "Provider_Name"),
        ("ProviderName", "Provider_Name"),
        ("RecordNumber", "EventRecordID"),
        ("EventId", "EventID"),
    ] {
        fields.rename(own, ours);
    }
    if fields.find("Computer").is_none() {
        json::copy(&mut fields, "Hostname", "Computer");
    }
    draft.fields = fields;
    finish(draft);
}

fn parse_winlogbeat<'r>(mut fields: Fields<'r>, draft: &mut Draft<'r>, _: Anchor) {
    if let Some(Value::Map(mut winlog)) = fields.take("winlog") {
        for data in ["event_data", "user_data"] {
            if let Some(Value::Map(data)) = winlog.take(data) {
                lift(&mut fields, data);
            }
        }
        fields.push("winlog", Value::Map(winlog));
    }
    for (own, ours) in [
        ("winlog.channel", "Channel"),
        ("winlog.computer_name", "Computer"),
        ("winlog.provider_name", "Provider_Name"),
        ("winlog.event_id", "EventID"),
        ("event.code", "EventID"),
        ("winlog.record_id", "EventRecordID"),
        ("winlog.process.pid", "Execution_ProcessID"),
        ("winlog.user.identifier", "Security_UserID"),
    ] {
        json::copy(&mut fields, own, ours);
    }
    draft.fields = fields;
    finish(draft);
}

/// Puts the leaves of an event's data at the top, where Sigma looks for them.
fn lift<'r>(fields: &mut Fields<'r>, data: Fields<'r>) {
    for (name, value) in data {
        if fields
            .find(&name)
            .is_none_or(|there| matches!(there, Value::Map(_)))
        {
            fields.push(name, value);
        } else {
            fields.push(format!("EventData_{name}"), value);
        }
    }
}

fn parse_evtx<'r>(mut fields: Fields<'r>, draft: &mut Draft<'r>, _: Anchor) {
    let mut event = match fields.take("Event") {
        Some(Value::Map(event)) => event,
        _ => std::mem::take(&mut fields),
    };
    let mut flat = Fields::with_capacity(32);
    if let Some(Value::Map(system)) = event.take("System") {
        for (name, value) in system {
            match value {
                Value::Map(inner) => attributes(&mut flat, &name, inner),
                value => flat.push(name, value),
            }
        }
    }
    for part in ["EventData", "UserData"] {
        if let Some(Value::Map(data)) = event.take(part) {
            leaves(&mut flat, data);
        }
    }
    flat.append(fields);
    draft.fields = flat;
    finish(draft);
}

/// `Provider: {"#attributes": {"Name": …}}` becomes `Provider_Name`; `EventID: {"#text": 1, …}` becomes `EventID`.
fn attributes<'r>(flat: &mut Fields<'r>, parent: &str, inner: Fields<'r>) {
    for (name, value) in inner {
        match (name.as_ref(), value) {
            ("#attributes" | "@attributes", Value::Map(inner)) => attributes(flat, parent, inner),
            ("#text" | "Value", value) => flat.push(parent.to_owned(), value),
            ("SystemTime", value) => flat.push(parent.to_owned(), value),
            (name, value) => flat.push(format!("{parent}_{}", name.trim_start_matches('@')), value),
        }
    }
}

fn leaves<'r>(flat: &mut Fields<'r>, data: Fields<'r>) {
    for (name, value) in data {
        match value {
            Value::Map(inner) if name != "Data" => leaves(flat, inner),
            value => flat.push(name, value),
        }
    }
}

/// What every shape needs: a numeric `EventID`, the time, the log sources, the names of process creation.
fn finish(draft: &mut Draft<'_>) {
    let id = event_id(&mut draft.fields);
    draft.stamp(when(&draft.fields));
    let channel = draft.fields.text("Channel").unwrap_or("");
    let channel = if channel.is_empty() {
        channel_of_provider(&draft.fields)
    } else {
        channel
    };
    draft.sources = if channel.starts_with("Linux-Sysmon")
        || draft.fields.text("Provider_Name") == Some("Linux-Sysmon")
    {
        channel::sysmon_for_linux(id.unwrap_or(-1))
    } else {
        sources(channel, id.unwrap_or(-1))
    };
    if channel == "Security" && id == Some(4688) {
        process_creation(&mut draft.fields);
    }
    let tagged = ["product", "category", "service"]
        .iter()
        .any(|name| draft.fields.find(name).is_some());
    if tagged {
        with_tags(draft);
    }
}

/// A record that names a log source which its channel does not give keeps its own word on top.
fn with_tags(draft: &mut Draft<'_>) {
    if let Some(tags) = json::tagged(&draft.fields) {
        draft.sources = sets::joined(&draft.sources, &tags);
    }
}

/// Shippers that leave the channel out still name the provider.
fn channel_of_provider(fields: &Fields<'_>) -> &'static str {
    match fields.text("Provider_Name").unwrap_or("") {
        "Microsoft-Windows-Sysmon" => "Microsoft-Windows-Sysmon/Operational",
        "Microsoft-Windows-Security-Auditing" => "Security",
        "Microsoft-Windows-PowerShell" => "Microsoft-Windows-PowerShell/Operational",
        "PowerShell" => "Windows PowerShell",
        "Service Control Manager" => "System",
        "Microsoft-Windows-Windows Defender" => "Microsoft-Windows-Windows Defender/Operational",
        _ => "",
    }
}

/// Reads the event's number and leaves it as a number.
fn event_id(fields: &mut Fields<'_>) -> Option<i64> {
    let value = fields.find_mut("EventID")?;
    if let Value::Int(id) = value {
        return Some(*id);
    }
    let id = match &*value {
        Value::Text(text) => text.trim().parse().ok()?,
        Value::Float(number) => *number as i64,
        Value::Map(inner) => inner.find("Value").or_else(|| inner.find("#text"))?.as_i64()?,
        _ => return None,
    };
    *value = Value::Int(id);
    Some(id)
}

/// The surest time first: with a zone, then Sysmon's own UTC, then the local time of an NXLog agent.
fn when(fields: &Fields<'_>) -> Option<Stamp> {
    let zoned = ["@timestamp", "TimeCreated", "timestamp"]
        .iter()
        .find_map(|name| fields.find(name).and_then(json::stamp_of));
    let utc = || match time::bare(fields.text("UtcTime")?)? {
        Stamp::Local(time) => Some(Stamp::Instant(time)),
        other => Some(other),
    };
    let local = fields.find("EventTime").and_then(json::stamp_of);
    zoned
        .or(local)
        .or_else(utc)
        .or_else(|| fields.find_path("event.created").and_then(json::stamp_of))
}

/// Security 4688 under the names that process rules use, beside its own.
fn process_creation(fields: &mut Fields<'_>) {
    for (own, ours) in [
        ("NewProcessName", "Image"),
        ("ParentProcessName", "ParentImage"),
        ("ProcessCommandLine", "CommandLine"),
        ("SubjectLogonId", "LogonId"),
    ] {
        json::copy(fields, own, ours);
    }
    if fields.find("User").is_none() {
        let part = |name| fields.text(name).filter(|text| !text.is_empty() && *text != "-");
        let user = match (part("SubjectDomainName"), part("SubjectUserName")) {
            (Some(domain), Some(user)) => Some(format!("{domain}\\{user}")),
            (None, Some(user)) => Some(user.to_owned()),
            _ => None,
        };
        fields.push_some("User", user);
    }
    if fields.find("IntegrityLevel").is_none() {
        fields.push_some(
            "IntegrityLevel",
            fields.text("MandatoryLabel").and_then(integrity),
        );
    }
}

/// The words for the mandatory labels of a process.
fn integrity(label: &str) -> Option<&'static str> {
    Some(match label {
        "S-1-16-4096" => "Low",
        "S-1-16-8192" => "Medium",
        "S-1-16-8448" => "MediumPlus",
        "S-1-16-12288" => "High",
        "S-1-16-16384" => "System",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use saola_event::LogSource;

    use crate::source::tests::event;

    fn json(line: &str) -> String {
        serde_json::to_string(&event(line).fields).unwrap()
    }

    #[test]
    fn nxlog_names_become_windows_names() {
        let line = r#"{"EventTime":"2026-11-22 07:30:00","Hostname":"pc1","EventID":"1","SourceName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\a.exe"}"#;
        assert_eq!(
            json(line),
            r#"{"EventTime":"2026-11-22 07:30:00","Hostname":"pc1","EventID":1,"Provider_Name":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\a.exe","Computer":"pc1","time_local":"2026-11-22T07:30:00"}"#
        );
        assert!(
            event(line)
                .sources
                .admit(&LogSource::new("windows", "process_creation", ""))
        );
    }

    #[test]
    fn winlogbeat_data_comes_to_the_top() {
        let line = r#"{"@timestamp":"2026-11-22T00:30:00.000Z","event":{"code":"4625"},"winlog":{"channel":"Security","computer_name":"pc1","provider_name":"P","event_data":{"TargetUserName":"an","IpAddress":"10.0.0.7"}}}"#;
        let found = event(line);
        assert_eq!(found.parser, "winlogbeat");
        assert_eq!(found.fields.text("TargetUserName"), Some("an"));
        assert_eq!(
            found.fields.find("EventID").and_then(saola_event::Value::as_i64),
            Some(4625)
        );
        assert_eq!(found.time.to_string(), "2026-11-22T00:30:00.000000Z");
        assert!(found.sources.admit(&LogSource::new("windows", "", "security")));
    }

    #[test]
    fn evtx_trees() {
        let line = r##"{"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":4104,"Channel":"Microsoft-Windows-PowerShell/Operational","Computer":"pc1","TimeCreated":{"#attributes":{"SystemTime":"2026-11-22T00:30:00Z"}}},"EventData":{"ScriptBlockText":"id"}}}"##;
        let found = event(line);
        assert_eq!(
            serde_json::to_string(&found.fields).unwrap(),
            r#"{"Provider_Name":"P","EventID":4104,"Channel":"Microsoft-Windows-PowerShell/Operational","Computer":"pc1","TimeCreated":"2026-11-22T00:30:00Z","ScriptBlockText":"id"}"#
        );
        assert!(found.sources.admit(&LogSource::new("windows", "ps_script", "")));
    }

    #[test]
    fn an_audited_process_gets_the_names_of_process_creation() {
        let line = r#"{"Channel":"Security","EventID":4688,"Provider_Name":"Microsoft-Windows-Security-Auditing","NewProcessName":"C:\\b.exe","ParentProcessName":"C:\\a.exe","CommandLine":"b /x","SubjectDomainName":"TINH","SubjectUserName":"an","MandatoryLabel":"S-1-16-12288"}"#;
        let found = event(line);
        for (name, value) in [
            ("Image", "C:\\b.exe"),
            ("ParentImage", "C:\\a.exe"),
            ("User", "TINH\\an"),
            ("IntegrityLevel", "High"),
            ("CommandLine", "b /x"),
        ] {
            assert_eq!(found.fields.text(name), Some(value), "{name}");
        }
    }

    #[test]
    fn malformed_numbers_and_shapes_keep_the_record() {
        for line in [
            r#"{"Channel":"Security","EventID":"many"}"#,
            r#"{"Channel":7,"EventID":{"x":1}}"#,
            r#"{"winlog":{"event_data":[1]}}"#,
            r#"{"Event":{"System":[]}}"#,
        ] {
            assert_eq!(event(line).raw, line);
        }
    }
}

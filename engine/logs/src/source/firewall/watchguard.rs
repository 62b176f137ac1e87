//! WatchGuard's Firebox, and any other record in LEEF.

use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{row, table};
use crate::part::{kv, leef};
use crate::source::{Input, Text, json};

pub(crate) static SOURCE: Text = Text {
    name: "watchguard",
    programs: &[],
    probe: |input| input.text.contains("|WatchGuard|"),
    parse,
};

pub(crate) static LEEF: Text = Text {
    name: "leef",
    programs: &["LEEF"],
    probe: |input| memchr::memmem::find(input.text.as_bytes(), b"LEEF:").is_some(),
    parse,
};

const NAMES: &[(&str, &str)] = &[
    ("src", "@src"),
    ("srcPort", "src_port"),
    ("dst", "@dst"),
    ("dstPort", "dst_port"),
    ("proto", "@proto"),
    ("disp", "action"),
    ("usrName", "user"),
    ("src_user", "user"),
    ("sent_bytes", "bytes_out"),
    ("rcvd_bytes", "bytes_in"),
    ("srcBytes", "bytes_out"),
    ("dstBytes", "bytes_in"),
    ("policy", "rule"),
    ("dstname", "cs-host"),
    ("op", "cs-method"),
    ("srcMAC", "src_mac"),
    ("dstMAC", "dst_mac"),
    ("srcPostNAT", "src_nat_ip"),
    ("dstPostNAT", "dst_nat_ip"),
    ("host_name", "host"),
    ("sys_name", "host"),
    ("devTime", "device_time"),
    ("identHostName", "host"),
    ("action", "detail"),
];

table!(SENTENCES:
    row("DHCP", r"^DHCP\w+ (?:on|for) (\S+) (?:to|from) (\S+)", &["@src", "src_mac"], &[]),
    row("user [", r"user \[([^\]]+?)(?:@[^\]@]*)?\] from (\S+) (?:was )?(accepted|rejected)", &["user", "@src", "verdict"], &[]),
    row(" from ", r" from (\d[\d.]+|[0-9a-f:]+:[0-9a-f:]+)\b", &["@src"], &[]),
);

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let record = leef::record(input.text).or_else(|| leef::record(input.body))?;
    draft.set("vendor", record.vendor);
    draft.set("device_product", record.product);
    draft.set("event_id", record.id);
    kv::mapped(record.pairs(), draft, NAMES);
    if let Some(said) = draft.fields.find("msg").and_then(saola_event::Value::as_borrowed) {
        SENTENCES.first(said, draft);
    }
    draft.stamp(draft.fields.find("device_time").and_then(json::stamp_of));
    draft.sources = kinds::firewall();
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn a_denied_connection() {
        let event = event(
            "LEEF:1.0|WatchGuard|XTM|12|30000148|policy=P-00\tdisp=Deny\tin_if=WAN1\tsrc=203.0.113.9\tsrcPort=6\tdst=10.0.0.7\tdstPort=443\tproto=tcp",
        );
        assert_eq!(event.parser, "watchguard");
        for (name, value) in [
            ("event_id", "30000148"),
            ("action", "Deny"),
            ("rule", "P-00"),
            ("src_ip", "203.0.113.9"),
            ("proto", "tcp"),
        ] {
            assert_eq!(event.fields.text(name), Some(value), "{name}");
        }
    }
}

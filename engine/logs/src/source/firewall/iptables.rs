//! Netfilter's LOG target, and UniFi's use of it.

use crate::draft::Draft;
use crate::kinds;
use crate::part::kv::{self, Pairs};
use crate::part::pattern::{row, table};
use crate::source::{Input, Text};

pub(crate) static SOURCE: Text = Text {
    name: "iptables",
    programs: &[],
    probe: |input| input.body.contains(" SRC=") && input.body.contains(" DST=") && input.body.contains("IN="),
    parse,
};

const NAMES: &[(&str, &str)] = &[
    ("SRC", "@src"),
    ("DST", "@dst"),
    ("SPT", "src_port"),
    ("DPT", "dst_port"),
    ("PROTO", "@proto"),
    ("IN", "in_if"),
    ("OUT", "out_if"),
    ("LEN", "bytes_out"),
];

table!(PREFIX:
    // UniFi: [WAN_LOCAL-D-2147483647]
    row("[", r"\[([\w.:]+)-([A-Z])-(\d+)\]", &["rule", "action", "rule_id"], &[]),
    row("", r"(?i)\b(ACCEPT|DROP|REJECT|DENY|BLOCK|ALLOW)\b[^=]*$", &["action"], &[]),
);

fn parse<'r>(input: &Input<'r>, draft: &mut Draft<'r>) -> Option<()> {
    let (prefix, pairs) = input.body.split_at_checked(input.body.find("IN=")?)?;
    PREFIX.first(prefix, draft);
    // The second LEN is UDP's own.
    kv::mapped(Pairs::with(pairs, b'=', None), draft, NAMES);
    let mac = draft.fields.text("MAC").map(str::to_owned);
    if let Some(mac) = mac.filter(|mac| mac.len() >= 35 && mac.is_ascii()) {
        for (name, range) in [("dst_mac", 0..17), ("src_mac", 18..35)] {
            draft.fields.push_some(name, mac.get(range).map(str::to_owned));
        }
    }
    draft.sources = kinds::firewall();
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn a_dropped_packet() {
        let event = event(
            "Nov 22 07:30:00 gw kernel: [ 203.8] FW-DROP: IN=eth0 OUT= MAC=00:e0:4c:68:00:64:70:df:2f:d0:8c:a7:08:00 SRC=203.0.113.9 DST=10.0.0.7 LEN=60 PROTO=TCP SPT=80 DPT=51212",
        );
        assert_eq!(event.parser, "iptables");
        for (name, value) in [
            ("action", "DROP"),
            ("src_ip", "203.0.113.9"),
            ("dst_ip", "10.0.0.7"),
            ("proto", "TCP"),
            ("in_if", "eth0"),
            ("src_mac", "70:df:2f:d0:8c:a7"),
        ] {
            assert_eq!(event.fields.text(name), Some(value), "{name}");
        }
    }
}

//! Remote access: OpenVPN, strongSwan, WireGuard, Pulse Secure.

use super::{Text, json, told};
use crate::kinds;
use crate::part::kv::{self, Pairs};
use crate::part::pattern::{row, table};

pub(crate) static OPENVPN: Text = Text {
    name: "openvpn",
    programs: &["openvpn", "ovpn-server", "ovpn"],
    probe: |input| {
        let body = input.body;
        [
            " TLS: ",
            " peer info: ",
            " VERIFY OK",
            " VERIFY ERROR",
            "MULTI: ",
            " TLS Error: ",
            " TLS Auth Error: ",
            " Data Channel: ",
            " Control Channel: ",
            " Peer Connection Initiated with",
            "ifconfig_pool_read",
            "IFCONFIG POOL",
            "LDAP bind failed",
            "supplied for LDAP DN",
            " AUTH: Received control",
            " OpenSSL: error:",
            " Timers: ping ",
        ]
        .iter()
        .any(|sign| body.contains(sign))
    },
    parse: |input, draft| {
        let known = told(&OPENVPN_LINES, input.body, draft);
        draft.sources = kinds::remote_access();
        (known || input.header.program.is_some()).then_some(())
    },
};

pub(crate) static IPSEC: Text = Text {
    name: "ipsec",
    programs: &["charon", "ipsec", "pluto", "charon-systemd"],
    probe: super::never,
    parse: |input, draft| {
        IPSEC_LINES.all(input.body, draft);
        draft.sources = kinds::remote_access();
        Some(())
    },
};

pub(crate) static WIREGUARD: Text = Text {
    name: "wireguard",
    programs: &["wireguard"],
    probe: |input| input.body.contains("wireguard: "),
    parse: |input, draft| {
        WIREGUARD_LINES.all(input.body, draft);
        draft.sources = kinds::remote_access();
        Some(())
    },
};

pub(crate) static PULSE: Text = Text {
    name: "pulse-secure",
    programs: &["PulseSecure", "Juniper"],
    probe: |input| input.body.contains(" vpn=") && input.body.contains(" realm=\""),
    parse: |input, draft| {
        kv::mapped(
            Pairs::with(input.body, b'=', None),
            draft,
            &[
                ("time", "clock"),
                ("src", "@src"),
                ("dst", "@dst"),
                ("vpn", "host"),
                ("agent", "cs-user-agent"),
                ("proto", "app"),
            ],
        );
        if let Some(said) = draft.fields.find("msg").and_then(saola_event::Value::as_borrowed) {
            PULSE_LINES.all(said, draft);
        }
        draft.stamp(draft.fields.find("clock").and_then(json::stamp_of));
        draft.sources = kinds::remote_access();
        Some(())
    },
};

table!(OPENVPN_LINES:
    row("/", r"^(?:\S+ \S+ |\S{3} \S{3} [ \d]\d \S+ \d{4} )?(?:us=\d+ )?([^/\[\]:]+)/((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F:]+):(\d+) ", &["user", "src_ip", "src_port"], &[]),
    row(":", r"(?:^| )((?:\d{1,3}\.){3}\d{1,3}):(\d+) ", &["src_ip", "src_port"], &[]),
    row("[AF_INET", r"\[AF_INET6?\]((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F:]+):(\d+)", &["src_ip", "src_port"], &[]),
    row("IFCONFIG POOL", r"base=([0-9.]+)", &["src_ip"], &[]),
    row("ifconfig_pool_read", r"in='([^,']+),([0-9.]+)", &["client", "src_ip"], &[]),
    row("for username", r"for username '([^']*)'", &["user"], &[]),
    row("LDAP DN", r#"LDAP DN "CN=([^",]+)"#, &["user"], &[]),
    row("Incorrect password", r"Incorrect password", &[], &[("outcome", "failure")]),
    row("bind failed", r"LDAP bind failed", &[], &[("outcome", "failure")]),
    row("authentication failed", r"authentication failed", &[], &[("outcome", "failure")]),
    row("verification failed", r"verification failed for peer", &[], &[("outcome", "failure")]),
    row("AUTH_FAILED", r"AUTH_FAILED", &[], &[("outcome", "failure")]),
    row("authentication succeeded", r"authentication succeeded", &[], &[("outcome", "success")]),
);

table!(IPSEC_LINES:
    // What is sent goes to the client: the far end is the source of the session.
    row("sending packet", r"sending packet: from ([0-9a-fA-F:.]+)\[(\d+)\] to ([0-9a-fA-F:.]+)\[(\d+)\]", &["dst_ip", "dst_port", "src_ip", "src_port"], &[]),
    row("received packet", r"received packet: from ([0-9a-fA-F:.]+)\[(\d+)\] to ([0-9a-fA-F:.]+)\[(\d+)\]", &["src_ip", "src_port", "dst_ip", "dst_port"], &[]),
    row("verification failed", r"(EAP-\S+) verification failed", &["auth_method"], &[("outcome", "failure")]),
    row("authentication of '", r"authentication of '([^']+)' with (\S+) (?:\([^)]*\) )?(successful)", &["user", "auth_method", "result"], &[("outcome", "success")]),
);

table!(WIREGUARD_LINES:
    row("from ", r"wireguard: (\S+): .* from ([0-9a-fA-F:.]+|\[[0-9a-fA-F:]+\]):(\d+)", &["in_if", "src_ip", "src_port"], &[]),
);

table!(PULSE_LINES:
    row(": ", r"^([A-Z]{3}\d{5}): ", &["event_id"], &[]),
    row("connect to '", r"connect to '([0-9a-fA-F:.]+)'", &["@dst"], &[]),
    row("trap to ", r"trap to ([0-9a-fA-F:.]+:\d+)", &["@dst"], &[]),
    row("Login failed", r"Login failed", &[], &[("outcome", "failure")]),
    row("Login succeeded", r"Login succeeded", &[], &[("outcome", "success")]),
);

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn each_is_found_and_read() {
        for (parser, line) in [
            (
                "openvpn",
                "2026-11-22 07:30:00 an/203.0.113.9:54321 AUTH: Received control message: AUTH_FAILED",
            ),
            (
                "ipsec",
                "Nov 22 07:30:00 gw charon[7]: 06[NET] <3|83> received packet: from 203.0.113.9[4500] to 10.0.0.2[4500] (96 bytes)",
            ),
            (
                "wireguard",
                "Nov 22 07:30:00 gw kernel: [1.2] wireguard: wg0: Invalid handshake initiation from 203.0.113.9:51820",
            ),
            (
                "pulse-secure",
                r#"id=firewall time="2026-11-22 07:30:00" fw=10.0.0.2 vpn=V1 user=an realm="R" src=203.0.113.9 msg="AUT23457: Login failed""#,
            ),
        ] {
            let event = event(line);
            assert_eq!(event.parser, parser, "{line}");
            assert_eq!(event.fields.text("src_ip"), Some("203.0.113.9"), "{line}");
        }
    }
}

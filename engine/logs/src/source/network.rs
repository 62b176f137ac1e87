//! Network services: DHCP, RADIUS, LDAP, SMB, remote desktops, Aruba's controllers.

use super::{Text, told};
use crate::kinds;
use crate::part::pattern::{row, table};

pub(crate) static DHCPD: Text = Text {
    name: "dhcpd",
    programs: &["dhcpd", "dnsmasq-dhcp", "kea-dhcp4", "dhclient"],
    probe: |input| {
        let body = input.body;
        body.starts_with("DHCP")
            && body
                .get(4..5)
                .is_some_and(|c| c.bytes().all(|b| b.is_ascii_uppercase()))
            || body.starts_with("Option 82: ")
            || body.starts_with("r-l-e:")
    },
    parse: |input, draft| {
        let known = DHCPD_LINES.all(input.body, draft);
        if let Some(value) = draft.fields.find_mut("action")
            && let Some(action) = value.as_text().map(str::to_ascii_lowercase)
        {
            *value = action.into();
        }
        {
            let name = "client_host";
            super::json::copy(&mut draft.fields, name, "host");
        }
        draft.sources = kinds::dhcp();
        (known || input.header.program.is_some()).then_some(())
    },
};

pub(crate) static FREERADIUS: Text = Text {
    name: "freeradius",
    programs: &["radiusd", "freeradius"],
    probe: |input| {
        input.body.contains("Login OK: [")
            || input.body.contains("Login incorrect")
            || input.body.contains("Ignoring request to auth")
    },
    parse: |input, draft| {
        RADIUS_LINES.all(input.body, draft);
        draft.sources = kinds::authentication();
        Some(())
    },
};

pub(crate) static OPENLDAP: Text = Text {
    name: "openldap",
    programs: &["slapd"],
    probe: |input| {
        input.body.starts_with("conn=") && (input.body.contains(" op=") || input.body.contains(" fd="))
    },
    parse: |input, draft| {
        LDAP_LINES.all(input.body, draft);
        draft.sources = kinds::authentication();
        Some(())
    },
};

pub(crate) static SAMBA: Text = Text {
    name: "samba",
    programs: &["smbd", "samba", "nmbd", "smbd_audit"],
    probe: |input| input.body.starts_with("Auth: [") || input.body.contains(" status [NT_STATUS_"),
    parse: |input, draft| {
        SAMBA_LINES.all(input.body, draft);
        draft.set("program", input.header.program.unwrap_or("smb"));
        draft.sources = kinds::authentication();
        Some(())
    },
};

pub(crate) static XRDP: Text = Text {
    name: "xrdp",
    programs: &["xrdp", "xrdp-sesman"],
    probe: |input| input.body.contains("] AUTHFAIL: user="),
    parse: |input, draft| {
        // A name may hold the whole sentence again: only a line that begins with it counts.
        XRDP_LINES.first(input.body, draft);
        if let Some((stamp, _)) = input.body.strip_prefix('[').and_then(crate::time::prefix) {
            draft.stamp(Some(stamp));
            if let crate::time::Stamp::Local(time) = stamp {
                let (_, month, day, hour, minute, second) = time.civil();
                draft.fields.push(
                    "time_noyear",
                    format!("{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
                );
            }
        }
        draft.sources = kinds::authentication();
        Some(())
    },
};

pub(crate) static ARUBA: Text = Text {
    name: "aruba-os",
    programs: &["stm", "authmgr", "cli", "sapd", "fpapps"],
    probe: |input| {
        let body = input.body;
        [
            "auth:  ",
            "mgr:  ",
            "snmp:  ",
            "SNTP:  ",
            "ssl:  ",
            "crypto:  ",
            "system:  ",
        ]
        .iter()
        .any(|topic| body.starts_with(topic))
            || (body.starts_with('<')
                && body.contains("> <")
                && body.contains(">  ") | body.contains("> ")
                && body
                    .get(1..7)
                    .is_some_and(|id| id.bytes().all(|b| b.is_ascii_digit())))
    },
    parse: |input, draft| {
        let known = told(&ARUBA_LINES, input.body, draft);
        draft.sources = kinds::firewall();
        (known || input.header.program.is_some()).then_some(())
    },
};

table!(DHCPD_LINES:
    row("DHCP", r"^DHCP([A-Z]+) (?:on|for|of) ([0-9.]+)(?: \([0-9.]+\))? (?:to|from) ([0-9a-fA-F:]{17})(?: \(([^)]*)\))?(?: via ([^\s:]+))?", &["action", "src_ip", "src_mac", "client_host", "@dst"], &[]),
    row("DHCP", r"^DHCP([A-Z]+) from ([0-9a-fA-F:]{17})(?: \(([^)]*)\))? via ([^\s:]+)", &["action", "src_mac", "client_host", "@dst"], &[]),
    // dnsmasq: DHCPACK(eth0) address mac name
    row("(", r"^DHCP([A-Z]+)\((\S+)\) (?:([0-9.]+) )?([0-9a-fA-F:]{17})(?: (\S+))?", &["action", "in_if", "src_ip", "src_mac", "client_host"], &[]),
    row("lease-duration", r"lease-duration (\d+)", &["lease_secs"], &[]),
    row("Option 82", r"received a (\w+) DHCP packet .* for ([0-9.]+) \(([0-9a-fA-F:]{17})\)", &["action", "src_ip", "src_mac"], &[]),
    row("r-l-e:", r"^r-l-e:([0-9.]+),([^,]*),([^,]*),([0-9a-fA-F:]{17})", &["src_ip", "lease_state", "client_host", "src_mac"], &[]),
);

table!(RADIUS_LINES:
    row("Login OK", r"Login OK: \[host/([^\]/]+)", &["src_host"], &[("outcome", "success")]),
    row("Login OK", r"Login OK: \[([^\]/]+)", &["user"], &[("outcome", "success")]),
    row("Login incorrect", r"Login incorrect(?: \(([^)]*)\))?: \[([^\]/]+)", &["reason", "user"], &[("outcome", "failure")]),
    row("from client", r"from client (\S+) port (\d+)", &["nas", "nas_port_id"], &[]),
    row(" cli ", r" cli ([0-9a-fA-F]{2}(?:[-:][0-9a-fA-F]{2}){5})", &["src_mac"], &[]),
    row(" cli ", r" cli ((?:\d{1,3}\.){3}\d{1,3})", &["src_ip"], &[]),
    row("unknown client", r"address (\S+) port (\d+) .*unknown client ([0-9a-fA-F:.]+)", &["listen", "dst_port", "src_ip"], &[]),
);

table!(LDAP_LINES:
    row("ACCEPT", r"(ACCEPT) from IP=(\S+) \(IP=([^)]+)\)", &["action", "@src", "@dst"], &[]),
    row("dn=", r#"op=\d+ (BIND|ADD|MOD|DEL|MODRDN|CMP|PASSMOD|SRCH)(?: anonymous)? (?:mech=\S+ )?dn="(?:(?:uid|cn|CN|UID)=([^,"]*))?"#, &["action", "user"], &[]),
    row("RESULT", r"tag=97 err=(49)", &["error"], &[("outcome", "failure")]),
    row("RESULT", r"tag=97 err=(0)\b", &["error"], &[("outcome", "success")]),
    row("conn=", r"^conn=(\d+)", &["session_id"], &[]),
);

table!(SAMBA_LINES:
    row("user [", r"user \[([^\]]*)\]\\\[([^\]]*)\]", &["domain", "user"], &[]),
    row("remote host", r"remote host \[ipv[46]:([^\]]+)\]", &["@src"], &[]),
    row("local host", r"local host \[ipv[46]:([^\]]+)\]", &["@dst"], &[]),
    row("NT_STATUS_OK", r"status \[NT_STATUS_OK\]", &[], &[("outcome", "success")]),
    row("status [NT_STATUS_", r"status \[(NT_STATUS_\w+)\]", &["status"], &[("outcome", "failure")]),
    row("workstation", r"workstation \[([^\]]*)\]", &["src_host"], &[]),
);

table!(XRDP_LINES:
    row("AUTHFAIL", r"^(?:\[\d{8}-[\d:]+\] )?\[INFO \] AUTHFAIL: user=(.*) ip=(\S+) time=\d+$", &["user", "@src"], &[("outcome", "failure")]),
    row("login failed", r"login failed for user (\S+)", &["user"], &[]),
    row("login successful", r"login successful for (?:user|display) (\S+)", &["user"], &[("outcome", "success")]),
);

table!(ARUBA_LINES:
    row("serverip=", r"serverip=([0-9a-fA-F:.]+)", &["@dst"], &[]),
    row("userip=", r"userip=([0-9a-fA-F:.]+)", &["@src"], &[]),
    row("username", r"username[=-]([^\s,]+)", &["user"], &[]),
    row("User ", r"User '?([^\s'<>]+?)'? (?:is trying|logged|Failed|was not)", &["user"], &[]),
    row("<", r"<\S+ (?:\d{1,3}\.){3}\d{1,3}>|AP:\S+ <((?:\d{1,3}\.){3}\d{1,3}) ([0-9a-fA-F:]{17})>", &["src_ip", "ap_mac"], &[]),
    row("<", r"<\S+ ((?:\d{1,3}\.){3}\d{1,3})>", &["src_ip"], &[]),
    row("<", r"<((?:\d{1,3}\.){3}\d{1,3})[ >]", &["src_ip"], &[]),
    row("Auth success", r"Auth success: [0-9a-fA-F:]{17}: AP [0-9.]+-([0-9a-fA-F:]{17})-", &["dst_mac"], &[]),
    row("mac-", r"mac-([0-9a-fA-F:]{17})", &["src_mac"], &[]),
    row("AP:", r"AP:([0-9a-fA-F:]{17}) ", &["src_mac"], &[]),
    row(" to ", r" to ((?:\d{1,3}\.){3}\d{1,3}:\d+)", &["@dst"], &[]),
    row(" from ", r" from ((?:\d{1,3}\.){3}\d{1,3})", &["src_ip"], &[]),
    row(" at ", r"server at ((?:\d{1,3}\.){3}\d{1,3})", &["src_ip"], &[]),
    row("ailed", r"(?:[Ff]ailed [Aa]uthentication|[Aa]uthentication failed|Invalid user name/password)", &[], &[("outcome", "failure")]),
    row("logged in", r"logged in", &[], &[("outcome", "success")]),
);

#[cfg(test)]
mod tests {
    use crate::source::tests::fields;

    #[test]
    fn sentences() {
        for (parser, line, expected) in [
            (
                "dhcpd",
                "Nov 22 07:30:00 gw dhcpd: DHCPACK on 10.0.0.7 to 6c:88:14:1d:97:1c (MAY-01) via eth0",
                r#"{"action":"ack","src_ip":"10.0.0.7","src_mac":"6c:88:14:1d:97:1c","client_host":"MAY-01","dst_host":"eth0","host":"MAY-01","program":"dhcpd"}"#,
            ),
            (
                "freeradius",
                "(549117) Login OK: [an@tinh.vn] (from client wlan port 2010 cli 00-11-22-33-44-55)",
                r#"{"user":"an@tinh.vn","outcome":"success","nas":"wlan","nas_port_id":"2010","src_mac":"00-11-22-33-44-55"}"#,
            ),
            (
                "openldap",
                r#"Nov 22 07:30:00 ldap slapd[7]: conn=11 op=1 BIND dn="uid=an,ou=people,dc=tinh,dc=vn" method=128"#,
                r#"{"action":"BIND","user":"an","session_id":"11","host":"ldap","program":"slapd","pid":7}"#,
            ),
        ] {
            assert_eq!(fields(parser, line), expected, "{line}");
        }
    }
}

//! VMware ESXi and vCenter.

use super::{Text, told};
use crate::draft::Draft;
use crate::kinds;
use crate::part::pattern::{row, table};
use crate::time;

pub(crate) static VCENTER: Text = Text {
    name: "vmware-vcenter",
    programs: &["vpxd", "vcenter-server"],
    probe: |input| {
        let body = input.text;
        body.starts_with("Event [")
            || body.contains("com.vmware.")
            || body.contains(" [auditlogger] ")
            || (body.contains(" envoy[") && body.contains("[Originator@"))
            || (body.contains(" tomcat-http--") && body.contains(" [Request] "))
    },
    parse: |input, draft| {
        let body = input.text;
        let stamp = VCENTER_TIME
            .captures(body)
            .and_then(|found| time::prefix(found.get(1)?.as_str()))
            .map(|(stamp, _)| stamp);
        draft.stamp(
            stamp.or_else(|| time::prefix(input.text.trim_start_matches('[')).map(|(stamp, _)| stamp)),
        );
        VCENTER_LINES.all(body, draft);
        finish(draft)
    },
};

pub(crate) static ESXI: Text = Text {
    name: "vmware-esxi",
    programs: &[
        "hostd",
        "vobd",
        "vpxa",
        "Hostd",
        "Vpxa",
        "healthd",
        "vmkernel",
        "vmkwarning",
        "esxcli",
        "shell",
        "DCUI",
        "hostd-probe",
    ],
    probe: |input| {
        let body = input.body;
        body.contains("[Originator@")
            || body.contains("[vob.")
            || (body.starts_with("USER ") && body.contains(" cmd "))
            || (body.starts_with("User '") && body.contains(" running command '"))
            || body.contains("DHCPDISCOVER on vmk")
    },
    parse: |input, draft| {
        told(&ESXI_LINES, input.body, draft);
        finish(draft)
    },
};

static VCENTER_TIME: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
    regex::Regex::new(r"^Event \[\d+\] \[[\d-]+\] \[([^\]]+)\]")
        .expect("the expression is part of the program")
});

table!(VCENTER_LINES:
    row("Event [", r"^Event \[\d+\] \[[\d-]+\] \[[^\]]+\] \[vim\.event\.(\w+)\]", &["event_id"], &[]),
    row("ticket for", r"ticket for (\S+) of type", &["user"], &[]),
    row("SSH session was", r"SSH session was \w+ for '?([^\s@']+)@([0-9a-fA-F:.]*[0-9a-fA-F])", &["user", "session_ip"], &[]),
    row("AlreadyAuthenticated", r"AlreadyAuthenticatedSessionEvent\] \[\w+\] \[([^\]]+)\]", &["host"], &[]),
    row("Event [", r"^Event \[\d+\] \[[\d-]+\] \[[^\]]+\] \[vim\.event\.\w+\] \[\w*\] \[([^\]]*)\] \[([^\]]*)\]", &["user", "host"], &[]),
    row("login ", r"(?:Failed|Successful) login (\S+) from ([0-9a-fA-F:.]+)", &["user", "src_ip"], &[]),
    row("Failed login", r"Failed login", &[], &[("outcome", "failure")]),
    row("Successful login", r"Successful login", &[], &[("outcome", "success")]),
    row("UserLoginSessionEvent", r"UserLoginSessionEvent", &[], &[("outcome", "success")]),
    row("LoginFailure", r"LoginFailure", &[], &[("outcome", "failure")]),
    row("LoginSuccess", r"LoginSuccess", &[], &[("outcome", "success")]),
    row("auditlogger", r#"\\?"user\\?":\\?"([^"\\]+)"#, &["user"], &[]),
    row("auditlogger", r#"\\?"client\\?":\\?"([^"\\]+)"#, &["src_ip"], &[]),
    row("websso[", r"(websso)\[(\d+):", &["program", "pid"], &[]),
    row("envoy[", r"(envoy)\[(\d+)\]", &["program", "pid"], &[]),
    row("via_upstream", r" via_upstream .*? ([0-9a-fA-F:.]+:\d+) ([0-9a-fA-F:.]+:\d+) [0-9a-fA-F:.]+:\d+ [0-9a-fA-F:.]+:\d+", &["@src", "@dst"], &[]),
    row("[Request]", r"\[Request\] ([0-9a-fA-F:.]+:\d+) to local (\d+) - HTTP/[\d.]+ (\S+) (\S+)", &["@src", "dst_port", "cs-method", "@target"], &[]),
    row("User ", r" User (\S+) who belongs", &["user"], &[]),
    row("for user", r"for user \[[^\]]*\]: (\S+) is", &["user"], &[]),
    row("com.vmware.", r" (com\.vmware\.[\w.]+) - ", &["program"], &[]),
);

table!(ESXI_LINES:
    row("[", r"(?:^|: )\s*(?:\w+ )?(\w[\w-]*)\[\d+\]:? \[Originator@", &["program"], &[]),
    row("logged in as", r"User (\S+)@([0-9a-fA-F:.]+) logged in as (\S+)", &["account", "src_ip", "user"], &[("action", "login")]),
    row("logged out", r"User (\S+)@([0-9a-fA-F:.]+) logged out", &["user", "src_ip"], &[("action", "logout")]),
    row("Cannot login", r"Cannot login (\S+)@([0-9a-fA-F:.]+)", &["user", "src_ip"], &[]),
    row("Accepted password", r"Accepted password for user (\S+) from ([0-9a-fA-F:.]+)", &["user", "src_ip"], &[]),
    row("SSH ", r"SSH (?:session was \w+|login has failed) for '([^@']+)@([0-9a-fA-F:.]+)'", &["user", "src_ip"], &[]),
    row("login has failed", r"login has failed", &[], &[("outcome", "failure")]),
    row("[Auth]: User", r"\[Auth\]: User (\S+)", &["user"], &[]),
    row("USER ", r"^\s*USER (\S+) pid (\d+) cmd (.*)$", &["user", "pid", "command"], &[]),
    row("running command", r"User '([^']*)' running command '(.*)'$", &["user", "command"], &[]),
    row("ForkExec(", r"ForkExec\((.*?)\) ", &["command"], &[]),
    row("Launching binary", r"Launching binary: (.*)$", &["command"], &[]),
    row("user=", r"[\[ ]user=([^\s:\]]+)", &["user"], &[]),
    row("ERROR_", r"\b(ERROR_\w+)", &["error"], &[]),
    row("DHCPDISCOVER on vmk", r"DHCPDISCOVER on \S+ to ([0-9.]+) port (\d+)", &["src_ip", "src_port"], &[]),
);

fn finish(draft: &mut Draft<'_>) -> Option<()> {
    {
        let name = "command";
        super::json::copy(&mut draft.fields, name, "CommandLine");
    }
    draft.sources = kinds::hypervisor();
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn events() {
        let login = event(
            r"Event [182] [1-1] [2026-11-22T00:30:00.463Z] [vim.event.EventEx] [info] [an@tinh.vn] [] [182] [Failed login an@tinh.vn from 203.0.113.9 at 11/22/2026 00:30:00 GMT in SSO]",
        );
        assert_eq!(
            (
                login.parser,
                login.fields.text("src_ip"),
                login.fields.text("outcome")
            ),
            ("vmware-vcenter", Some("203.0.113.9"), Some("failure"))
        );
        assert_eq!(login.time.to_string(), "2026-11-22T00:30:00.463000Z");
        let ssh = event(
            "vobd: [GenericCorrelator] 22us: [vob.user.ssh.session.failed] SSH login has failed for 'root@203.0.113.9'.",
        );
        assert_eq!(
            (ssh.parser, ssh.fields.text("user"), ssh.fields.text("outcome")),
            ("vmware-esxi", Some("root"), Some("failure"))
        );
    }
}

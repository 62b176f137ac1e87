//! The log sources that events stand for, each set made once and shared.

use std::sync::LazyLock;

use saola_event::{LogSource, LogSources};

/// Declares functions that give a shared set of (product, category, service).
macro_rules! kinds {
    ($($name:ident: $(($product:literal, $category:literal, $service:literal)),+;)*) => {
        $(
            pub(crate) fn $name() -> LogSources {
                static SET: LazyLock<LogSources> =
                    LazyLock::new(|| LogSources::new([$(LogSource::new($product, $category, $service)),+]));
                SET.clone()
            }
        )*

        /// All of them.
        pub(crate) fn all() -> Vec<LogSources> {
            vec![$($name()),*]
        }
    };
}

kinds! {
    linux_syslog: ("linux", "", "syslog");
    linux_sshd: ("linux", "", "sshd"), ("linux", "", "auth");
    linux_sudo: ("linux", "", "sudo"), ("linux", "", "auth");
    linux_auth: ("linux", "", "auth");
    linux_cron: ("linux", "", "cron"), ("linux", "", "syslog");
    linux_auditd: ("linux", "", "auditd");
    linux_vsftpd: ("linux", "", "vsftpd");
    linux_guacamole: ("linux", "", "guacamole");
    clamav: ("linux", "", "clamav"), ("", "antivirus", "");
    antivirus: ("", "antivirus", "");
    webserver: ("", "webserver", "");
    nginx: ("nginx", "webserver", ""), ("", "webserver", "nginx");
    apache: ("apache", "webserver", ""), ("", "webserver", "apache");
    iis: ("windows", "webserver", "iis"), ("", "webserver", "");
    squid: ("squid", "proxy", "");
    dns: ("", "dns", "");
    firewall: ("", "firewall", "");
    fortigate: ("fortigate", "firewall", ""), ("fortigate", "", "event");
    cisco_asa: ("cisco", "firewall", "asa");
    cisco_ios: ("cisco", "", "aaa"), ("cisco", "", "bgp"), ("cisco", "", "ldp");
    cisco: ("cisco", "", "");
    juniper: ("juniper", "firewall", ""), ("juniper", "", "bgp");
    paloalto: ("paloalto", "firewall", "");
    mail: ("", "mail", "");
    database: ("", "database", "");
    application: ("", "application", "");
    kubernetes_audit: ("kubernetes", "application", "audit"), ("kubernetes", "", "audit");
    opencanary: ("opencanary", "application", "");
    authentication: ("", "authentication", "");
    remote_access: ("", "vpn", "");
    hypervisor: ("vmware", "", "");
    dhcp: ("", "dhcp", "");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_set_is_one_allocation() {
        assert_eq!(linux_sshd().address(), linux_sshd().address());
        assert!(linux_sshd().admit(&LogSource::new("linux", "", "auth")));
        assert!(!linux_sshd().admit(&LogSource::new("linux", "", "sudo")));
    }
}

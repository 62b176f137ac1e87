//! Which Sigma log sources a Windows event stands for, by its channel and number.
//!
//! After the taxonomy appendix of the Sigma specification: the channel gives the service, and Sysmon's, PowerShell's and
//! the audit log's event numbers give categories on top.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use saola_event::{LogSource, LogSources};

/// Channels and the service they are.
const SERVICES: &[(&str, &str)] = &[
    ("Application", "application"),
    ("DNS Server", "dns-server"),
    ("MSExchange Management", "msexchange-management"),
    ("Microsoft-IIS-Configuration/Operational", "iis-configuration"),
    ("Microsoft-ServiceBus-Client", "microsoft-servicebus-client"),
    ("Microsoft-ServiceBus-Client/Admin", "microsoft-servicebus-client"),
    (
        "Microsoft-ServiceBus-Client/Operational",
        "microsoft-servicebus-client",
    ),
    ("Microsoft-Windows-AppLocker/EXE and DLL", "applocker"),
    ("Microsoft-Windows-AppLocker/MSI and Script", "applocker"),
    ("Microsoft-Windows-AppLocker/Packaged app-Deployment", "applocker"),
    ("Microsoft-Windows-AppLocker/Packaged app-Execution", "applocker"),
    ("Microsoft-Windows-AppModel-Runtime/Admin", "appmodel-runtime"),
    (
        "Microsoft-Windows-AppXDeploymentServer/Operational",
        "appxdeployment-server",
    ),
    (
        "Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant",
        "application-experience",
    ),
    (
        "Microsoft-Windows-Application-Experience/Program-Telemetry",
        "application-experience",
    ),
    ("Microsoft-Windows-AppxPackaging/Operational", "appxpackaging-om"),
    ("Microsoft-Windows-BitLocker/BitLocker Management", "bitlocker"),
    ("Microsoft-Windows-Bits-Client/Operational", "bits-client"),
    ("Microsoft-Windows-CAPI2/Operational", "capi2"),
    (
        "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
        "certificateservicesclient-lifecycle-system",
    ),
    (
        "Microsoft-Windows-CodeIntegrity/Operational",
        "codeintegrity-operational",
    ),
    ("Microsoft-Windows-DHCP-Server/Operational", "dhcp"),
    ("Microsoft-Windows-DNS Client Events/Operational", "dns-client"),
    ("Microsoft-Windows-DNS-Server/Analytical", "dns-server-analytic"),
    (
        "Microsoft-Windows-Diagnosis-Scripted/Operational",
        "diagnosis-scripted",
    ),
    (
        "Microsoft-Windows-DriverFrameworks-UserMode/Operational",
        "driver-framework",
    ),
    ("Microsoft-Windows-Hyper-V-Worker", "hyper-v-worker"),
    ("Microsoft-Windows-Hyper-V-Worker-Admin", "hyper-v-worker"),
    ("Microsoft-Windows-Kernel-EventTracing", "kernel-event-tracing"),
    (
        "Microsoft-Windows-Kernel-EventTracing/Admin",
        "kernel-event-tracing",
    ),
    (
        "Microsoft-Windows-Kernel-ShimEngine/Diagnostic",
        "kernel-shimengine",
    ),
    (
        "Microsoft-Windows-Kernel-ShimEngine/Operational",
        "kernel-shimengine",
    ),
    ("Microsoft-Windows-LDAP-Client/Debug", "ldap"),
    ("Microsoft-Windows-LSA/Operational", "lsa-server"),
    ("Microsoft-Windows-NTLM/Operational", "ntlm"),
    ("Microsoft-Windows-Ntfs/Operational", "ntfs"),
    ("Microsoft-Windows-PowerShell/Operational", "powershell"),
    ("Microsoft-Windows-PrintService/Admin", "printservice-admin"),
    (
        "Microsoft-Windows-PrintService/Operational",
        "printservice-operational",
    ),
    ("Microsoft-Windows-SENSE/Operational", "sense"),
    (
        "Microsoft-Windows-Security-Mitigations/Kernel Mode",
        "security-mitigations",
    ),
    (
        "Microsoft-Windows-Security-Mitigations/User Mode",
        "security-mitigations",
    ),
    ("Microsoft-Windows-Shell-Core/Operational", "shell-core"),
    (
        "Microsoft-Windows-SmbClient/Connectivity",
        "smbclient-connectivity",
    ),
    ("Microsoft-Windows-SmbClient/Security", "smbclient-security"),
    (
        "Microsoft-Windows-SMBServer/Connectivity",
        "smbserver-connectivity",
    ),
    ("Microsoft-Windows-Sysmon/Operational", "sysmon"),
    ("Microsoft-Windows-TaskScheduler/Operational", "taskscheduler"),
    (
        "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
        "terminalservices-localsessionmanager",
    ),
    ("Microsoft-Windows-VHDMP/Operational", "vhdmp"),
    ("Microsoft-Windows-VHDMP-Operational", "vhdmp"),
    ("Microsoft-Windows-WMI-Activity/Operational", "wmi"),
    ("Microsoft-Windows-Windows Defender/Operational", "windefend"),
    (
        "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",
        "firewall-as",
    ),
    ("OpenSSH/Operational", "openssh"),
    ("PowerShellCore/Operational", "powershell"),
    ("Security", "security"),
    ("System", "system"),
    ("Windows PowerShell", "powershell-classic"),
];

/// Categories by service and event number.
const CATEGORIES: &[(&str, i64, &[&str])] = &[
    ("sysmon", 1, &["process_creation"]),
    ("sysmon", 2, &["file_change"]),
    ("sysmon", 3, &["network_connection"]),
    ("sysmon", 4, &["sysmon_status"]),
    ("sysmon", 5, &["process_termination"]),
    ("sysmon", 6, &["driver_load"]),
    ("sysmon", 7, &["image_load"]),
    ("sysmon", 8, &["create_remote_thread"]),
    ("sysmon", 9, &["raw_access_thread"]),
    ("sysmon", 10, &["process_access"]),
    ("sysmon", 11, &["file_event"]),
    (
        "sysmon",
        12,
        &["registry_add", "registry_delete", "registry_event"],
    ),
    ("sysmon", 13, &["registry_set", "registry_event"]),
    ("sysmon", 14, &["registry_rename", "registry_event"]),
    ("sysmon", 15, &["create_stream_hash"]),
    ("sysmon", 16, &["sysmon_status"]),
    ("sysmon", 17, &["pipe_created"]),
    ("sysmon", 18, &["pipe_created"]),
    ("sysmon", 19, &["wmi_event"]),
    ("sysmon", 20, &["wmi_event"]),
    ("sysmon", 21, &["wmi_event"]),
    ("sysmon", 22, &["dns_query"]),
    ("sysmon", 23, &["file_delete"]),
    ("sysmon", 24, &["clipboard_capture"]),
    ("sysmon", 25, &["process_tampering"]),
    ("sysmon", 26, &["file_delete", "file_delete_detected"]),
    ("sysmon", 27, &["file_block_executable"]),
    ("sysmon", 28, &["file_block_shredding"]),
    ("sysmon", 29, &["file_executable_detected"]),
    ("sysmon", 255, &["sysmon_error"]),
    ("powershell", 4103, &["ps_module"]),
    ("powershell", 4104, &["ps_script"]),
    ("powershell-classic", 400, &["ps_classic_start"]),
    ("powershell-classic", 600, &["ps_classic_provider_start"]),
    ("powershell-classic", 800, &["ps_classic_script"]),
    ("security", 4688, &["process_creation"]),
];

/// The sets of one channel.
struct Channel {
    /// Of events whose number says no more.
    plain: LogSources,
    by_id: Vec<(i64, LogSources)>,
}

static CHANNELS: LazyLock<FxHashMap<&'static str, Channel>> = LazyLock::new(|| {
    SERVICES
        .iter()
        .map(|(channel, service)| (*channel, Channel::new(service)))
        .collect()
});

static OTHER: LazyLock<LogSources> = LazyLock::new(|| LogSources::new([LogSource::new("windows", "", "")]));

impl Channel {
    fn new(service: &'static str) -> Self {
        let by_id = CATEGORIES
            .iter()
            .filter(|(of, ..)| *of == service)
            .map(|(_, id, categories)| {
                let own = LogSource::new("windows", "", service);
                // A rule may ask for the category alone or for category and service together.
                let sources = categories
                    .iter()
                    .map(|category| LogSource::new("windows", category, service));
                (*id, LogSources::new(sources.chain([own])))
            });
        Self {
            plain: LogSources::new([LogSource::new("windows", "", service)]),
            by_id: by_id.collect(),
        }
    }
}

/// Every set that a Windows event, or one of Sysmon for Linux, can have.
pub(crate) fn known() -> Vec<LogSources> {
    let channels = CHANNELS.values().flat_map(|channel| {
        let by_id = channel.by_id.iter().map(|(_, set)| set.clone());
        by_id.chain([channel.plain.clone()])
    });
    let linux = [0, 1, 3, 9, 11, 23].map(sysmon_for_linux);
    channels.chain(linux).chain([OTHER.clone()]).collect()
}

/// The log sources of an event. A channel that the taxonomy does not name is still `windows`.
pub(crate) fn sources(channel: &str, id: i64) -> LogSources {
    let Some(found) = CHANNELS.get(channel) else {
        return OTHER.clone();
    };
    let by_id = found.by_id.iter().find(|(number, _)| *number == id);
    by_id.map_or(&found.plain, |(_, set)| set).clone()
}

/// Sysmon for Linux: the same numbers, another product.
pub(crate) fn sysmon_for_linux(id: i64) -> LogSources {
    static SETS: LazyLock<FxHashMap<i64, LogSources>> = LazyLock::new(|| {
        let known = [
            (1, "process_creation"),
            (3, "network_connection"),
            (11, "file_event"),
            (23, "file_delete"),
            (9, "raw_access_thread"),
            (0, ""),
        ];
        let set = |category| LogSources::new([LogSource::new("linux", category, "sysmon")]);
        known
            .into_iter()
            .map(|(id, category)| (id, set(category)))
            .collect()
    });
    SETS.get(&id)
        .or_else(|| SETS.get(&0))
        .cloned()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sysmon_13_is_three_things() {
        let set = sources("Microsoft-Windows-Sysmon/Operational", 13);
        for (category, service) in [
            ("registry_set", ""),
            ("registry_event", ""),
            ("", "sysmon"),
            ("registry_set", "sysmon"),
        ] {
            assert!(
                set.admit(&LogSource::new("windows", category, service)),
                "{category} {service}"
            );
        }
        for (category, service) in [("registry_add", ""), ("process_creation", ""), ("", "security")] {
            assert!(
                !set.admit(&LogSource::new("windows", category, service)),
                "{category} {service}"
            );
        }
    }

    #[test]
    fn the_audit_log_reports_processes_too() {
        assert!(sources("Security", 4688).admit(&LogSource::new("windows", "process_creation", "")));
        assert!(!sources("Security", 4689).admit(&LogSource::new("windows", "process_creation", "")));
    }

    #[test]
    fn an_unknown_channel_is_windows_alone() {
        let set = sources("Vendor/Operational", 1);
        assert!(set.admit(&LogSource::new("windows", "", "")));
        assert!(!set.admit(&LogSource::new("windows", "process_creation", "")));
    }

    #[test]
    fn every_category_belongs_to_a_channel() {
        for (service, ..) in CATEGORIES {
            assert!(SERVICES.iter().any(|(_, of)| of == service), "{service}");
        }
    }
}

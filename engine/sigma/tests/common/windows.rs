//! A small table of Windows log sources for tests and measurements; the real one is in `saola-logs`.

use std::collections::HashMap;

use saola_event::{Fields, LogSource, LogSources, Value};

const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";

/// Log source sets already made, so that equal sets share one allocation.
#[derive(Default)]
pub(crate) struct SourceTable {
    known: HashMap<String, LogSources>,
}

impl SourceTable {
    /// The set of an event, by channel and id, or by tags.
    pub(crate) fn of(&mut self, fields: &Fields<'_>) -> LogSources {
        let text = |name: &str| fields.text(name).unwrap_or_default();
        let id = match fields.find("EventID") {
            Some(Value::Text(text)) => text.parse().unwrap_or(0),
            Some(value) => value.as_i64().unwrap_or(0),
            None => 0,
        };
        let channel = text("Channel");
        let tags = (text("product"), text("category"), text("service"));
        let key = format!("{channel}\0{id}\0{}\0{}\0{}", tags.0, tags.1, tags.2);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let sources = if channel.is_empty() {
            tagged(tags)
        } else {
            LogSources::new(windows(channel, id))
        };
        self.known.insert(key, sources.clone());
        sources
    }
}

fn tagged((product, category, service): (&str, &str, &str)) -> LogSources {
    LogSources::new([LogSource {
        product: product.to_owned().into(),
        category: category.to_owned().into(),
        service: service.to_owned().into(),
    }])
}

fn windows(channel: &str, id: i64) -> Vec<LogSource> {
    let mut sources = vec![LogSource::new("windows", "", "")];
    for category in categories(channel, id) {
        sources.push(LogSource::new("windows", category, ""));
    }
    if let Some(service) = service(channel) {
        sources.push(LogSource::new("windows", "", service));
    }
    sources
}

fn categories(channel: &str, id: i64) -> &'static [&'static str] {
    match (channel, id) {
        (SYSMON, 1) | ("Security", 4688) => &["process_creation"],
        (SYSMON, 2) => &["file_change"],
        (SYSMON, 3) => &["network_connection"],
        (SYSMON, 4 | 16) => &["sysmon_status"],
        (SYSMON, 5) => &["process_termination"],
        (SYSMON, 6) => &["driver_load"],
        (SYSMON, 7) => &["image_load"],
        (SYSMON, 8) => &["create_remote_thread"],
        (SYSMON, 9) => &["raw_access_thread"],
        (SYSMON, 10) => &["process_access"],
        (SYSMON, 11) => &["file_event"],
        (SYSMON, 12) => &["registry_event", "registry_add", "registry_delete"],
        (SYSMON, 13) => &["registry_event", "registry_set"],
        (SYSMON, 14) => &["registry_event", "registry_rename"],
        (SYSMON, 15) => &["create_stream_hash"],
        (SYSMON, 17 | 18) => &["pipe_created"],
        (SYSMON, 19..=21) => &["wmi_event"],
        (SYSMON, 22) => &["dns_query"],
        (SYSMON, 23) => &["file_delete"],
        (SYSMON, 24) => &["clipboard_capture"],
        (SYSMON, 25) => &["process_tampering"],
        (SYSMON, 26) => &["file_delete", "file_delete_detected"],
        (SYSMON, 27) => &["file_block_executable"],
        (SYSMON, 29) => &["file_executable_detected"],
        (SYSMON, 255) => &["sysmon_error"],
        ("Microsoft-Windows-PowerShell/Operational" | "PowerShellCore/Operational", 4103) => &["ps_module"],
        ("Microsoft-Windows-PowerShell/Operational" | "PowerShellCore/Operational", 4104) => &["ps_script"],
        ("Windows PowerShell", 400) => &["ps_classic_start"],
        ("Windows PowerShell", 600) => &["ps_classic_provider_start"],
        ("Windows PowerShell", 800) => &["ps_classic_script"],
        _ => &[],
    }
}

fn service(channel: &str) -> Option<&'static str> {
    Some(match channel {
        SYSMON => "sysmon",
        "Security" => "security",
        "System" => "system",
        "Application" => "application",
        "Microsoft-Windows-PowerShell/Operational" | "PowerShellCore/Operational" => "powershell",
        "Windows PowerShell" => "powershell-classic",
        "Microsoft-Windows-Windows Defender/Operational" => "windefend",
        "Microsoft-Windows-TaskScheduler/Operational" => "taskscheduler",
        "Microsoft-Windows-WMI-Activity/Operational" => "wmi",
        "Microsoft-Windows-Bits-Client/Operational" => "bits-client",
        "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall" => "firewall-as",
        "Microsoft-Windows-NTLM/Operational" => "ntlm",
        "Microsoft-Windows-CodeIntegrity/Operational" => "codeintegrity-operational",
        "DNS Server" => "dns-server",
        "Microsoft-Windows-DNS Client Events/Operational" => "dns-client",
        "Microsoft-Windows-PrintService/Admin" => "printservice-admin",
        "Microsoft-Windows-PrintService/Operational" => "printservice-operational",
        "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational" => {
            "terminalservices-localsessionmanager"
        }
        "Microsoft-Windows-DriverFrameworks-UserMode/Operational" => "driver-framework",
        "Microsoft-Windows-SmbClient/Security" => "smbclient-security",
        "Microsoft-Windows-SmbClient/Connectivity" => "smbclient-connectivity",
        "Microsoft-Windows-AppLocker/MSI and Script" | "Microsoft-Windows-AppLocker/EXE and DLL" => {
            "applocker"
        }
        "MSExchange Management" => "msexchange-management",
        "Microsoft-Windows-AppXDeploymentServer/Operational" => "appxdeployment-server",
        "Microsoft-Windows-LSA/Operational" => "lsa-server",
        "OpenSSH/Operational" => "openssh",
        "Microsoft-Windows-CAPI2/Operational" => "capi2",
        "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational" => {
            "certificateservicesclient-lifecycle-system"
        }
        "Microsoft-Windows-VHDMP/Operational" => "vhdmp",
        "Microsoft-Windows-Shell-Core/Operational" => "shell-core",
        "Microsoft-Windows-BitLocker/BitLocker Management" => "bitlocker",
        "Microsoft-Windows-Diagnosis-Scripted/Operational" => "diagnosis-scripted",
        _ => return None,
    })
}

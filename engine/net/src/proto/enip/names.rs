//! Names of EtherNet/IP and CIP numbers, as records and rules write them.

/// Commands of the encapsulation (ODVA, volume 2, table 2-3.2).
const COMMANDS: &[(u16, &str)] = &[
    (0x00, "nop"),
    (0x04, "list_services"),
    (0x63, "list_identity"),
    (0x64, "list_interfaces"),
    (0x65, "register_session"),
    (0x66, "unregister_session"),
    (0x6f, "send_rr_data"),
    (0x70, "send_unit_data"),
    (0x72, "indicate_status"),
    (0x73, "cancel"),
];

const STATUS: &[(u32, &str)] = &[
    (0, "success"),
    (1, "invalid_command"),
    (2, "no_resources"),
    (3, "incorrect_data"),
    (0x64, "invalid_session"),
    (0x65, "invalid_length"),
    (0x69, "unsupported_protocol_revision"),
];

const SERVICES: &[(u8, &str)] = &[
    (0x01, "Get Attributes All"),
    (0x02, "Set Attributes All"),
    (0x03, "Get Attribute List"),
    (0x04, "Set Attribute List"),
    (0x05, "Reset"),
    (0x06, "Start"),
    (0x07, "Stop"),
    (0x08, "Create"),
    (0x09, "Delete"),
    (0x0a, "Multiple Service Packet"),
    (0x0d, "Apply Attributes"),
    (0x0e, "Get Attribute Single"),
    (0x10, "Set Attribute Single"),
    (0x11, "Find Next Object Instance"),
    (0x15, "Restore"),
    (0x16, "Save"),
    (0x17, "No Operation"),
    (0x18, "Get Member"),
    (0x19, "Set Member"),
    (0x1a, "Insert Member"),
    (0x1b, "Remove Member"),
    (0x1c, "Group Sync"),
    (0x4b, "Execute PCCC"),
    (0x4c, "Read Tag"),
    (0x4d, "Write Tag"),
    (0x4e, "Forward Close"),
    (0x52, "Unconnected Send"),
    (0x54, "Forward Open"),
    (0x5b, "Large Forward Open"),
];

const CLASSES: &[(u32, &str)] = &[
    (0x01, "Identity"),
    (0x02, "Message Router"),
    (0x04, "Assembly"),
    (0x05, "Connection"),
    (0x06, "Connection Manager"),
    (0x64, "File"),
    (0x67, "PCCC"),
    (0x6b, "Symbol"),
    (0x6c, "Template"),
    (0xf4, "Port"),
    (0xf5, "TCP/IP Interface"),
    (0xf6, "Ethernet Link"),
];

const VENDORS: &[(u16, &str)] = &[
    (1, "Rockwell Automation/Allen-Bradley"),
    (2, "Namco Controls Corp."),
    (3, "Honeywell International Inc."),
    (5, "Rockwell Automation/Reliance Elec."),
    (26, "Festo SE & Co KG"),
    (47, "OMRON Corporation"),
    (90, "HMS Industrial Networks AB"),
    (243, "Schneider Electric"),
    (283, "Hilscher GmbH"),
    (808, "SICK AG"),
    (1251, "Siemens Industrial Automation"),
];

fn find<K: Copy + PartialEq>(table: &[(K, &'static str)], key: K) -> Option<&'static str> {
    table
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, name)| *name)
}

pub(super) fn command(number: u16) -> String {
    find(COMMANDS, number).map_or_else(|| format!("unknown-{number}"), str::to_owned)
}

pub(super) fn status(number: u32) -> String {
    find(STATUS, number).map_or_else(|| format!("unknown-{number}"), str::to_owned)
}

pub(super) fn service(number: u8) -> String {
    find(SERVICES, number).map_or_else(|| format!("unknown-{number}"), str::to_owned)
}

pub(super) fn class(number: u32) -> Option<&'static str> {
    find(CLASSES, number)
}

pub(super) fn vendor(number: u16) -> String {
    find(VENDORS, number).map_or_else(|| format!("unknown-{number}"), str::to_owned)
}

/// The number of a command by its name.
pub fn command_number(name: &str) -> Option<u64> {
    let known = COMMANDS
        .iter()
        .find(|(_, known)| known.eq_ignore_ascii_case(name));
    known.map(|(number, _)| u64::from(*number))
}

pub(super) fn is_command(number: u16) -> bool {
    find(COMMANDS, number).is_some()
}

/// General status codes of CIP (volume 1, appendix B).
pub(super) fn cip_status(number: u8) -> String {
    const NAMES: [&str; 9] = [
        "success",
        "connection_failure",
        "resource_unavailable",
        "invalid_parameter_value",
        "path_segment_error",
        "path_destination_unknown",
        "partial_transfer",
        "connection_lost",
        "service_not_supported",
    ];
    NAMES
        .get(usize::from(number))
        .map_or_else(|| format!("unknown-{number}"), |name| (*name).to_owned())
}

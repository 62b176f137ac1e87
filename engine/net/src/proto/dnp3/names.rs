//! Names of DNP3 function codes and internal indications (IEEE 1815), as records and rules write them.

const FUNCTIONS: &[(u8, &str)] = &[
    (0, "confirm"),
    (1, "read"),
    (2, "write"),
    (3, "select"),
    (4, "operate"),
    (5, "direct_operate"),
    (6, "direct_operate_nr"),
    (7, "immed_freeze"),
    (8, "immed_freeze_nr"),
    (9, "freeze_clear"),
    (10, "freeze_clear_nr"),
    (11, "freeze_at_time"),
    (12, "freeze_at_time_nr"),
    (13, "cold_restart"),
    (14, "warm_restart"),
    (15, "initialize_data"),
    (16, "initialize_appl"),
    (17, "start_appl"),
    (18, "stop_appl"),
    (19, "save_config"),
    (20, "enable_unsolicited"),
    (21, "disable_unsolicited"),
    (22, "assign_class"),
    (23, "delay_measure"),
    (24, "record_current_time"),
    (25, "open_file"),
    (26, "close_file"),
    (27, "delete_file"),
    (28, "get_file_info"),
    (29, "authenticate_file"),
    (30, "abort_file"),
    (31, "activate_config"),
    (32, "authenticate_req"),
    (33, "authenticate_err"),
    (129, "response"),
    (130, "unsolicited_response"),
    (131, "authenticate_resp"),
];

/// Indications, the first octet high.
pub(super) const INDICATIONS: &[(u16, &str)] = &[
    (0x8000, "device_restart"),
    (0x4000, "device_trouble"),
    (0x2000, "local_control"),
    (0x1000, "need_time"),
    (0x0800, "class_3_events"),
    (0x0400, "class_2_events"),
    (0x0200, "class_1_events"),
    (0x0100, "all_stations"),
    (0x0080, "reserved_1"),
    (0x0040, "reserved_2"),
    (0x0020, "config_corrupt"),
    (0x0010, "already_executing"),
    (0x0008, "event_buffer_overflow"),
    (0x0004, "parameter_error"),
    (0x0002, "object_unknown"),
    (0x0001, "no_func_code_support"),
];

/// The number of a function by its name.
pub fn function_number(name: &str) -> Option<u64> {
    let known = FUNCTIONS
        .iter()
        .find(|(_, known)| known.eq_ignore_ascii_case(name));
    known.map(|(number, _)| u64::from(*number))
}

/// The bit of an indication by its name.
pub fn indication_mask(name: &str) -> Option<u16> {
    let known = INDICATIONS
        .iter()
        .find(|(_, known)| known.eq_ignore_ascii_case(name));
    known.map(|(bit, _)| *bit)
}

//! Keywords of the protocols that are shown by field names (`saola_net::app::Record`): numbers with names, and tests
//! that look at a whole field at once.

use super::numbers::transaction;
use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{Buffer, CustomTest, NumberTest, Step, parse_number};

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("ntp.version", |b, o| {
        transaction(b, o, Buffer::NtpVersion, parse_number)
    }),
    ("ntp.stratum", |b, o| {
        transaction(b, o, Buffer::NtpStratum, parse_number)
    }),
    ("ntp.mode", |b, o| {
        transaction(b, o, Buffer::NtpMode, |text| named(NTP_MODES, text))
    }),
    ("snmp.version", |b, o| {
        transaction(b, o, Buffer::SnmpVersion, parse_number)
    }),
    ("snmp.pdu_type", |b, o| {
        transaction(b, o, Buffer::SnmpPduType, |text| named(SNMP_PDUS, text))
    }),
    ("snmp.trap_type", |b, o| {
        transaction(b, o, Buffer::SnmpTrapType, |text| named(SNMP_TRAPS, text))
    }),
    ("dhcp.leasetime", |b, o| {
        transaction(b, o, Buffer::DhcpLeaseTime, parse_number)
    }),
    ("dhcp.rebinding_time", |b, o| {
        transaction(b, o, Buffer::DhcpRebindingTime, parse_number)
    }),
    ("dhcp.renewal_time", |b, o| {
        transaction(b, o, Buffer::DhcpRenewalTime, parse_number)
    }),
    ("krb5_msg_type", krb5_message),
    ("krb5.msg_type", krb5_message),
    ("krb5_err_code", krb5_error),
    ("krb5.err_code", krb5_error),
    ("krb5.ticket_encryption", krb5_ticket),
    ("ldap.request.operation", |b, o| {
        transaction(b, o, Buffer::LdapRequestOperation, ldap_operation)
    }),
    ("ldap.responses.operation", |b, o| {
        indexed(b, o, Buffer::LdapResponsesOperation, ldap_operation)
    }),
    ("ldap.responses.result_code", |b, o| {
        indexed(b, o, Buffer::LdapResponsesResultCode, ldap_result)
    }),
    ("ldap.responses.count", |b, o| {
        transaction(b, o, Buffer::LdapResponsesCount, parse_number)
    }),
    ("ike.exchtype", |b, o| {
        transaction(b, o, Buffer::IkeExchangeType, parse_number)
    }),
    ("ike.key_exchange_payload_length", |b, o| {
        transaction(b, o, Buffer::IkeKeyExchangeLength, parse_number)
    }),
    ("ike.nonce_payload_length", |b, o| {
        transaction(b, o, Buffer::IkeNonceLength, parse_number)
    }),
    ("ike.chosen_sa_attribute", ike_attribute),
    ("rfb.sectype", |b, o| {
        transaction(b, o, Buffer::RfbSecurityType, parse_number)
    }),
    ("rfb.secresult", |b, o| {
        transaction(b, o, Buffer::RfbSecurityResult, |text| {
            named(&[("ok", 0), ("fail", 1), ("toomany", 2), ("unknown", 3)], text)
        })
    }),
    ("modbus", super::modbus::modbus),
    ("enip_command", enip_command),
    ("enip.command", enip_command),
    ("cip_service", cip_service),
    ("enip.cip_service", cip_service),
    ("enip.status", |b, o| {
        transaction(b, o, Buffer::EnipStatus, parse_number)
    }),
    ("enip.cip_status", |b, o| {
        transaction(b, o, Buffer::EnipCipStatus, parse_number)
    }),
    ("enip.cip_class", |b, o| {
        transaction(b, o, Buffer::EnipCipClass, parse_number)
    }),
    ("enip.cip_instance", |b, o| {
        transaction(b, o, Buffer::EnipCipInstance, parse_number)
    }),
    ("enip.cip_attribute", |b, o| {
        transaction(b, o, Buffer::EnipCipAttribute, parse_number)
    }),
    ("enip.vendor_id", |b, o| {
        transaction(b, o, Buffer::EnipVendorId, parse_number)
    }),
    ("enip.product_code", |b, o| {
        transaction(b, o, Buffer::EnipProductCode, parse_number)
    }),
    ("enip.device_type", |b, o| {
        transaction(b, o, Buffer::EnipDeviceType, parse_number)
    }),
    ("enip.revision", |b, o| {
        transaction(b, o, Buffer::EnipRevision, parse_number)
    }),
    ("enip.identity_status", |b, o| {
        transaction(b, o, Buffer::EnipIdentityStatus, parse_number)
    }),
    ("enip.state", |b, o| {
        transaction(b, o, Buffer::EnipState, parse_number)
    }),
    ("enip.serial", |b, o| {
        transaction(b, o, Buffer::EnipSerial, parse_number)
    }),
    ("dnp3_func", |b, o| {
        transaction(b, o, Buffer::Dnp3Function, dnp3_function)
    }),
    ("dnp3_ind", dnp3_indications),
    ("dnp3.ind", dnp3_indications),
    ("dnp3.func", |b, o| {
        transaction(b, o, Buffer::Dnp3Function, dnp3_function)
    }),
    ("dnp3.obj", dnp3_object),
    ("dnp3_obj", dnp3_object),
    ("smb.version", |b, o| {
        transaction(b, o, Buffer::SmbVersion, parse_number)
    }),
    ("dcerpc.iface", dcerpc_interface),
    ("dce_iface", dcerpc_interface),
    ("dcerpc.opnum", dcerpc_opnum),
    ("dce_opnum", dcerpc_opnum),
    ("nfs_procedure", |b, o| {
        transaction(b, o, Buffer::NfsProcedure, parse_number)
    }),
    ("nfs.version", |b, o| {
        transaction(b, o, Buffer::NfsVersion, parse_number)
    }),
    ("nfs_version", |b, o| {
        transaction(b, o, Buffer::NfsVersion, parse_number)
    }),
    ("http2.frametype", |b, o| {
        transaction(b, o, Buffer::Http2FrameType, |text| named(HTTP2_FRAMES, text))
    }),
    ("http2.errorcode", |b, o| {
        transaction(b, o, Buffer::Http2ErrorCode, |text| named(HTTP2_ERRORS, text))
    }),
    ("http2.priority", |b, o| {
        transaction(b, o, Buffer::Http2Priority, parse_number)
    }),
    ("http2.window", |b, o| {
        transaction(b, o, Buffer::Http2Window, parse_number)
    }),
    ("http2.size_update", |b, o| {
        transaction(b, o, Buffer::Http2SizeUpdate, parse_number)
    }),
    ("http2.settings", http2_settings),
    ("websocket.opcode", |b, o| {
        transaction(b, o, Buffer::WebsocketOpcode, |text| named(WEBSOCKET, text))
    }),
    ("websocket.mask", |b, o| {
        transaction(b, o, Buffer::WebsocketMask, parse_number)
    }),
    ("websocket.flags", websocket_flags),
];

type Names = &'static [(&'static str, u64)];

const NTP_MODES: Names = &[
    ("reserved", 0),
    ("symmetric_active", 1),
    ("symmetric_passive", 2),
    ("client", 3),
    ("server", 4),
    ("broadcast", 5),
    ("control", 6),
    ("private", 7),
];

const SNMP_PDUS: Names = &[
    ("get_request", 0),
    ("get_next_request", 1),
    ("response", 2),
    ("set_request", 3),
    ("trap_v1", 4),
    ("get_bulk_request", 5),
    ("inform_request", 6),
    ("trap_v2", 7),
    ("report", 8),
];

const SNMP_TRAPS: Names = &[
    ("cold_start", 0),
    ("warm_start", 1),
    ("link_down", 2),
    ("link_up", 3),
    ("authentication_failure", 4),
    ("egp_neighbor_loss", 5),
    ("enterprise_specific", 6),
];

const HTTP2_FRAMES: Names = &[
    ("data", 0),
    ("headers", 1),
    ("priority", 2),
    ("rst_stream", 3),
    ("rststream", 3),
    ("settings", 4),
    ("push_promise", 5),
    ("pushpromise", 5),
    ("ping", 6),
    ("goaway", 7),
    ("window_update", 8),
    ("windowupdate", 8),
    ("continuation", 9),
];

const HTTP2_ERRORS: Names = &[
    ("no_error", 0),
    ("protocol_error", 1),
    ("internal_error", 2),
    ("flow_control_error", 3),
    ("settings_timeout", 4),
    ("stream_closed", 5),
    ("frame_size_error", 6),
    ("refused_stream", 7),
    ("cancel", 8),
    ("compression_error", 9),
    ("connect_error", 10),
    ("enhance_your_calm", 11),
    ("inadequate_security", 12),
    ("http_1_1_required", 13),
];

const HTTP2_SETTINGS: Names = &[
    ("settings_header_table_size", 1),
    ("settings_enable_push", 2),
    ("settings_max_concurrent_streams", 3),
    ("settings_initial_window_size", 4),
    ("settings_max_frame_size", 5),
    ("settings_max_header_list_size", 6),
];

const WEBSOCKET: Names = &[
    ("continuation", 0),
    ("text", 1),
    ("binary", 2),
    ("connection_close", 8),
    ("close", 8),
    ("ping", 9),
    ("pong", 10),
];

pub(super) fn named(names: &[(&str, u64)], text: &str) -> Option<u64> {
    let by_name = names.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    by_name.map(|(_, number)| *number).or_else(|| parse_number(text))
}

fn custom(builder: &mut Builder<'_>, buffer: Buffer, test: impl Fn(&[u8]) -> bool + Send + Sync + 'static) {
    builder.push_number(buffer, None, Step::Custom(CustomTest::new(test)));
}

fn number_of(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn krb5_message(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    transaction(builder, option, Buffer::Krb5MessageType, |text| {
        named(
            &[
                ("as_req", 10),
                ("as_rep", 11),
                ("tgs_req", 12),
                ("tgs_rep", 13),
                ("ap_req", 14),
                ("ap_rep", 15),
                ("error", 30),
            ],
            text,
        )
    })
}

fn krb5_error(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    transaction(builder, option, Buffer::Krb5ErrorCode, parse_number)
}

/// `weak`, or encryption types by name or number, any of a list; `!` for none of them.
fn krb5_ticket(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.unquoted()?;
    let (negated, text) = text
        .trim()
        .strip_prefix('!')
        .map_or((false, text), |rest| (true, rest));
    let (mut weak, mut wanted) = (false, Vec::new());
    for word in text.split(',').map(str::trim) {
        if word.eq_ignore_ascii_case("weak") {
            weak = true;
        } else if let Some(code) = saola_net::proto::krb5::encryption_number(word) {
            wanted.push(code);
        } else {
            return Err(option.bad(format!("unknown encryption `{word}`")));
        }
    }
    custom(builder, Buffer::Krb5TicketEncryption, move |value| {
        let code = value.first_chunk().map_or(0, |bytes| i32::from_be_bytes(*bytes));
        let hit = wanted.contains(&code) || weak && saola_net::proto::krb5::is_weak(code);
        hit != negated
    });
    Ok(())
}

fn ldap_operation(text: &str) -> Option<u64> {
    saola_net::proto::ldap::operation_number(text).or_else(|| parse_number(text))
}

fn ldap_result(text: &str) -> Option<u64> {
    saola_net::proto::ldap::result_number(text).or_else(|| parse_number(text))
}

/// A test of one of several numbers: `TEST[,INDEX|any|all]`. The field is all numbers as 16 bits each.
fn indexed(
    builder: &mut Builder<'_>,
    option: &OptionText<'_>,
    buffer: Buffer,
    names: fn(&str) -> Option<u64>,
) -> Result<(), Reason> {
    let text = option.unquoted()?;
    let (test, place) = text.split_once(',').unwrap_or((text, "any"));
    let test = NumberTest::parse_with(test, names)
        .ok_or_else(|| option.bad("is no number, known name or comparison"))?;
    let place = place.trim().to_ascii_lowercase();
    let index = match place.as_str() {
        "any" | "all" | "all1" => None,
        number => Some(
            number
                .parse::<i32>()
                .map_err(|_| option.bad("write an index, any or all"))?,
        ),
    };
    let all = place.starts_with("all");
    custom(builder, buffer, move |value| {
        let numbers: Vec<u64> = value.chunks_exact(2).map(number_of).collect();
        match index {
            Some(index) => {
                let at = usize::try_from(index).ok();
                let at = at.or_else(|| {
                    numbers
                        .len()
                        .checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
                });
                at.and_then(|at| numbers.get(at))
                    .is_some_and(|number| test.holds(*number))
            }
            None if all => !numbers.is_empty() && numbers.iter().all(|number| test.holds(*number)),
            None => numbers.iter().any(|number| test.holds(*number)),
        }
    });
    Ok(())
}

/// `alg_hash=2` and its like. A field is the attribute's name, `=` and its value in 4 bytes.
fn ike_attribute(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.unquoted()?;
    let at = text
        .find(['=', '<', '>', '!'])
        .ok_or_else(|| option.bad("write an attribute, a comparison and a number"))?;
    let (name, test) = text.split_at(at);
    let test = NumberTest::parse(test).ok_or_else(|| option.bad("is no comparison of numbers"))?;
    let name = format!("{}=", name.trim().to_ascii_lowercase());
    custom(builder, Buffer::IkeChosenAttribute, move |value| {
        value
            .strip_prefix(name.as_bytes())
            .is_some_and(|value| test.holds(number_of(value)))
    });
    Ok(())
}

fn enip_command(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    transaction(builder, option, Buffer::EnipCommand, |text| {
        saola_net::proto::enip::command_number(text).or_else(|| parse_number(text))
    })
}

/// `SERVICE[,CLASS[,ATTRIBUTE]]`. A field is the service, and class and attribute in 4 bytes each.
fn cip_service(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut wanted = Vec::new();
    for word in option.unquoted()?.split(',').map(str::trim) {
        wanted.push(parse_number(word).ok_or_else(|| option.bad(format!("`{word}` is no number")))?);
    }
    if wanted.len() > 3 {
        return Err(option.bad("write service, class, attribute"));
    }
    custom(builder, Buffer::EnipCipService, move |value| {
        let parts = [value.get(..1), value.get(1..5), value.get(5..9)];
        wanted
            .iter()
            .zip(parts)
            .all(|(wanted, part)| part.is_some_and(|part| number_of(part) == *wanted))
    });
    Ok(())
}

fn dnp3_function(text: &str) -> Option<u64> {
    saola_net::proto::dnp3::function_number(text).or_else(|| parse_number(text))
}

/// A comparison of the indications as a number, or names: all of the plain ones and none of those with `!`.
fn dnp3_indications(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.unquoted()?;
    if let Some(test) = NumberTest::parse(text) {
        custom(builder, Buffer::Dnp3Indications, move |value| {
            test.holds(number_of(value))
        });
        return Ok(());
    }
    let (mut any, mut none) = (0_u64, 0_u64);
    for word in text.split(',').map(str::trim) {
        let (negated, name) = word.strip_prefix('!').map_or((false, word), |name| (true, name));
        let bit = saola_net::proto::dnp3::indication_mask(name)
            .ok_or_else(|| option.bad(format!("unknown indication `{name}`")))?;
        *(if negated { &mut none } else { &mut any }) |= u64::from(bit);
    }
    custom(builder, Buffer::Dnp3Indications, move |value| {
        let set = number_of(value);
        (any == 0 || set & any != 0) && set & none == 0
    });
    Ok(())
}

fn dnp3_object(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let (group, variation) = option
        .unquoted()?
        .split_once(',')
        .ok_or_else(|| option.bad("write group, variation"))?;
    let (Some(group), Some(variation)) = (parse_number(group), parse_number(variation)) else {
        return Err(option.bad("write group, variation as numbers"));
    };
    custom(builder, Buffer::Dnp3Object, move |value| {
        number_of(value) == (group << 8 | variation)
    });
    Ok(())
}

/// `UUID[,VERSION TEST][,any_frag]`. A field is the interface's 16 bytes, its version in 2, and whether it was
/// named by a first fragment.
fn dcerpc_interface(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut parts = option.unquoted()?.split(',').map(str::trim);
    let digits: String = parts
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|letter| *letter != '-')
        .collect();
    let uuid = u128::from_str_radix(&digits, 16)
        .ok()
        .filter(|_| digits.len() == 32)
        .ok_or_else(|| option.bad("write the interface's UUID"))?;
    let (mut version, mut any_fragment) = (None, false);
    for part in parts {
        if part == "any_frag" {
            any_fragment = true;
        } else {
            version = Some(NumberTest::parse(part).ok_or_else(|| option.bad("is no test of a version"))?);
        }
    }
    custom(builder, Buffer::DcerpcInterface, move |value| {
        let (Some(found), Some(number)) = (value.first_chunk::<16>(), value.get(16..18)) else {
            return false;
        };
        u128::from_be_bytes(*found) == uuid
            && version.is_none_or(|test| test.holds(number_of(number)))
            && (any_fragment || value.get(18) == Some(&1))
    });
    Ok(())
}

/// Numbers and ranges (`15`, `0-5`, `>3`), any of a list.
fn dcerpc_opnum(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.unquoted()?;
    if !text.contains([',', '-']) {
        return transaction(builder, option, Buffer::DcerpcOpnum, parse_number);
    }
    let mut ranges = Vec::new();
    for word in text.split(',').map(str::trim) {
        let (low, high) = word.split_once('-').unwrap_or((word, word));
        let (Some(low), Some(high)) = (parse_number(low), parse_number(high)) else {
            return Err(option.bad(format!("`{word}` is no number or range")));
        };
        ranges.push((low, high));
    }
    let test = move |value: &[u8]| {
        let number = number_of(value);
        ranges.iter().any(|(low, high)| (*low..=*high).contains(&number))
    };
    custom(builder, Buffer::DcerpcOpnums, test);
    Ok(())
}

/// `SETTINGS_ENABLE_PUSH=0` and its like. A field is the setting in 2 bytes and its value in 4.
fn http2_settings(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.unquoted()?.trim();
    let at = text.find(['=', '<', '>', '!', ' ']).unwrap_or(text.len());
    let (name, rest) = text.split_at(at);
    let setting =
        named(HTTP2_SETTINGS, name).ok_or_else(|| option.bad(format!("unknown setting `{name}`")))?;
    let test = match rest.trim() {
        "" => None,
        rest => Some(NumberTest::parse(rest).ok_or_else(|| option.bad("is no comparison of numbers"))?),
    };
    custom(builder, Buffer::Http2Settings, move |value| {
        value.get(..2).is_some_and(|id| number_of(id) == setting)
            && test.is_none_or(|test| value.get(2..6).is_some_and(|value| test.holds(number_of(value))))
    });
    Ok(())
}

/// `fin`, `comp`, each with `!` for "not set", or the flags as a number.
fn websocket_flags(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let text = option.unquoted()?;
    let (mut set, mut unset) = (0, 0);
    for word in text.split(',').map(str::trim) {
        let (negated, name) = word.strip_prefix('!').map_or((false, word), |name| (true, name));
        let Some(bit) = named(&[("fin", 0x80), ("comp", 0x40)], name) else {
            return Err(option.bad(format!("unknown flag `{name}`")));
        };
        *(if negated { &mut unset } else { &mut set }) |= bit;
    }
    custom(builder, Buffer::WebsocketFlags, move |value| {
        let flags = number_of(value);
        flags & set == set && flags & unset == 0
    });
    Ok(())
}

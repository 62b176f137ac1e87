//! Names of record types and response codes (IANA, Domain Name System Parameters).

use std::borrow::Cow;

/// Record types by number.
const TYPES: &[(u16, &str)] = &[
    (1, "A"),
    (2, "NS"),
    (3, "MD"),
    (4, "MF"),
    (5, "CNAME"),
    (6, "SOA"),
    (7, "MB"),
    (8, "MG"),
    (9, "MR"),
    (10, "NULL"),
    (11, "WKS"),
    (12, "PTR"),
    (13, "HINFO"),
    (14, "MINFO"),
    (15, "MX"),
    (16, "TXT"),
    (17, "RP"),
    (18, "AFSDB"),
    (19, "X25"),
    (20, "ISDN"),
    (21, "RT"),
    (22, "NSAP"),
    (23, "NSAPPTR"),
    (24, "SIG"),
    (25, "KEY"),
    (26, "PX"),
    (27, "GPOS"),
    (28, "AAAA"),
    (29, "LOC"),
    (30, "NXT"),
    (33, "SRV"),
    (34, "ATMA"),
    (35, "NAPTR"),
    (36, "KX"),
    (37, "CERT"),
    (38, "A6"),
    (39, "DNAME"),
    (41, "OPT"),
    (42, "APL"),
    (43, "DS"),
    (44, "SSHFP"),
    (45, "IPSECKEY"),
    (46, "RRSIG"),
    (47, "NSEC"),
    (48, "DNSKEY"),
    (49, "DHCID"),
    (50, "NSEC3"),
    (51, "NSEC3PARAM"),
    (52, "TLSA"),
    (53, "SMIMEA"),
    (55, "HIP"),
    (59, "CDS"),
    (60, "CDNSKEY"),
    (61, "OPENPGPKEY"),
    (62, "CSYNC"),
    (63, "ZONEMD"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (99, "SPF"),
    (108, "EUI48"),
    (109, "EUI64"),
    (249, "TKEY"),
    (250, "TSIG"),
    (251, "IXFR"),
    (252, "AXFR"),
    (253, "MAILB"),
    (254, "MAILA"),
    (255, "ANY"),
    (256, "URI"),
    (257, "CAA"),
];

/// Response codes by number.
const CODES: &[&str] = &[
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET",
    "NOTAUTH", "NOTZONE",
];

/// Name of a record type; the number when it has none.
pub fn type_name(rrtype: u16) -> Cow<'static, str> {
    match TYPES.iter().find(|(number, _)| *number == rrtype) {
        Some((_, name)) => Cow::Borrowed(name),
        None => Cow::Owned(rrtype.to_string()),
    }
}

/// Number of a record type by its name in any case, or written as a number.
pub fn type_number(name: &str) -> Option<u16> {
    TYPES
        .iter()
        .find(|(_, known)| known.eq_ignore_ascii_case(name))
        .map(|(number, _)| *number)
        .or_else(|| name.parse().ok())
}

/// Name of a response code; the number when it has none.
pub fn rcode_name(rcode: u8) -> Cow<'static, str> {
    match CODES.get(usize::from(rcode)) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(rcode.to_string()),
    }
}

/// Number of a response code by its name in any case, or written as a number.
pub fn rcode_number(name: &str) -> Option<u8> {
    CODES
        .iter()
        .position(|known| known.eq_ignore_ascii_case(name))
        .and_then(|number| u8::try_from(number).ok())
        .or_else(|| name.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        assert_eq!(
            (type_name(65), type_name(65_280)),
            ("HTTPS".into(), "65280".into())
        );
        assert_eq!(
            (type_number("aaaa"), type_number("77"), type_number("x")),
            (Some(28), Some(77), None)
        );
        assert_eq!((rcode_name(3), rcode_name(15)), ("NXDOMAIN".into(), "15".into()));
        assert_eq!((rcode_number("refused"), rcode_number("no")), (Some(5), None));
    }
}

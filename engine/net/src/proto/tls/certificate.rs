//! What a certificate says (RFC 5280): read once, from the first certificate of a chain.

use sha1::Digest as _;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use crate::proto::hex_colons;

/// Alternative names that are kept.
const MAX_NAMES: usize = 256;

/// A certificate's fields, as records and rules show them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Subject, such as `C=VN, O=Example, CN=a.example`.
    pub subject: Vec<u8>,
    /// Issuer.
    pub issuer: Vec<u8>,
    /// Serial number, upper-case hexadecimal with colons.
    pub serial: String,
    /// SHA-1 of the whole, lower-case hexadecimal with colons.
    pub fingerprint: String,
    /// First second of validity, seconds since 1970.
    pub not_before: i64,
    /// Last second of validity, seconds since 1970.
    pub not_after: i64,
    /// Host names and addresses it is also good for.
    pub alternative_names: Vec<Vec<u8>>,
}

/// Short names of name attributes (RFC 4519, RFC 2985) by their dotted numbers.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.41", "name"),
    ("2.5.4.42", "givenName"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"),
];

/// Tag of a string of 16-bit characters.
const BMP_STRING: u32 = 30;

/// Reads a certificate in DER; `None` when it is none.
pub(super) fn parse(der: &[u8]) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let validity = certificate.validity();
    let serial = hex_colons(certificate.raw_serial()).to_ascii_uppercase();
    let mut names = Vec::new();
    if let Ok(Some(alternative)) = certificate.subject_alternative_name() {
        names = alternative
            .value
            .general_names
            .iter()
            .filter_map(general_name)
            .take(MAX_NAMES)
            .collect();
    }
    Some(Certificate {
        subject: distinguished_name(certificate.subject()),
        issuer: distinguished_name(certificate.issuer()),
        serial,
        fingerprint: hex_colons(&sha1::Sha1::digest(der)),
        not_before: validity.not_before.timestamp(),
        not_after: validity.not_after.timestamp(),
        alternative_names: names,
    })
}

fn general_name(name: &GeneralName<'_>) -> Option<Vec<u8>> {
    match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
            Some(name.as_bytes().to_vec())
        }
        GeneralName::IPAddress(bytes) => {
            let address = match <[u8; 4]>::try_from(*bytes) {
                Ok(v4) => std::net::IpAddr::from(v4),
                Err(_) => std::net::IpAddr::from(<[u8; 16]>::try_from(*bytes).ok()?),
            };
            Some(address.to_string().into_bytes())
        }
        _ => None,
    }
}

/// Attributes in order, `key=value` joined by comma and blank. Values stay as they are, NUL bytes too: rules look for
/// names cut by them.
fn distinguished_name(name: &X509Name<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    for attribute in name.iter_attributes() {
        if !text.is_empty() {
            text.extend_from_slice(b", ");
        }
        let number = attribute.attr_type().to_id_string();
        let key = ATTRIBUTES
            .iter()
            .find(|(known, _)| *known == number)
            .map_or(number.as_str(), |(_, short)| short);
        text.extend_from_slice(key.as_bytes());
        text.push(b'=');
        let value = attribute.attr_value();
        if value.header.tag().0 == BMP_STRING {
            let units = value
                .data
                .chunks_exact(2)
                .filter_map(|pair| pair.try_into().ok().map(u16::from_be_bytes));
            let decoded: String = char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            text.extend_from_slice(decoded.as_bytes());
        } else {
            text.extend_from_slice(value.data);
        }
    }
    text
}

/// `2015-02-12T18:07:27`, as EVE writes validity.
pub fn date_text(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400);
    let second = seconds.rem_euclid(86_400);
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Year, month and day of a day since 1970-01-01 (proleptic Gregorian calendar, in eras of 400 years from March on).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00"),
            (1_423_764_447, "2015-02-12T18:07:27"),
            (-86_400, "1969-12-31T00:00:00"),
            (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (4_102_444_800, "2100-01-01T00:00:00"),
        ] {
            assert_eq!(date_text(seconds), text);
        }
    }

    #[test]
    fn what_is_no_certificate() {
        for der in [&b""[..], b"\x30\x03\x02\x01\x01", &[0xff; 100]] {
            assert_eq!(parse(der), None);
        }
    }
}

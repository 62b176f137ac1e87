//! Encryption types of Kerberos (IANA "Kerberos Encryption Type Numbers").

const TYPES: &[(i32, &str)] = &[
    (0, "reserved"),
    (1, "des-cbc-crc"),
    (2, "des-cbc-md4"),
    (3, "des-cbc-md5"),
    (5, "des3-cbc-md5"),
    (7, "des3-cbc-sha1"),
    (9, "dsaWithSHA1-CmsOID"),
    (10, "md5WithRSAEncryption-CmsOID"),
    (11, "sha1WithRSAEncryption-CmsOID"),
    (12, "rc2CBC-EnvOID"),
    (13, "rsaEncryption-EnvOID"),
    (14, "rsaES-OAEP-ENV-OID"),
    (15, "des-ede3-cbc-Env-OID"),
    (16, "des3-cbc-sha1-kd"),
    (17, "aes128-cts-hmac-sha1-96"),
    (18, "aes256-cts-hmac-sha1-96"),
    (19, "aes128-cts-hmac-sha256-128"),
    (20, "aes256-cts-hmac-sha384-192"),
    (23, "rc4-hmac"),
    (24, "rc4-hmac-exp"),
    (25, "camellia128-cts-cmac"),
    (26, "camellia256-cts-cmac"),
    (65, "subkey-keymaterial"),
    (-128, "rc4-md4"),
    (-133, "rc4-hmac-old"),
    (-135, "rc4-hmac-old-exp"),
];

pub(super) fn name(number: i32) -> String {
    let known = TYPES.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("unknown ({number})"), |(_, name)| (*name).to_owned())
}

/// The number of an encryption type, from its name or the number itself.
pub fn encryption_number(text: &str) -> Option<i32> {
    let known = TYPES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
    known.map(|(number, _)| *number).or_else(|| text.parse().ok())
}

/// Whether a type is out of use for weakness (RFC 6649, RFC 8429): DES, RC4 and what came before.
pub fn is_weak(number: i32) -> bool {
    !matches!(number, 16..=20 | 25 | 26 | 65)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_weakness() {
        assert_eq!(encryption_number("RC4-HMAC"), Some(23));
        assert_eq!(encryption_number("-135"), Some(-135));
        assert_eq!(encryption_number("rot13"), None);
        assert!(is_weak(23) && is_weak(1) && !is_weak(18));
        assert_eq!(name(18), "aes256-cts-hmac-sha1-96");
    }
}

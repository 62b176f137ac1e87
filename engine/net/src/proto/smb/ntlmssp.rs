//! NTLMSSP messages (MS-NLMP) within session setups: who logs in from where.

use memchr::memmem;

use crate::proto::le_text::utf16;
use crate::proto::reader::Reader;

/// The version field is filled.
const HAS_VERSION: u32 = 0x0200_0000;
/// Names are UTF-16.
const UNICODE: u32 = 1;
const NEGOTIATE: u32 = 1;
const AUTHENTICATE: u32 = 3;

/// What the messages tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ntlmssp {
    /// Domain of the user.
    pub domain: Vec<u8>,
    /// The user.
    pub user: Vec<u8>,
    /// Name of the client's host.
    pub host: Vec<u8>,
    /// Version of the client's system.
    pub version: Option<String>,
    /// The message names the user.
    pub authenticates: bool,
}

fn version(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader::new(bytes);
    let (major, minor, build) = (reader.u8()?, reader.u8()?, reader.le16()?);
    reader.take(3)?;
    let revision = reader.u8()?;
    Some(format!("{major}.{minor} build {build} rev {revision}"))
}

/// Length, room and offset of a field, and its bytes in `message`.
fn field<'a>(reader: &mut Reader<'_>, message: &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::from(reader.le16()?);
    reader.le16()?;
    let offset = reader.le32()? as usize;
    message.get(offset..offset.checked_add(length)?)
}

/// Finds a message within a security blob, which may wrap it in SPNEGO.
pub(super) fn find(blob: &[u8]) -> Option<Ntlmssp> {
    let start = memmem::find(blob, b"NTLMSSP\0")?;
    let message = blob.get(start..)?;
    let mut reader = Reader::new(message.get(8..)?);
    let mut found = Ntlmssp::default();
    match reader.le32()? {
        NEGOTIATE => {
            if reader.le32()? & HAS_VERSION != 0 {
                found.version = version(message.get(32..)?);
            }
            Some(found)
        }
        AUTHENTICATE => {
            found.authenticates = true;
            reader.take(16)?;
            let names = [
                field(&mut reader, message),
                field(&mut reader, message),
                field(&mut reader, message),
            ];
            reader.take(8)?;
            let flags = reader.le32()?;
            let [domain, user, host] = names.map(|name| {
                let name = name.unwrap_or_default();
                if flags & UNICODE != 0 {
                    utf16(name)
                } else {
                    name.to_vec()
                }
            });
            (found.domain, found.user, found.host) = (domain, user, host);
            if flags & HAS_VERSION != 0 {
                found.version = version(reader.rest());
            }
            Some(found)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_logs_in() {
        let mut message = b"NTLMSSP\0\x03\0\0\0".to_vec();
        message.extend([0; 16]);
        for (length, offset) in [(2_u16, 72_u32), (4, 74), (2, 78)] {
            message.extend(length.to_le_bytes());
            message.extend(length.to_le_bytes());
            message.extend(offset.to_le_bytes());
        }
        message.extend([0; 8]);
        message.extend((HAS_VERSION | UNICODE).to_le_bytes());
        message.extend([10, 0, 0x5a, 0x29, 0, 0, 0, 15]);
        message.extend(b"D\0m\0e\0H\0");
        let found = find(&[b"spnego", message.as_slice()].concat()).unwrap();
        assert_eq!(
            (&*found.domain, &*found.user, &*found.host),
            (&b"D"[..], &b"me"[..], &b"H"[..])
        );
        assert_eq!(found.version.as_deref(), Some("10.0 build 10586 rev 15"));
        assert_eq!(find(b"NTLMSSP\0\x03\0"), None);
    }
}

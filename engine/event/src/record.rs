//! What a collector hands on: untrusted bytes with where and when they came from.

use std::net::IpAddr;
use std::sync::Arc;

use crate::Timestamp;

/// Name of a configured source (`syslog-udp`, `nginx-dvc`), cheap to copy.
pub type SourceId = Arc<str>;

/// One record as it came off the wire or out of a file: one syslog message, one line, one JSON object.
///
/// The bytes are untrusted and may be anything, including empty or not UTF-8. Framing has been taken off (octet
/// count, final newline); nothing else has been touched.
#[derive(Clone, Debug)]
pub struct RawRecord {
    /// The configured source that took it in.
    pub source: SourceId,
    /// The agency that the source belongs to; never taken from the message.
    pub agency: Arc<str>,
    /// Parser asked for by the configuration (`nginx`, `windows-json`, …); `None` finds it from the record.
    pub parser: Option<Arc<str>>,
    /// Address of the sender, where the transport has one.
    pub peer: Option<IpAddr>,
    /// When it arrived here.
    pub received_at: Timestamp,
    /// Number within the source, rising; gaps mean loss before this point.
    pub seq: u64,
    /// The record itself.
    pub bytes: Vec<u8>,
}

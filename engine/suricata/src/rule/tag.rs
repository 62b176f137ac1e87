//! `tag`: recording packets that come after an alert.

/// Whose packets are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagScope {
    /// The flow's.
    Session,
    /// Those to and from the alert's source address.
    Source,
    /// Those to and from its destination address.
    Destination,
}

/// What ends the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagUnit {
    /// So many packets.
    Packets,
    /// So many seconds.
    Seconds,
    /// So many bytes.
    Bytes,
}

/// One `tag` of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Whose packets.
    pub scope: TagScope,
    /// How long; `None` without an end but the flow's.
    pub limit: Option<(TagUnit, u32)>,
}

//! Which bytes win where two segments or fragments overlap: hosts differ, and so must their observer.
//!
//! The table follows Novak and Sturges, "Target-Based TCP Stream Reassembly" (2007), and Novak, "Target-Based
//! Fragmentation Reassembly" (2005).

/// How a host resolves overlapping bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverlapPolicy {
    /// The bytes that came first stay.
    First,
    /// The bytes that came last win.
    Last,
    /// The earlier segment stays, unless the new one begins before it (BSD, AIX, HP-UX 11 and most others).
    #[default]
    Bsd,
    /// As BSD, and a new segment with the same beginning wins when it is longer (Linux).
    Linux,
    /// The new segment wins unless it begins after the earlier one (Linux 2.2 and older).
    OldLinux,
    /// The earlier segment stays unless the new one covers it whole and goes beyond it (Windows).
    Windows,
    /// The new segment wins, unless the earlier one covers it (Solaris).
    Solaris,
    /// The new segment wins unless it begins before the earlier one (HP JetDirect printers, HP-UX 10).
    BsdRight,
}

impl OverlapPolicy {
    /// From its name in `host-os-policy`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "first" | "macos" | "hpux11" => Self::First,
            "irix" | "bsd" => Self::Bsd,
            "last" => Self::Last,
            "linux" => Self::Linux,
            "old-linux" | "old_linux" => Self::OldLinux,
            "windows" | "windows2k3" | "vista" => Self::Windows,
            "solaris" => Self::Solaris,
            "bsd-right" | "bsd_right" | "hpux10" => Self::BsdRight,
            _ => return None,
        })
    }

    /// Whether the bytes of a `new` run win over those of an `old` one that it overlaps. Runs are (start, end).
    pub fn new_wins(self, new: (u64, u64), old: (u64, u64)) -> bool {
        match self {
            Self::First => false,
            Self::Last => true,
            Self::Bsd => new.0 < old.0,
            Self::Linux => new.0 < old.0 || (new.0 == old.0 && new.1 > old.1),
            Self::OldLinux => new.0 <= old.0,
            Self::Windows => new.0 < old.0 && new.1 > old.1,
            Self::Solaris => new.0 < old.0 || new.1 > old.1 || (new.0 == old.0 && new.1 == old.1),
            Self::BsdRight => new.0 >= old.0,
        }
    }
}

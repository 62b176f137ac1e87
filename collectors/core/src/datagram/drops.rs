//! How many datagrams the kernel dropped before we read them.
//!
//! The kernel counts them per socket and shows them in `/proc/self/net/udp`, in the last column of the line with the socket's
//! inode. (The other way, `SO_RXQ_OVFL`, needs control messages, which need `unsafe`.)

use std::os::fd::{AsRawFd, BorrowedFd};

/// Reads the kernel's counter of one socket. Absent outside Linux or without `/proc`: then nothing is claimed.
#[derive(Debug)]
pub(crate) struct KernelDrops {
    inode: Option<String>,
    seen: u64,
}

impl KernelDrops {
    /// The counter of this socket.
    pub(crate) fn of(socket: BorrowedFd<'_>) -> Self {
        let link = std::fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).ok();
        let inode = link.and_then(|link| {
            let text = link
                .to_str()?
                .strip_prefix("socket:[")?
                .strip_suffix(']')?
                .to_owned();
            Some(text)
        });
        Self { inode, seen: 0 }
    }

    /// Drops since the last time this was asked.
    pub(crate) fn more(&mut self) -> u64 {
        let Some(inode) = &self.inode else { return 0 };
        let total = ["/proc/self/net/udp", "/proc/self/net/udp6"]
            .iter()
            .find_map(|table| {
                let table = std::fs::read_to_string(table).ok()?;
                drops_in(&table, inode)
            });
        let total = total.unwrap_or(self.seen);
        let more = total.saturating_sub(self.seen);
        self.seen = total;
        more
    }
}

/// The drops of the socket with this inode in the text of `/proc/self/net/udp`.
fn drops_in(table: &str, inode: &str) -> Option<u64> {
    const INODE_COLUMN: usize = 9;
    table.lines().skip(1).find_map(|line| {
        let mut columns = line.split_ascii_whitespace();
        (columns.nth(INODE_COLUMN)? == inode)
            .then(|| columns.next_back()?.parse().ok())
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_inode() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n  \
            77: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5511 2 0000000000000000 41\n  \
            78: 0100007F:0203 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5512 2 0000000000000000 7\n";
        assert_eq!(drops_in(table, "5512"), Some(7));
        assert_eq!(drops_in(table, "5513"), None);
        assert_eq!(drops_in("", "5512"), None);
    }
}

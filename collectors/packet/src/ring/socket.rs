//! The packet socket and its shared memory. Every `unsafe` of the product stands in this file.
#![allow(unsafe_code)]

use std::ffi::{CString, c_int, c_uint, c_void};
use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A failed step and the system's reason.
type Fault = (&'static str, io::Error);

/// A bound packet socket with its mapped ring.
pub(super) struct RingSocket {
    descriptor: OwnedFd,
    memory: NonNull<u8>,
    drops: u64,
}

// SAFETY: the mapping belongs to this value alone, and nothing in it is bound to a thread.
unsafe impl Send for RingSocket {}

const BLOCK_BYTES: usize = 1 << 19;
const FRAME_BYTES: usize = 2048;
/// A block that is not full is handed over after this many milliseconds.
const RETIRE_MILLIS: c_uint = 10;
/// Offset of `block_status` in a block.
const STATUS_OFFSET: usize = 8;

impl RingSocket {
    /// Blocks in the ring: 32 MiB, about a third of a second at 1 Gbit/s.
    pub(super) const BLOCKS: usize = 64;
    const RING_BYTES: usize = BLOCK_BYTES * Self::BLOCKS;

    pub(super) fn open(interface: &str, fanout: Option<u16>) -> Result<Self, Fault> {
        // Protocol 0: nothing is received before the socket is bound to its interface.
        // SAFETY: a plain system call; the result is checked.
        let raw = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
        check(raw).map_err(|error| ("opening a packet socket", error))?;
        // SAFETY: `raw` is a descriptor that was just opened and that nobody else owns.
        let descriptor = unsafe { OwnedFd::from_raw_fd(raw) };
        set(
            &descriptor,
            libc::PACKET_VERSION,
            &(libc::tpacket_versions::TPACKET_V3 as c_int),
        )
        .map_err(|error| ("asking for TPACKET_V3", error))?;
        set(&descriptor, libc::PACKET_RX_RING, &request()).map_err(|error| ("asking for the ring", error))?;
        let memory = map(&descriptor).map_err(|error| ("mapping the ring", error))?;
        let socket = Self {
            descriptor,
            memory,
            drops: 0,
        };
        socket
            .bind(interface)
            .map_err(|error| ("binding to the interface", error))?;
        if let Some(group) = fanout {
            // Fragments of a packet go where their flow goes.
            let option = c_int::from(group)
                | ((libc::PACKET_FANOUT_HASH | libc::PACKET_FANOUT_FLAG_DEFRAG) << 16) as c_int;
            set(&socket.descriptor, libc::PACKET_FANOUT, &option)
                .map_err(|error| ("joining the fanout group", error))?;
        }
        Ok(socket)
    }

    fn bind(&self, interface: &str) -> io::Result<()> {
        let name = CString::new(interface)?;
        // SAFETY: `name` is a terminated text that lives through the call.
        let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
        if index == 0 {
            return Err(io::Error::last_os_error());
        }
        let member = libc::packet_mreq {
            mr_ifindex: index as c_int,
            mr_type: libc::PACKET_MR_PROMISC as u16,
            mr_alen: 0,
            mr_address: [0; 8],
        };
        set(&self.descriptor, libc::PACKET_ADD_MEMBERSHIP, &member)?;
        let address = libc::sockaddr_ll {
            sll_family: libc::AF_PACKET as u16,
            sll_protocol: (libc::ETH_P_ALL as u16).to_be(),
            sll_ifindex: index as c_int,
            sll_hatype: 0,
            sll_pkttype: 0,
            sll_halen: 0,
            sll_addr: [0; 8],
        };
        let length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
        // SAFETY: `address` is a whole `sockaddr_ll` and `length` its size.
        check(unsafe {
            libc::bind(
                self.descriptor.as_raw_fd(),
                ptr::from_ref(&address).cast(),
                length,
            )
        })
    }

    /// Shows block `index` to `take` when the kernel has handed it over, and hands it back afterwards.
    pub(super) fn with_block(&mut self, index: usize, take: impl FnOnce(&[u8])) -> bool {
        let start = (index % Self::BLOCKS) * BLOCK_BYTES;
        // SAFETY: `start` lies within the mapping, which lives as long as `self`.
        let block = unsafe { self.memory.add(start) };
        // SAFETY: the status word is aligned (blocks are page-aligned), within the block, and written by the kernel
        // and by us as an atomic word only.
        let status = unsafe { AtomicU32::from_ptr(block.add(STATUS_OFFSET).as_ptr().cast()) };
        if status.load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
            return false;
        }
        // SAFETY: the whole block is mapped; between the kernel's hand-over (acquired above) and ours (released below)
        // the kernel does not write to it.
        take(unsafe { std::slice::from_raw_parts(block.as_ptr(), BLOCK_BYTES) });
        status.store(libc::TP_STATUS_KERNEL, Ordering::Release);
        true
    }

    /// Waits until a block may be ready, at most `patience`.
    pub(super) fn wait(&self, patience: Duration) -> io::Result<()> {
        let mut poll = libc::pollfd {
            fd: self.descriptor.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        let millis = c_int::try_from(patience.as_millis()).unwrap_or(c_int::MAX);
        // SAFETY: one whole `pollfd`, counted as one.
        match check(unsafe { libc::poll(&raw mut poll, 1, millis) }) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            _ if poll.revents & libc::POLLERR != 0 => Err(io::Error::other("the interface went down")),
            result => result,
        }
    }

    /// Packets that the kernel dropped since the socket was opened.
    pub(super) fn drops(&mut self) -> u64 {
        let mut stats = libc::tpacket_stats_v3 {
            tp_packets: 0,
            tp_drops: 0,
            tp_freeze_q_cnt: 0,
        };
        let mut length = size_of::<libc::tpacket_stats_v3>() as libc::socklen_t;
        // SAFETY: `stats` has room for `length` bytes, and the kernel writes no more than that.
        let result = unsafe {
            libc::getsockopt(
                self.descriptor.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                (&raw mut stats).cast(),
                &raw mut length,
            )
        };
        // The kernel starts again from zero after each reading.
        if result == 0 {
            self.drops += u64::from(stats.tp_drops);
        }
        self.drops
    }
}

impl Drop for RingSocket {
    fn drop(&mut self) {
        // SAFETY: the mapping was made with this address and length and is not used after this.
        unsafe { libc::munmap(self.memory.as_ptr().cast(), Self::RING_BYTES) };
    }
}

fn request() -> libc::tpacket_req3 {
    libc::tpacket_req3 {
        tp_block_size: BLOCK_BYTES as c_uint,
        tp_block_nr: RingSocket::BLOCKS as c_uint,
        tp_frame_size: FRAME_BYTES as c_uint,
        tp_frame_nr: (BLOCK_BYTES / FRAME_BYTES * RingSocket::BLOCKS) as c_uint,
        tp_retire_blk_tov: RETIRE_MILLIS,
        tp_sizeof_priv: 0,
        tp_feature_req_word: 0,
    }
}

fn map(descriptor: &OwnedFd) -> io::Result<NonNull<u8>> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new mapping at an address of the kernel's choice; the result is checked.
    let memory = unsafe {
        libc::mmap(
            ptr::null_mut(),
            RingSocket::RING_BYTES,
            protection,
            libc::MAP_SHARED,
            descriptor.as_raw_fd(),
            0,
        )
    };
    if memory == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    NonNull::new(memory.cast()).ok_or_else(|| io::Error::other("the ring was mapped at address zero"))
}

fn set<T>(descriptor: &OwnedFd, option: c_int, value: &T) -> io::Result<()> {
    let (value, length) = (
        ptr::from_ref(value).cast::<c_void>(),
        size_of::<T>() as libc::socklen_t,
    );
    // SAFETY: `value` points to `length` readable bytes for the time of the call.
    check(unsafe { libc::setsockopt(descriptor.as_raw_fd(), libc::SOL_PACKET, option, value, length) })
}

fn check(result: c_int) -> io::Result<()> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

use super::*;

/// A block as the kernel lays it out: the head, then packets with their headers.
fn block(packets: &[(u32, &[u8], Option<u16>, u8)]) -> Vec<u8> {
    let mut block = vec![0_u8; 48];
    block[12..16].copy_from_slice(&(packets.len() as u32).to_ne_bytes());
    block[16..20].copy_from_slice(&48_u32.to_ne_bytes());
    for (index, (wire_len, data, vlan, kind)) in packets.iter().enumerate() {
        let length = (82 + data.len()).div_ceil(16) * 16;
        let last = index + 1 == packets.len();
        let mut header = vec![0_u8; length];
        let words = [
            if last { 0 } else { length as u32 },
            100,
            7_000,
            data.len() as u32,
            *wire_len,
        ];
        for (place, word) in words.iter().enumerate() {
            header[place * 4..place * 4 + 4].copy_from_slice(&word.to_ne_bytes());
        }
        header[20..24].copy_from_slice(&vlan.map_or(1, |_| 1 | VLAN_VALID).to_ne_bytes());
        header[24..26].copy_from_slice(&82_u16.to_ne_bytes());
        header[32..36].copy_from_slice(&u32::from(vlan.unwrap_or(0)).to_ne_bytes());
        header[PACKET_TYPE_OFFSET] = *kind;
        header[82..82 + data.len()].copy_from_slice(data);
        block.extend(header);
    }
    block
}

fn take(block: &[u8], skip_outgoing: bool) -> (PacketBatch, CaptureStats) {
    let (mut batch, mut stats) = (PacketBatch::new(100, 1 << 20), CaptureStats::default());
    take_packets(
        block,
        Link {
            link_type: 1,
            skip_outgoing,
        },
        &mut stats,
        &mut batch,
    );
    (batch, stats)
}

#[test]
fn packets_of_a_block_with_time_tag_and_length() {
    let (batch, stats) = take(
        &block(&[(60, b"one", None, 0), (1500, b"two", Some(42), 0)]),
        false,
    );
    let all: Vec<_> = batch
        .iter()
        .map(|p| (p.time.as_micros(), p.wire_len, p.vlan, p.data.to_vec()))
        .collect();
    assert_eq!(
        all,
        [
            (100_000_007, 60, None, b"one".to_vec()),
            (100_000_007, 1500, Some(42), b"two".to_vec())
        ]
    );
    assert_eq!((stats.received, stats.bytes, stats.truncated), (2, 1560, 2));
}

#[test]
fn loopback_shows_each_packet_once() {
    let both = block(&[
        (3, b"out", None, libc::PACKET_OUTGOING),
        (3, b"in.", None, libc::PACKET_HOST),
    ]);
    assert_eq!(take(&both, true).0.len(), 1);
    assert_eq!(take(&both, false).0.len(), 2);
}

#[test]
fn a_block_that_lies_about_itself_is_read_no_further() {
    let good = block(&[(3, b"one", None, 0), (3, b"two", None, 0)]);
    for cut in 0..good.len() {
        assert!(take(&good[..cut], false).0.len() <= 2);
    }
    let mut endless = good.clone();
    endless[12..16].copy_from_slice(&u32::MAX.to_ne_bytes());
    assert_eq!(take(&endless, false).0.len(), 2);
}

use std::io::Cursor;

use proptest::prelude::*;

use super::*;

fn read(bytes: Vec<u8>) -> (Vec<(i64, Vec<u8>)>, Option<CaptureError>) {
    let mut file = match CaptureFile::new(Cursor::new(bytes)) {
        Ok(file) => file,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let (mut all, mut batch) = (Vec::new(), PacketBatch::new(3, 1 << 20));
    loop {
        let filled = file.fill(&mut batch, Duration::ZERO);
        all.extend(
            batch
                .iter()
                .map(|packet| (packet.time.as_micros(), packet.data.to_vec())),
        );
        batch.clear();
        match filled {
            Ok(Fill::End) => return (all, None),
            Ok(_) => {}
            Err(error) => return (all, Some(error)),
        }
    }
}

/// A pcap of the given packets, by the format's description, in either byte order and time unit.
fn pcap(packets: &[&[u8]], big: bool, nanos: bool) -> Vec<u8> {
    let word = |value: u32| {
        if big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let half = |value: u16| {
        if big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    };
    let mut file = word(if nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 }).to_vec();
    file.extend([half(2), half(4)].concat());
    file.extend([word(0), word(0), word(65_535), word(1)].concat());
    for (index, data) in packets.iter().enumerate() {
        let fraction = if nanos { 5_000 } else { 5 };
        let length = data.len() as u32;
        file.extend([word(index as u32), word(fraction), word(length), word(length)].concat());
        file.extend_from_slice(data);
    }
    file
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().div_ceil(4) * 4;
    let length = (12 + padded) as u32;
    let mut block = [kind.to_le_bytes(), length.to_le_bytes()].concat();
    block.extend_from_slice(body);
    block.resize(8 + padded, 0);
    block.extend(length.to_le_bytes());
    block
}

/// A pcapng with two interfaces: the second counts in nanoseconds.
fn pcapng(packets: &[(u32, u64, &[u8])]) -> Vec<u8> {
    let section = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
    let mut file = block(0x0a0d_0d0a, &section);
    file.extend(block(1, &[1, 0, 0, 0, 0, 0, 1, 0]));
    file.extend(block(
        1,
        &[101, 0, 0, 0, 0, 0, 1, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0],
    ));
    for (interface, units, data) in packets {
        let mut body = interface.to_le_bytes().to_vec();
        let length = (data.len() as u32).to_le_bytes();
        body.extend(
            [
                ((units >> 32) as u32).to_le_bytes(),
                (*units as u32).to_le_bytes(),
                length,
                length,
            ]
            .concat(),
        );
        body.extend_from_slice(data);
        file.extend(block(6, &body));
    }
    file
}

#[test]
fn pcap_in_both_orders_and_units() {
    let packets: [&[u8]; 4] = [b"a", b"bb", b"", b"dddd"];
    for (big, nanos) in [(false, false), (true, false), (false, true), (true, true)] {
        let (read, error) = read(pcap(&packets, big, nanos));
        assert!(error.is_none(), "{error:?}");
        let expected: Vec<_> = packets
            .iter()
            .enumerate()
            .map(|(i, data)| (i as i64 * 1_000_000 + 5, data.to_vec()))
            .collect();
        assert_eq!(read, expected);
    }
}

#[test]
fn pcapng_keeps_each_interfaces_time_unit() {
    let (read, error) = read(pcapng(&[(0, 7, b"micro"), (1, 7_000, b"nano")]));
    assert!(error.is_none(), "{error:?}");
    assert_eq!(read, [(7, b"micro".to_vec()), (7, b"nano".to_vec())]);
}

#[test]
fn what_is_broken_is_named_and_what_came_before_is_given() {
    let mut cut = pcap(&[b"one", b"two"], false, false);
    cut.truncate(cut.len() - 1);
    let (packets, error) = read(cut);
    assert_eq!(packets.len(), 1);
    assert!(
        matches!(error, Some(CaptureError::CutShort { packet: 2 })),
        "{error:?}"
    );

    let (packets, error) = read(pcapng(&[(0, 1, b"good"), (9, 1, b"nowhere")]));
    assert_eq!(packets.len(), 1);
    assert!(
        matches!(error, Some(CaptureError::Damaged { after_packet: 1, .. })),
        "{error:?}"
    );

    assert!(matches!(
        read(b"GET / HTTP/1.1\r\n\r\n".to_vec()).1,
        Some(CaptureError::NotACapture)
    ));
    assert!(read(Vec::new()).1.is_some());
}

#[test]
fn a_length_of_gigabytes_allocates_nothing_of_the_kind() {
    let mut file = pcap(&[b"one"], false, false);
    file.extend(
        [9_u32, 9, 0xffff_fff0, 0xffff_fff0]
            .iter()
            .flat_map(|word| word.to_le_bytes()),
    );
    file.extend([0; 4096]);
    let (packets, error) = read(file);
    assert_eq!(packets.len(), 1);
    assert!(error.is_some());
}

proptest! {
    #[test]
    fn no_damage_makes_reading_panic_or_hang(seed in any::<u64>(), flips in 1_usize..20, ng in any::<bool>(), cut in 0_usize..200) {
        let data: &[u8] = &[0x5a; 60];
        let mut bytes = if ng { pcapng(&[(0, 1, data), (1, 2, data)]) } else { pcap(&[data, data], false, false) };
        let mut state = seed | 1;
        for _ in 0..flips {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let place = (state >> 33) as usize % bytes.len();
            bytes[place] = (state >> 24) as u8;
        }
        bytes.truncate(bytes.len().saturating_sub(cut));
        let (packets, _) = read(bytes);
        prop_assert!(packets.len() < 100);
    }
}

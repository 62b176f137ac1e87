use proptest::prelude::*;

use super::*;
use crate::app::{Record, RecordOptions};
use crate::proto::testing::Talk;

fn nbss(record: &[u8]) -> Vec<u8> {
    [&(record.len() as u32).to_be_bytes(), record].concat()
}

fn smb2(command: u16, answer: bool, message: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = b"\xfeSMB\x40\0\0\0".to_vec();
    bytes.extend([0; 4]);
    bytes.extend(command.to_le_bytes());
    bytes.extend([0; 2]);
    bytes.extend(u32::from(answer).to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(message.to_le_bytes());
    bytes.extend([0, 0, 0, 0, 1, 0, 0, 0]);
    bytes.extend(7_u64.to_le_bytes());
    bytes.extend([0; 16]);
    bytes.extend_from_slice(body);
    nbss(&bytes)
}

fn create(name: &[u8]) -> Vec<u8> {
    let mut body = vec![0; 36];
    body.extend(2_u32.to_le_bytes());
    body.extend([0; 4]);
    body.extend(120_u16.to_le_bytes());
    body.extend((name.len() as u16).to_le_bytes());
    body.resize(56, 0);
    body.extend_from_slice(name);
    smb2(5, false, 1, &body)
}

fn created() -> Vec<u8> {
    let mut body = vec![1; 64];
    body.extend([9; 16]);
    smb2(5, true, 1, &body)
}

fn write(data: &[u8], offset: u64) -> Vec<u8> {
    let mut body = vec![0, 0];
    body.extend(112_u16.to_le_bytes());
    body.extend((data.len() as u32).to_le_bytes());
    body.extend(offset.to_le_bytes());
    body.extend([9; 16]);
    body.resize(48, 0);
    body.extend_from_slice(data);
    smb2(9, false, 2, &body)
}

fn close() -> Vec<u8> {
    let mut body = vec![0; 8];
    body.extend([9; 16]);
    smb2(6, false, 3, &body)
}

#[test]
fn a_written_file_passes_through_in_pieces_of_any_size() {
    let data: Vec<u8> = (0..5000_u32).map(|n| n as u8).collect();
    for step in [1, 100, 100_000] {
        let mut talk = Talk::new(Box::<SmbParser>::default());
        talk.data(Direction::ToServer, &create(b"a\0.\0b\0"));
        talk.data(Direction::ToClient, &created());
        for piece in [write(&data, 0), write(b"tail", 5000), close()]
            .concat()
            .chunks(step)
        {
            talk.data(Direction::ToServer, piece);
        }
        let tx = talk.transactions.iter().find(|tx| !tx.files.is_empty()).unwrap();
        let file = &tx.files[0];
        assert_eq!(
            (file.name.as_slice(), file.size(), file.state),
            (&b"a.b"[..], 5004, FileState::Closed)
        );
        assert!(tx.is_complete() && tx.events.is_empty());
        let object = tx
            .record::<SmbTransaction>()
            .unwrap()
            .object(&RecordOptions::default())
            .unwrap();
        assert_eq!(
            (&object["command"], &object["filename"]),
            (&"SMB2_COMMAND_WRITE".into(), &"a.b".into())
        );
    }
}

#[test]
fn overlaps_and_gaps_are_told() {
    let mut talk = Talk::new(Box::<SmbParser>::default());
    talk.data(Direction::ToServer, &write(b"12345", 0));
    talk.data(Direction::ToServer, &write(b"67", 2));
    talk.gap(Direction::ToServer, 10);
    talk.data(Direction::ToServer, &[b"rubbish".to_vec(), close()].concat());
    let tx = talk.transactions.iter().next().unwrap();
    assert_eq!(tx.events[0].name, "file_overlap");
    assert_eq!(tx.files[0].state, FileState::Closed);
}

#[test]
fn an_old_session_names_its_systems() {
    let mut record = b"\xffSMB\x73\0\0\0\0\0\0\x40".to_vec();
    record.resize(32, 0);
    record.push(12);
    record.extend([0xff, 0]);
    record.extend([0; 22]);
    record.extend([9, 0]);
    record.extend(b"Unix\0LM\0\0");
    let mut talk = Talk::new(Box::<SmbParser>::default());
    talk.data(Direction::ToServer, &nbss(&record));
    let tx = talk.transactions.iter().next().unwrap();
    let object = tx
        .record::<SmbTransaction>()
        .unwrap()
        .object(&RecordOptions::default())
        .unwrap();
    assert_eq!(object["request"]["native_os"], "Unix");
    assert_eq!(object["command"], "SMB1_COMMAND_SESSION_SETUP_ANDX");
}

#[test]
fn probes() {
    for (bytes, verdict) in [
        (&b"\0\0\0\x40\xfeSMB"[..], Probe::Yes),
        (b"\0\0\0\x40\xfe", Probe::Unsure),
        (b"\0\0\0\x40abcd", Probe::No),
        (b"GET ", Probe::No),
    ] {
        assert_eq!(probe(Direction::ToServer, bytes), verdict, "{bytes:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(command in 0_u16..20, body in prop::collection::vec(any::<u8>(), 0..200), one: u8, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut talk = Talk::new(Box::<SmbParser>::default());
        for answer in [false, true] {
            let direction = if answer { Direction::ToClient } else { Direction::ToServer };
            talk.data(direction, &smb2(command, answer, 1, &body));
            let mut old = b"\xffSMB".to_vec();
            old.push(one);
            old.extend([0, 0, 0, 0, if answer { 0x80 } else { 0 }]);
            old.extend_from_slice(&bytes);
            talk.data(direction, &nbss(&old));
        }
        prop_assert!(talk.transactions.len() < 20);
    }
}

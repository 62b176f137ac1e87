use super::*;
use crate::proto::testing::Talk;

fn header(kind: u8, flags: u8, call: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() + pdu::HEADER) as u16;
    let mut bytes = vec![5, 0, kind, flags, 0x10, 0, 0, 0];
    bytes.extend(length.to_le_bytes());
    bytes.extend([0, 0, call, 0, 0, 0]);
    bytes.extend_from_slice(body);
    bytes
}

fn bind() -> Vec<u8> {
    let mut body = vec![0; 8];
    body.extend([1, 0, 0, 0, 7, 0, 1, 0]);
    // 367abb81-9844-35f1-ad32-98f038001003, version 2.0
    body.extend([0x81, 0xbb, 0x7a, 0x36, 0x44, 0x98, 0xf1, 0x35]);
    body.extend([0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10, 0x03, 2, 0, 0, 0]);
    body.extend([0; 20]);
    header(pdu::BIND, 3, 1, &body)
}

fn bind_ack() -> Vec<u8> {
    let mut body = vec![0; 8];
    body.extend([4, 0, b'1', b'3', b'5', 0, 0, 0]);
    body.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    body.extend([0; 20]);
    header(pdu::BIND_ACK, 3, 1, &body)
}

fn request(flags: u8, stub: &[u8]) -> Vec<u8> {
    let body = [&[0, 0, 0, 0, 7, 0, 15, 0], stub].concat();
    header(pdu::REQUEST, flags, 2, &body)
}

#[test]
fn a_bound_interface_names_service_and_procedure() {
    for step in [1, 7, 1000] {
        let mut talk = Talk::new(Box::<DcerpcParser>::default());
        for (direction, bytes) in [
            (Direction::ToServer, bind()),
            (Direction::ToClient, bind_ack()),
            (
                Direction::ToServer,
                [request(1, b"ab"), request(2, b"c")].concat(),
            ),
            (
                Direction::ToClient,
                header(pdu::RESPONSE, 3, 2, b"\0\0\0\0\0\0\0\0xyz"),
            ),
        ] {
            for piece in bytes.chunks(step) {
                talk.data(direction, piece);
            }
        }
        let calls: Vec<_> = talk.transactions.iter().collect();
        assert!(calls.iter().all(|tx| tx.is_complete()));
        let call = calls[1].record::<Call>().unwrap();
        let object = Record::object(call, &crate::app::RecordOptions::default()).unwrap();
        assert_eq!(object["interfaces"][0]["service"], "svcctl");
        assert_eq!(object["interfaces"][0]["procedure"], "OpenSCManagerW");
        assert_eq!(
            (&object["req"]["frag_cnt"], &object["res"]["stub_data_size"]),
            (&2.into(), &11.into())
        );
        assert_eq!(
            call.bytes("dcerpc.stub_data", Direction::ToServer)[0].as_ref(),
            b"abc"
        );
    }
}

use crate::app::Record;

#[test]
fn an_interface_that_was_refused_is_not_bound() {
    let mut talk = Talk::new(Box::<DcerpcParser>::default());
    let mut refused = bind_ack();
    let at = refused.len() - 24;
    refused[at] = 2;
    talk.data(Direction::ToServer, &bind());
    talk.data(Direction::ToClient, &refused);
    talk.data(Direction::ToServer, &request(3, b""));
    let call = talk.transactions.iter().nth(1).unwrap().record::<Call>().unwrap();
    assert!(call.bytes("dcerpc.iface", Direction::ToServer).is_empty());
}

#[test]
fn rubbish_stops_the_parser() {
    let mut talk = Talk::new(Box::<DcerpcParser>::default());
    talk.data(Direction::ToServer, &[0xff; 40]);
    assert!(talk.parser.is_done(Direction::ToServer));
    assert_eq!(probe(Direction::ToServer, &[0xff; 40]), Probe::No);
    assert_eq!(probe(Direction::ToServer, b"\x05"), Probe::Unsure);
}

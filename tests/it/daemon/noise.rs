//! Binary noise on every port: counted, nothing falls over, and what is good still comes through.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use super::harness::{Site, free_port, post_event};

/// Bytes that look like nothing, the same in every run (xorshift).
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let step = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u8::try_from(state >> 56).unwrap()
    });
    step.take(length).collect()
}

/// Throws bytes at a TCP port; the other side may hang up on us at any time.
fn throw(to: SocketAddr, bytes: &[u8]) {
    let Ok(mut stream) = TcpStream::connect(to) else {
        panic!("{to} does not listen")
    };
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    for piece in bytes.chunks(1000) {
        if stream.write_all(piece).is_err() {
            return;
        }
    }
    let mut answer = [0; 256];
    drop(stream.read(&mut answer));
}

#[test]
fn noise_on_every_port_is_survived_and_good_events_still_count() {
    let (syslog, http, lines) = (free_port(), free_port(), free_port());
    let site = Site::new(&format!(
        "[[syslog]]\nname = \"syslog\"\nudp = \"127.0.0.1:{syslog}\"\ntcp = \"127.0.0.1:{syslog}\"\n\
         [[http]]\nname = \"test\"\nhttp = \"127.0.0.1:{http}\"\ntcp = \"127.0.0.1:{lines}\"\n"
    ));
    let mut daemon = site.start();
    let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
    for round in 0..8 {
        let bytes = noise(round + 1, 64 << 10);
        for port in [syslog, http, lines, daemon.console.port()] {
            throw(local(port), &bytes);
            // Something that begins well and goes wrong.
            throw(
                local(port),
                &[
                    b"POST /ingest/test HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
                    &bytes[..2000],
                ]
                .concat(),
            );
        }
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        for piece in bytes.chunks(1400) {
            udp.send_to(piece, local(syslog)).unwrap();
        }
    }
    assert_eq!(post_event(http, 4720, "after-the-noise"), 200);
    daemon.until("the event after the noise", |daemon| {
        daemon.fired().contains(&"Test 1".to_owned())
    });
    let sources = daemon.get("/health/sources");
    let rows = sources["items"]
        .as_array()
        .or(sources.as_array())
        .unwrap()
        .clone();
    let records = |name: &str| {
        rows.iter()
            .filter(|row| row["name"].as_str().unwrap().contains(name))
            .map(|row| row["records"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert!(
        records("syslog") > 0,
        "noise is kept as records no parser knows: {rows:?}"
    );
    assert!(daemon.stop().success(), "{}", daemon.log());
}

//! The collectors against real sockets and, where they are installed, real senders.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod harness;
mod secure;

use std::net::SocketAddr;
use std::process::Command;

use harness::{Running, lost};
use saola_collect::Loss;
use saola_syslog::{SyslogTcp, SyslogUdp, TcpConfig, UdpConfig};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UdpSocket};

fn tcp_config(more: &str) -> TcpConfig {
    toml::from_str(&format!(
        "name = 'tcp'\nagency = 'a'\nlisten = '127.0.0.1:0'\n{more}"
    ))
    .unwrap()
}

fn udp_config(more: &str) -> UdpConfig {
    toml::from_str(&format!(
        "name = 'udp'\nagency = 'a'\nlisten = '127.0.0.1:0'\n{more}"
    ))
    .unwrap()
}

fn tcp(more: &str, capacity: usize) -> (Running, SocketAddr) {
    let collector = SyslogTcp::bind(&tcp_config(more)).unwrap();
    let address = collector.local_addr().unwrap();
    (Running::start(collector, capacity), address)
}

fn udp(more: &str, capacity: usize) -> (Running, SocketAddr) {
    let collector = SyslogUdp::bind(&udp_config(more)).unwrap();
    let address = collector.local_addr().unwrap();
    (Running::start(collector, capacity), address)
}

#[tokio::test]
async fn both_framings_back_to_back() {
    let (mut running, address) = tcp("", 16);
    let mut sender = TcpStream::connect(address).await.unwrap();
    sender.write_all(b"<13>one\n9 <13>two\n\n<13>th").await.unwrap();
    assert_eq!(running.texts(2).await, ["<13>one", "<13>two"]);
    sender.write_all(b"ree\n").await.unwrap();
    let record = running.records(1).await.remove(0);
    assert_eq!(record.bytes, b"<13>three");
    assert_eq!(record.peer, Some("127.0.0.1".parse().unwrap()));
    assert_eq!(record.seq, 2);
    assert!(running.stop().await.is_empty());
}

#[tokio::test]
async fn what_a_closed_connection_began_is_kept() {
    let (mut running, address) = tcp("", 16);
    let mut sender = TcpStream::connect(address).await.unwrap();
    sender.write_all(b"<13>cut o").await.unwrap();
    drop(sender);
    assert_eq!(running.texts(1).await, ["<13>cut o"]);
}

#[tokio::test]
async fn two_megabytes_on_a_line_hurt_nobody() {
    let (mut running, address) = tcp("max_message_bytes = 1000", 16);
    let mut sender = TcpStream::connect(address).await.unwrap();
    sender.write_all(&vec![b'x'; 2_000_000]).await.unwrap();
    sender.write_all(b"\n<13>next\n").await.unwrap();
    let texts = running.texts(2).await;
    assert_eq!((texts[0].len(), texts[1].as_str()), (1000, "<13>next"));
    assert_eq!(lost(&running.health.snapshot(), Loss::TooLong), 1);
}

#[tokio::test]
async fn noise_is_records_and_never_the_end() {
    let (mut running, address) = tcp("", 64);
    let mut noisy = TcpStream::connect(address).await.unwrap();
    let noise: Vec<u8> = (0..=255_u8).cycle().take(100_000).collect();
    noisy.write_all(&noise).await.unwrap();
    drop(noisy);
    let mut sender = TcpStream::connect(address).await.unwrap();
    sender.write_all(b"<13>still here\n").await.unwrap();
    while running.texts(1).await != ["<13>still here"] {}
}

#[tokio::test]
async fn connections_beyond_the_limit_and_strangers_are_refused_and_counted() {
    let (running, address) = tcp("max_connections = 1", 16);
    let _first = TcpStream::connect(address).await.unwrap();
    running.until(|health| health.connections == 1).await;
    let _second = TcpStream::connect(address).await.unwrap();
    running.until(|health| lost(health, Loss::Refused) == 1).await;

    let (strict, address) = tcp("allow = ['192.0.2.0/24']", 16);
    let _stranger = TcpStream::connect(address).await.unwrap();
    strict.until(|health| lost(health, Loss::Refused) == 1).await;
}

#[tokio::test]
async fn a_dribbling_sender_is_cut_off_and_what_it_sent_is_kept() {
    let (mut running, address) = tcp("message_timeout_secs = 0", 16);
    let mut sender = TcpStream::connect(address).await.unwrap();
    sender.write_all(b"<13>never end").await.unwrap();
    assert_eq!(running.texts(1).await, ["<13>never end"]);
    running
        .until(|health| lost(health, Loss::TimedOut) == 1 && health.connections == 0)
        .await;
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let (running, address) = tcp("idle_timeout_secs = 0", 16);
    let _sender = TcpStream::connect(address).await.unwrap();
    running
        .until(|health| lost(health, Loss::TimedOut) == 1 && health.connections == 0)
        .await;
}

#[tokio::test]
async fn a_full_pipeline_makes_tcp_wait_and_loses_nothing() {
    let (mut running, address) = tcp("", 1);
    let sender = tokio::spawn(async move {
        let mut sender = TcpStream::connect(address).await.unwrap();
        for number in 0..20_000 {
            sender
                .write_all(format!("<13>{number}\n").as_bytes())
                .await
                .unwrap();
        }
    });
    let texts = running.texts(20_000).await;
    sender.await.unwrap();
    assert_eq!(texts.last().unwrap(), "<13>19999");
    assert!(running.health.snapshot().lost.is_empty());
}

#[tokio::test]
async fn the_stop_hands_on_what_was_received() {
    let (running, address) = tcp("", 16);
    let mut sender = TcpStream::connect(address).await.unwrap();
    sender.write_all(b"<13>whole\n<13>part").await.unwrap();
    running.until(|health| health.records == 1).await;
    let left = running.stop().await;
    let texts: Vec<_> = left.iter().map(|record| record.bytes.as_slice()).collect();
    assert_eq!(texts, [b"<13>whole".as_slice(), b"<13>part"]);
}

#[tokio::test]
async fn datagrams() {
    let (mut running, address) = udp("parser = 'sshd'", 16);
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for text in ["<13>one\n", "\n\0", "<13>two\r\n\0"] {
        sender.send_to(text.as_bytes(), address).await.unwrap();
    }
    sender.send_to(&[], address).await.unwrap();
    let records = running.records(2).await;
    assert_eq!(records[1].bytes, b"<13>two");
    assert_eq!(records[1].parser.as_deref(), Some("sshd"));
    assert_eq!((records[0].seq, records[1].seq), (0, 1));
}

#[tokio::test]
async fn a_full_pipeline_makes_udp_count() {
    let (mut running, address) = udp("patience_ms = 0", 1);
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut sent = 0;
    while lost(&running.health.snapshot(), Loss::QueueFull) == 0 {
        sender
            .send_to(format!("<13>{sent}").as_bytes(), address)
            .await
            .unwrap();
        sent += 1;
        tokio::task::yield_now().await;
    }
    let snapshot = running.until(|health| health.records == sent).await;
    let kept = running
        .texts((snapshot.records - lost(&snapshot, Loss::QueueFull)) as usize)
        .await;
    assert_eq!(kept[0], "<13>0");
}

#[tokio::test]
async fn kernel_drops_are_the_kernels_own_number() {
    let config = udp_config("receive_buffer_bytes = 2048");
    let collector = SyslogUdp::bind(&config).unwrap();
    let address = collector.local_addr().unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    const SENT: u64 = 200;
    for _ in 0..SENT {
        sender.send_to(&[b'x'; 1000], address).await.unwrap();
    }
    // Only now does anybody read: the rest did not fit.
    let running = Running::start(collector, 1024);
    let snapshot = running
        .until(|health| health.records + lost(health, Loss::Kernel) == SENT)
        .await;
    assert!(lost(&snapshot, Loss::Kernel) > 0, "{snapshot:?}");
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_it() {
    let (_running, address) = tcp("", 1);
    let config = TcpConfig {
        listen: address,
        ..tcp_config("")
    };
    let error = SyslogTcp::bind(&config).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("tcp: cannot open tcp {address}: ")),
        "{error}"
    );
    let (_running, address) = udp("", 1);
    let config = UdpConfig {
        listen: address,
        ..udp_config("")
    };
    let error = SyslogUdp::bind(&config).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("udp: cannot open udp {address}: ")),
        "{error}"
    );
}

#[test]
fn unknown_settings_are_refused() {
    let error =
        toml::from_str::<TcpConfig>("name='x'\nagency='a'\nlisten='127.0.0.1:0'\nlimit=3").unwrap_err();
    assert!(error.to_string().contains("limit"), "{error}");
}

/// Runs a sender; false with a message when it is not installed.
async fn send(command: &mut Command) -> bool {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut command = std::mem::replace(command, Command::new("true"));
    match tokio::task::spawn_blocking(move || command.status())
        .await
        .unwrap()
    {
        Ok(status) => {
            assert!(status.success(), "{program}: {status}");
            true
        }
        Err(error) => {
            eprintln!("skipped: {program}: {error}");
            false
        }
    }
}

#[tokio::test]
async fn util_linux_logger_in_all_its_ways() {
    let (mut over_tcp, tcp_address) = tcp("", 64);
    let (mut over_udp, udp_address) = udp("", 64);
    let logger = |address: SocketAddr, arguments: &[&str]| {
        let mut command = Command::new("logger");
        command
            .args(["-n", "127.0.0.1", "-P", &address.port().to_string(), "-t", "thử"])
            .args(arguments)
            .arg("xin chào Hậu Giang");
        command
    };
    let ways: [&[&str]; 4] = [
        &["--rfc3164"],
        &["--rfc5424"],
        &["--rfc3164", "--octet-count"],
        &["--rfc5424", "--octet-count"],
    ];
    for way in ways {
        if !send(logger(tcp_address, way).arg("-T")).await {
            return;
        }
        let text = over_tcp.texts(1).await.remove(0);
        assert!(
            text.starts_with('<') && text.contains("xin chào Hậu Giang"),
            "{way:?}: {text}"
        );
    }
    assert!(send(&mut logger(udp_address, &["-d", "--rfc5424"])).await);
    let text = over_udp.texts(1).await.remove(0);
    assert!(
        text.contains("thử") && text.ends_with("xin chào Hậu Giang"),
        "{text}"
    );
}

#[tokio::test]
async fn rsyslog_with_octet_counts() {
    let (mut running, address) = tcp("", 1024);
    let folder = tempfile::tempdir().unwrap();
    let (input, config, pid) = (
        folder.path().join("in.log"),
        folder.path().join("rsyslog.conf"),
        folder.path().join("pid"),
    );
    let lines: String = (0..1000)
        .map(|number| format!("dòng số {number}\n"))
        .collect::<Vec<_>>()
        .concat();
    let write = |path: &std::path::Path, text: &str| {
        std::io::Write::write_all(&mut std::fs::File::create(path).unwrap(), text.as_bytes()).unwrap();
    };
    write(&input, &lines);
    write(
        &config,
        &format!(
            "global(workDirectory=\"{0}\")\nmodule(load=\"imfile\")\ninput(type=\"imfile\" File=\"{1}\" Tag=\"t\")\n\
         action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{2}\" protocol=\"tcp\" TCP_Framing=\"octet-counted\" action.resumeRetryCount=\"-1\")\n",
            folder.path().display(),
            input.display(),
            address.port()
        ),
    );
    let mut rsyslog = match Command::new("rsyslogd")
        .arg("-n")
        .arg("-f")
        .arg(&config)
        .arg("-i")
        .arg(&pid)
        .spawn()
    {
        Ok(rsyslog) => rsyslog,
        Err(error) => return eprintln!("skipped: rsyslogd: {error}"),
    };
    let mut numbers = std::collections::BTreeSet::new();
    while numbers.len() < 1000 {
        let text = running.texts(1).await.remove(0);
        numbers.extend(
            text.rsplit_once("dòng số ")
                .and_then(|(_, number)| number.parse::<u32>().ok()),
        );
    }
    rsyslog.kill().unwrap();
    rsyslog.wait().unwrap();
}

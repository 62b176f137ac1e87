//! The collectors over loopback: what is taken, what is refused, and when it is acknowledged.

#![allow(clippy::unwrap_used, missing_docs)]

mod shippers;

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use saola_collect::{Batch, CollectError, Collector, Health, HealthSnapshot, Loss, channel};
use saola_http::{HttpConfig, HttpIngest, JsonLines, LinesConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(30);

struct Running {
    address: SocketAddr,
    pipeline: Receiver<Batch>,
    health: Health,
    stop: CancellationToken,
    task: JoinHandle<Result<(), CollectError>>,
}

fn http(more: &str) -> Running {
    let config: HttpConfig = toml::from_str(&format!(
        "name = 'http'\nlisten = '127.0.0.1:0'\n{more}\n[sources.app]\nagency = 'so-y-te'\nparser = 'json'\n[sources.locked]\nagency = 'a'\ntoken = 'secret'\n"
    ))
    .unwrap();
    let collector = HttpIngest::bind(config).unwrap();
    let address = collector.local_addr().unwrap();
    start(collector, address)
}

fn start(collector: impl Collector + 'static, address: SocketAddr) -> Running {
    let (sink, pipeline) = channel(2);
    let (health, stop) = (collector.health(), CancellationToken::new());
    let task = tokio::spawn(Box::new(collector).run(sink, stop.clone()));
    Running {
        address,
        pipeline,
        health,
        stop,
        task,
    }
}

impl Running {
    async fn batch(&mut self) -> Batch {
        tokio::time::timeout(PATIENCE, self.pipeline.recv())
            .await
            .expect("a batch in time")
            .unwrap()
    }

    async fn until(&self, wish: impl Fn(&HealthSnapshot) -> bool) {
        let poll = async {
            while !wish(&self.health.snapshot()) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, poll)
            .await
            .expect("the counters in time");
    }

    /// Sends a request on a connection of its own and gives the status and the body.
    fn post(&self, path: &str, headers: &str, body: impl Into<Vec<u8>>) -> JoinHandle<(u16, String)> {
        let (address, body) = (self.address, body.into());
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
            body.len()
        );
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            // A server that has answered already may have closed: the answer counts.
            stream.write_all(&body).await.ok();
            answer(stream).await
        })
    }
}

async fn answer(mut stream: TcpStream) -> (u16, String) {
    let mut bytes = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("an answer in time")
        .ok();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    (
        status,
        text.split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned())
            .unwrap_or_default(),
    )
}

fn texts(batch: &Batch) -> Vec<String> {
    batch
        .records
        .iter()
        .map(|record| String::from_utf8_lossy(&record.bytes).into_owned())
        .collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[tokio::test]
async fn acknowledged_when_durable_and_not_before() {
    let mut running = http("");
    let answer = running.post("/ingest/app", "", "{\"a\":1}\n{\"b\":2}\n");
    let batch = running.batch().await;
    assert_eq!(texts(&batch), ["{\"a\":1}", "{\"b\":2}"]);
    let record = &batch.records[1];
    assert_eq!(
        (
            &*record.source,
            &*record.agency,
            record.parser.as_deref(),
            record.seq
        ),
        ("app", "so-y-te", Some("json"), 1)
    );
    assert_eq!(record.peer, Some("127.0.0.1".parse().unwrap()));
    assert!(!answer.is_finished());
    batch.settle();
    assert_eq!(answer.await.unwrap(), (200, "{\"accepted\":2}".to_owned()));
}

#[tokio::test]
async fn a_batch_that_was_dropped_is_not_acknowledged() {
    let mut running = http("");
    let answer = running.post("/ingest/app", "", "x\n");
    drop(running.batch().await);
    assert_eq!(answer.await.unwrap().0, 503);
    running.until(|health| health.lost == [(Loss::Rejected, 1)]).await;
}

#[tokio::test]
async fn arrays_and_gzip() {
    let mut running = http("");
    for (headers, body) in [
        (
            "content-type: application/json\r\n",
            br#"[{"a":1},{"b":"],"}]"#.to_vec(),
        ),
        (
            "content-encoding: gzip\r\n",
            packed(b"{\"a\":1}\n{\"b\":\"],\"}\n"),
        ),
    ] {
        let answer = running.post("/ingest/app", headers, body);
        let batch = running.batch().await;
        assert_eq!(texts(&batch), ["{\"a\":1}", "{\"b\":\"],\"}"], "{headers}");
        batch.settle();
        assert_eq!(answer.await.unwrap().0, 200, "{headers}");
    }
}

#[tokio::test]
async fn a_token_is_asked_for_where_there_is_one() {
    let mut running = http("");
    for headers in [
        "",
        "authorization: Bearer wrong\r\n",
        "authorization: Basic secret\r\n",
    ] {
        assert_eq!(
            running.post("/ingest/locked", headers, "x\n").await.unwrap().0,
            401,
            "{headers}"
        );
    }
    assert_eq!(running.post("/ingest/nobody", "", "x\n").await.unwrap().0, 401);
    let answer = running.post("/ingest/locked", "authorization: Bearer secret\r\n", "x\n");
    running.batch().await.settle();
    assert_eq!(answer.await.unwrap().0, 200);
}

#[tokio::test]
async fn what_is_refused() {
    let running = http("max_body_bytes = 1000\nmax_unpacked_bytes = 100000");
    for (headers, body, status) in [
        ("", vec![b'x'; 1001], 413),
        ("content-encoding: gzip\r\n", packed(&vec![0; 200_000]), 413),
        ("content-encoding: gzip\r\n", b"no gzip".to_vec(), 400),
        ("content-encoding: br\r\n", b"x".to_vec(), 415),
        ("", b"[1,2".to_vec(), 400),
    ] {
        let (answered, said) = running.post("/ingest/app", headers, body).await.unwrap();
        assert_eq!(answered, status, "{headers}");
        assert!(said.starts_with("{\"error\":\""), "{said}");
    }
    assert_eq!(running.post("/elsewhere", "", "").await.unwrap().0, 404);
    assert_eq!(
        running.post("/ingest/app", "", "").await.unwrap(),
        (200, "{\"accepted\":0}".to_owned())
    );
}

#[tokio::test]
async fn a_full_pipeline_answers_429() {
    let running = http("queue_timeout_secs = 0\ndurable_timeout_secs = 60");
    let _first = running.post("/ingest/app", "", "1\n");
    let _second = running.post("/ingest/app", "", "2\n");
    running.until(|health| health.records == 2).await;
    assert_eq!(running.post("/ingest/app", "", "3\n").await.unwrap().0, 429);
}

#[tokio::test]
async fn slow_senders_are_cut_off() {
    let running = http("header_timeout_secs = 1\nbody_timeout_secs = 0");
    let mut dribble = TcpStream::connect(running.address).await.unwrap();
    dribble
        .write_all(b"POST /ingest/app HTTP/1.1\r\nhos")
        .await
        .unwrap();
    let (status, _) = answer(dribble).await;
    assert!(status == 408 || status == 0, "{status}");
    let mut slow = TcpStream::connect(running.address).await.unwrap();
    slow.write_all(b"POST /ingest/app HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc")
        .await
        .unwrap();
    let mut first = [0; 12];
    slow.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 408");
    running
        .until(|health| health.lost.contains(&(Loss::TimedOut, 1)))
        .await;
}

#[tokio::test]
async fn the_stop_waits_for_requests_under_way() {
    let mut running = http("");
    let answer = running.post("/ingest/app", "", "x\n");
    let batch = running.batch().await;
    running.stop.cancel();
    assert!(!running.task.is_finished());
    batch.settle();
    assert_eq!(answer.await.unwrap().0, 200);
    running.task.await.unwrap().unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn noise_and_strangers() {
    let running = http("");
    let mut noisy = TcpStream::connect(running.address).await.unwrap();
    let noise: Vec<u8> = (0..=255).collect();
    noisy.write_all(&noise).await.unwrap();
    assert!(answer(noisy).await.0 >= 400);
    let strict = http("allow = ['192.0.2.0/24']");
    let _stranger = TcpStream::connect(strict.address).await.unwrap();
    strict.until(|health| health.lost == [(Loss::Refused, 1)]).await;
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_it() {
    let running = http("");
    let config: HttpConfig = toml::from_str(&format!(
        "name = 'http'\nlisten = '{}'\n[sources]\n",
        running.address
    ))
    .unwrap();
    let error = HttpIngest::bind(config).unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("http: cannot open tcp {}: ", running.address)),
        "{error}"
    );
}

#[test]
fn a_token_is_never_shown() {
    let config: HttpConfig =
        toml::from_str("name = 'x'\nlisten = '127.0.0.1:0'\n[sources.a]\nagency = 'b'\ntoken = 'secret'\n")
            .unwrap();
    assert!(!format!("{config:?}").contains("secret"));
}

#[tokio::test]
async fn json_lines_over_tcp() {
    let config: LinesConfig =
        toml::from_str("name = 'lines'\nagency = 'a'\nlisten = '127.0.0.1:0'\nmax_record_bytes = 10")
            .unwrap();
    let collector = JsonLines::bind(&config).unwrap();
    let address = collector.local_addr().unwrap();
    let mut running = start(collector, address);
    let mut sender = TcpStream::connect(address).await.unwrap();
    sender.write_all(b"{\"a\":1}\n7 <13>x\n").await.unwrap();
    sender.write_all(&vec![b'y'; 2_000_000]).await.unwrap();
    sender.write_all(b"\n").await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < 3 {
        seen.extend(texts(&running.batch().await));
    }
    assert_eq!(seen, ["{\"a\":1}", "7 <13>x", "yyyyyyyyyy"]);
    assert_eq!(running.health.snapshot().lost, [(Loss::TooLong, 1)]);
}

//! The shippers' protocols: by hand, and by the shippers themselves where they are installed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::*;

const ONE: &str = "[sources.only]\nagency = 'a'\ntoken = 'secret'\n";

/// A listener with one source and its token.
fn one() -> Running {
    let text = format!("name = 'one'\nlisten = '127.0.0.1:0'\n{ONE}");
    let collector = HttpIngest::bind(toml::from_str(&text).unwrap()).unwrap();
    let address = collector.local_addr().unwrap();
    start(collector, address)
}

#[tokio::test]
async fn bulk() {
    let mut running = one();
    let body = "{\"index\":{\"_index\":\"logs\"}}\n{\"a\":1}\n{\"create\":{}}\nplain\n";
    let answer = running.post("/_bulk", "authorization: Basic ZWxhc3RpYzpzZWNyZXQ=\r\n", body);
    let batch = running.batch().await;
    assert_eq!(texts(&batch), ["{\"a\":1}", "plain"]);
    batch.settle();
    let (status, answer) = answer.await.unwrap();
    assert_eq!(status, 200);
    assert!(
        answer.contains("\"errors\":false") && answer.contains("\"status\":201"),
        "{answer}"
    );

    let refused = running.post(
        "/other/_bulk",
        "authorization: Basic ZWxhc3RpYzp3cm9uZw==\r\n",
        body,
    );
    assert_eq!(refused.await.unwrap().0, 401);
    let broken = running.post("/_bulk", "authorization: ApiKey secret\r\n", "{\"index\":{}}\n");
    assert_eq!(broken.await.unwrap().0, 400);
}

#[tokio::test]
async fn splunk_events_keep_their_envelope() {
    let mut running = one();
    let body = "{\"host\":\"h\",\"event\":\"<13>x\"}{\"event\":{\"a\":1}}";
    let answer = running.post(
        "/services/collector/event",
        "authorization: Splunk secret\r\n",
        body,
    );
    let batch = running.batch().await;
    assert_eq!(
        texts(&batch),
        ["{\"host\":\"h\",\"event\":\"<13>x\"}", "{\"event\":{\"a\":1}}"]
    );
    batch.settle();
    assert_eq!(
        answer.await.unwrap(),
        (200, "{\"text\":\"Success\",\"code\":0}".to_owned())
    );
    let raw = running.post(
        "/services/collector/raw",
        "authorization: Splunk secret\r\n",
        "a\nb\n",
    );
    let batch = running.batch().await;
    assert_eq!(texts(&batch), ["a", "b"]);
    drop(batch);
    let (status, text) = raw.await.unwrap();
    assert_eq!(status, 503, "not durable is not acknowledged");
    assert!(text.contains("\"code\":9"), "{text}");
    let wrong = running.post("/services/collector", "authorization: Splunk wrong\r\n", body);
    assert_eq!(wrong.await.unwrap().0, 401);
}

#[tokio::test]
async fn otlp_in_both_encodings() {
    let mut running = one();
    let json = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}"#;
    let answer = running.post(
        "/v1/logs",
        "authorization: Bearer secret\r\ncontent-type: application/json\r\n",
        json,
    );
    let batch = running.batch().await;
    assert_eq!(texts(&batch), ["{\"message\":\"x\"}"]);
    batch.settle();
    assert_eq!(answer.await.unwrap(), (200, "{}".to_owned()));
    // resource_logs { scope_logs { log_records { body { string_value: "y" } } } }
    let bytes = b"\x0a\x09\x12\x07\x12\x05\x2a\x03\x0a\x01y".to_vec();
    let answer = running.post(
        "/v1/logs",
        "authorization: Bearer secret\r\ncontent-type: application/x-protobuf\r\n",
        bytes,
    );
    let batch = running.batch().await;
    assert_eq!(texts(&batch), ["{\"message\":\"y\"}"]);
    batch.settle();
    assert_eq!(answer.await.unwrap(), (200, String::new()));
    let noise = running.post("/v1/logs", "authorization: Bearer secret\r\n", "noise");
    assert_eq!(noise.await.unwrap().0, 400);
}

/// A sender that is ended with the test.
struct Sender(Child);

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().unwrap();
    }
}

fn keep(path: &Path, text: &str) {
    Write::write_all(&mut std::fs::File::create(path).unwrap(), text.as_bytes()).unwrap();
}

/// Takes and settles batches until all numbers have come.
async fn numbers(running: &mut Running, count: u32) {
    let mut seen = BTreeSet::new();
    while (seen.len() as u32) < count {
        let batch = running.batch().await;
        for text in texts(&batch) {
            let after = text.split_once("number-").map(|(_, rest)| rest.to_owned());
            let figures = after.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
            seen.extend(figures.and_then(|figures| figures.parse::<u32>().ok()));
        }
        batch.settle();
    }
}

#[tokio::test]
async fn rsyslog_s_omelasticsearch() {
    let folder = [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib64",
        "/usr/lib",
    ];
    if !folder
        .iter()
        .any(|folder| Path::new(folder).join("rsyslog/omelasticsearch.so").exists())
    {
        eprintln!("SKIPPED: rsyslog's omelasticsearch is not installed");
        return;
    }
    let mut running = one();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let lines: Vec<_> = (0..300)
        .map(|number| format!("number-{number} xin chào\n"))
        .collect();
    keep(&at("in.log"), &lines.concat());
    keep(
        &at("rsyslog.conf"),
        &format!(
            "global(workDirectory=\"{0}\")\nmodule(load=\"imfile\")\nmodule(load=\"omelasticsearch\")\n\
             input(type=\"imfile\" File=\"{1}\" Tag=\"t\")\n\
             action(type=\"omelasticsearch\" server=\"127.0.0.1\" serverport=\"{2}\" bulkmode=\"on\" maxbytes=\"64k\" \
             uid=\"saola\" pwd=\"secret\" searchType=\"\" action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\" \
             queue.type=\"linkedList\" queue.dequeueBatchSize=\"64\")\n",
            folder.path().display(),
            at("in.log").display(),
            running.address.port()
        ),
    );
    let spawned = Command::new("rsyslogd")
        .arg("-n")
        .arg("-f")
        .arg(at("rsyslog.conf"))
        .arg("-i")
        .arg(at("pid"))
        .spawn();
    let Ok(process) = spawned else {
        eprintln!("SKIPPED: rsyslogd is not installed");
        return;
    };
    let _sender = Sender(process);
    numbers(&mut running, 300).await;
}

#[tokio::test]
async fn systemd_journal_upload() {
    let tool = |name: &str| {
        ["/usr/lib/systemd", "/lib/systemd"]
            .map(|folder| Path::new(folder).join(name))
            .into_iter()
            .find(|path| path.exists())
    };
    let (Some(remote), Some(upload)) = (tool("systemd-journal-remote"), tool("systemd-journal-upload"))
    else {
        eprintln!("SKIPPED: systemd-journal-remote and -upload are not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let entries: Vec<_> = (0..50)
        .map(|number| {
            format!(
                "__REALTIME_TIMESTAMP={}\n__MONOTONIC_TIMESTAMP={number}\n_BOOT_ID=68a3cc07a7f34b7796a6b1e7fa6d3a55\nSYSLOG_IDENTIFIER=sshd\nMESSAGE=number-{number} xin chào\n\n",
                1_795_307_400_000_000_u64 + number
            )
        })
        .collect();
    keep(&at("entries"), &entries.concat());
    // The tool refuses names that do not end so.
    let journal = at("made.journal");
    let built = Command::new(remote)
        .arg("-o")
        .arg(&journal)
        .arg(at("entries"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(built.unwrap().success());
    let text = "name = 'one'\nlisten = '127.0.0.1:0'\n[sources.only]\nagency = 'a'\n";
    let collector = HttpIngest::bind(toml::from_str(text).unwrap()).unwrap();
    let address = collector.local_addr().unwrap();
    let mut running = start(collector, address);
    let sender = Command::new(upload)
        .arg(format!("--url=http://127.0.0.1:{}", address.port()))
        .arg(format!("--file={}", journal.display()))
        .arg(format!("--save-state={}", at("state").display()))
        .arg("--follow=no")
        .spawn();
    let mut sender = Sender(sender.unwrap());
    numbers(&mut running, 50).await;
    let ended = tokio::task::spawn_blocking(move || sender.0.wait().unwrap());
    assert!(ended.await.unwrap().success(), "the uploader saw its answer");
}

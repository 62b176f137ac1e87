//! TLS with client certificates, and RELP over both, with rsyslog as the sender.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use saola_collect::Loss;
use saola_syslog::{Relp, SyslogTcp, TcpConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::harness::{PATIENCE, Running, lost};

/// An authority, the listener's certificate and a sender's, and one of a stranger, as PEM files in a folder.
struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    fn made() -> Self {
        let made = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let authority = made.authority("ca");
        made.leaf("saola", "saola.test", &authority);
        made.leaf("sender", "sender.test", &authority);
        let other = made.authority("other-ca");
        made.leaf("stranger", "sender.test", &other);
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn keep(&self, name: &str, text: &str) {
        write(&self.path(name), text);
    }

    fn authority(&self, name: &str) -> Issuer<'static, KeyPair> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap();
        self.keep(&format!("{name}.pem"), &certificate.pem());
        Issuer::new(params, key)
    }

    fn leaf(&self, name: &str, dns: &str, authority: &Issuer<'_, KeyPair>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![dns.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, dns);
        let certificate = params.signed_by(&key, authority).unwrap();
        self.keep(&format!("{name}.pem"), &certificate.pem());
        self.keep(&format!("{name}.key"), &key.serialize_pem());
    }

    /// A listener that asks for certificates of the authority.
    fn config(&self, more: &str) -> TcpConfig {
        let at = |name| self.path(name).display().to_string();
        toml::from_str(&format!(
            "name = 'tls'\nagency = 'a'\nlisten = '127.0.0.1:0'\n[tls]\ncertificate = '{}'\nkey = '{}'\nclient_ca = '{}'\n{more}",
            at("saola.pem"),
            at("saola.key"),
            at("ca.pem"),
        ))
        .unwrap()
    }

    fn rsyslog_globals(&self, sender: &str) -> String {
        format!(
            "global(defaultNetstreamDriver=\"gtls\" defaultNetstreamDriverCAFile=\"{}\" \
             defaultNetstreamDriverCertFile=\"{}\" defaultNetstreamDriverKeyFile=\"{}\")\n",
            self.path("ca.pem").display(),
            self.path(&format!("{sender}.pem")).display(),
            self.path(&format!("{sender}.key")).display(),
        )
    }
}

fn write(path: &Path, text: &str) {
    std::io::Write::write_all(&mut std::fs::File::create(path).unwrap(), text.as_bytes()).unwrap();
}

/// An rsyslog that sends numbered lines of a file; ended when dropped.
struct Rsyslog {
    process: Child,
    _folder: tempfile::TempDir,
}

const LINES: u32 = 1000;

impl Rsyslog {
    /// `None`, with a message, where rsyslog or one of its modules is missing.
    fn start(modules: &[&str], globals: &str, action: &str) -> Option<Self> {
        let missing = modules.iter().find(|module| {
            ![
                "/usr/lib/x86_64-linux-gnu",
                "/usr/lib/aarch64-linux-gnu",
                "/usr/lib64",
                "/usr/lib",
            ]
            .iter()
            .any(|folder| {
                Path::new(folder)
                    .join("rsyslog")
                    .join(format!("{module}.so"))
                    .exists()
            })
        });
        if let Some(module) = missing {
            eprintln!("SKIPPED: rsyslog's {module} is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let lines: Vec<_> = (0..LINES).map(|number| format!("dòng số {number}\n")).collect();
        write(&at("in.log"), &lines.concat());
        write(
            &at("rsyslog.conf"),
            &format!(
                "global(workDirectory=\"{}\")\n{globals}module(load=\"imfile\")\ninput(type=\"imfile\" File=\"{}\" Tag=\"t\")\n{action}\n",
                folder.path().display(),
                at("in.log").display(),
            ),
        );
        let process = Command::new("rsyslogd")
            .arg("-n")
            .arg("-f")
            .arg(at("rsyslog.conf"))
            .arg("-i")
            .arg(at("pid"))
            .spawn();
        match process {
            Ok(process) => Some(Self {
                process,
                _folder: folder,
            }),
            Err(error) => {
                eprintln!("SKIPPED: rsyslogd: {error}");
                None
            }
        }
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Reads until every line has come; settles what it reads, as a pipeline does.
async fn all_lines(running: &mut Running) {
    let mut numbers = BTreeSet::new();
    while numbers.len() < LINES as usize {
        let batch = tokio::time::timeout(PATIENCE, running.pipeline.recv());
        let batch = batch.await.expect("a batch in time").unwrap();
        for record in &batch.records {
            let text = String::from_utf8_lossy(&record.bytes);
            numbers.extend(
                text.rsplit_once("dòng số ")
                    .and_then(|(_, number)| number.parse::<u32>().ok()),
            );
        }
        batch.settle();
    }
}

fn forward(address: SocketAddr) -> String {
    format!(
        "action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{}\" protocol=\"tcp\" TCP_Framing=\"octet-counted\" \
         StreamDriver=\"gtls\" StreamDriverMode=\"1\" StreamDriverAuthMode=\"x509/name\" StreamDriverPermittedPeers=\"saola.test\" \
         action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\")",
        address.port()
    )
}

#[tokio::test]
async fn rsyslog_over_tls_with_a_certificate() {
    let certificates = Certificates::made();
    let collector = SyslogTcp::bind(&certificates.config("client_names = ['sender.test']")).unwrap();
    let address = collector.local_addr().unwrap();
    let mut running = Running::start(collector, 1024);
    let globals = certificates.rsyslog_globals("sender");
    let Some(_rsyslog) = Rsyslog::start(&["lmnsd_gtls"], &globals, &forward(address)) else {
        return;
    };
    all_lines(&mut running).await;
}

#[tokio::test]
async fn a_stranger_s_certificate_is_refused_and_counted() {
    let certificates = Certificates::made();
    let collector = SyslogTcp::bind(&certificates.config("")).unwrap();
    let address = collector.local_addr().unwrap();
    let running = Running::start(collector, 16);
    let globals = certificates.rsyslog_globals("stranger");
    let Some(_rsyslog) = Rsyslog::start(&["lmnsd_gtls"], &globals, &forward(address)) else {
        return;
    };
    running.until(|health| lost(health, Loss::Handshake) > 0).await;
    assert_eq!(running.stop().await.len(), 0);
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused() {
    let certificates = Certificates::made();
    let collector = SyslogTcp::bind(&certificates.config("client_names = ['other.test']")).unwrap();
    let address = collector.local_addr().unwrap();
    let running = Running::start(collector, 16);
    let globals = certificates.rsyslog_globals("sender");
    let Some(_rsyslog) = Rsyslog::start(&["lmnsd_gtls"], &globals, &forward(address)) else {
        return;
    };
    running.until(|health| lost(health, Loss::Handshake) > 0).await;
    assert_eq!(running.stop().await.len(), 0);
}

#[tokio::test]
async fn no_tls_on_a_tls_port() {
    let certificates = Certificates::made();
    let collector = SyslogTcp::bind(&certificates.config("")).unwrap();
    let address = collector.local_addr().unwrap();
    let running = Running::start(collector, 16);
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain
        .write_all(b"<13>in the clear, and long enough to be a record header\n")
        .await
        .unwrap();
    running.until(|health| lost(health, Loss::Handshake) == 1).await;
    assert_eq!(running.stop().await.len(), 0);
}

#[test]
fn settings_that_cannot_work_say_why() {
    let certificates = Certificates::made();
    let missing = TcpConfig {
        tls: Some(saola_collect::tls::TlsSettings {
            key: certificates.path("none.key"),
            ..certificates.config("").tls.unwrap()
        }),
        ..certificates.config("")
    };
    let error = SyslogTcp::bind(&missing).unwrap_err().to_string();
    assert!(
        error.starts_with("tls: tls: ") && error.contains("none.key"),
        "{error}"
    );
}

fn relp() -> (Running, SocketAddr) {
    let config = "name = 'relp'\nagency = 'a'\nlisten = '127.0.0.1:0'\nmax_message_bytes = 1000";
    let collector = Relp::bind(&toml::from_str(config).unwrap()).unwrap();
    let address = collector.local_addr().unwrap();
    (Running::start(collector, 16), address)
}

async fn answer(client: &mut TcpStream, wanted: &str) {
    let mut seen = vec![0; wanted.len()];
    let read = tokio::time::timeout(PATIENCE, client.read_exact(&mut seen));
    read.await.expect("an answer in time").unwrap();
    assert_eq!(String::from_utf8_lossy(&seen), wanted);
}

#[tokio::test]
async fn relp_answers_when_a_message_is_durable_and_not_before() {
    let (mut running, address) = relp();
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"1 open 14 relp_version=0\n").await.unwrap();
    answer(
        &mut client,
        "1 rsp 59 200 OK\nrelp_version=0\nrelp_software=saola,1\ncommands=syslog\n",
    )
    .await;
    client
        .write_all(b"2 syslog 6 <13>a\n\n3 syslog 5 <13>b\n")
        .await
        .unwrap();
    let mut batches = Vec::new();
    while batches
        .iter()
        .map(|batch: &saola_collect::Batch| batch.records.len())
        .sum::<usize>()
        < 2
    {
        batches.push(
            tokio::time::timeout(PATIENCE, running.pipeline.recv())
                .await
                .unwrap()
                .unwrap(),
        );
    }
    assert_eq!(batches[0].records[0].bytes, b"<13>a");
    assert_eq!(
        client.try_read(&mut [0; 16]).unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock,
        "nothing is durable yet"
    );
    for batch in batches {
        batch.settle();
    }
    answer(&mut client, "2 rsp 6 200 OK\n3 rsp 6 200 OK\n").await;
    client.write_all(b"4 what 0\n5 close 0\n").await.unwrap();
    answer(
        &mut client,
        "4 rsp 26 500 command not known here\n5 rsp 0\n0 serverclose 0\n",
    )
    .await;
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn relp_hangs_up_without_an_answer_when_a_batch_is_lost() {
    let (mut running, address) = relp();
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"1 syslog 5 <13>a\n").await.unwrap();
    drop(running.pipeline.recv().await.unwrap());
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn relp_noise_ends_its_own_connection_only() {
    let (mut running, address) = relp();
    let mut noisy = TcpStream::connect(address).await.unwrap();
    noisy.write_all(b"<13>not relp at all\n").await.unwrap();
    running.until(|health| lost(health, Loss::BadFrame) == 1).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"1 syslog 5 <13>a\n").await.unwrap();
    assert_eq!(running.texts(1).await, ["<13>a"]);
}

#[tokio::test]
async fn rsyslog_over_relp() {
    let (mut running, address) = relp();
    let action = format!(
        "module(load=\"omrelp\")\naction(type=\"omrelp\" target=\"127.0.0.1\" port=\"{}\" action.resumeRetryCount=\"-1\")",
        address.port()
    );
    let Some(_rsyslog) = Rsyslog::start(&["omrelp"], "", &action) else {
        return;
    };
    all_lines(&mut running).await;
}

#[tokio::test]
async fn rsyslog_over_relp_with_tls() {
    let certificates = Certificates::made();
    let collector = Relp::bind(&certificates.config("client_names = ['sender.test']")).unwrap();
    let address = collector.local_addr().unwrap();
    let mut running = Running::start(collector, 1024);
    let action = format!(
        "module(load=\"omrelp\" tls.tlslib=\"openssl\")\naction(type=\"omrelp\" target=\"127.0.0.1\" port=\"{}\" tls=\"on\" \
         tls.caCert=\"{}\" tls.myCert=\"{}\" tls.myPrivKey=\"{}\" tls.authMode=\"name\" tls.permittedPeer=[\"saola.test\"] \
         action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\")",
        address.port(),
        certificates.path("ca.pem").display(),
        certificates.path("sender.pem").display(),
        certificates.path("sender.key").display(),
    );
    let Some(_rsyslog) = Rsyslog::start(&["omrelp"], "", &action) else {
        return;
    };
    all_lines(&mut running).await;
}

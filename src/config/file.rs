//! The configuration file, key by key. `saola.example.toml` shows every one with its default.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use saola_collect::tls::TlsSettings;
use saola_event::Severity;
use serde::Deserialize;

use crate::agency::{Agency, Asset};

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder of the journal, the store, checkpoints and the outbox.
    pub data_folder: PathBuf,
    /// Who runs this.
    pub site: Site,
    /// The console and API.
    pub console: Console,
    /// Where rules are.
    pub rules: Rules,
    /// Packet engine settings.
    pub network: Network,
    /// Which store reads are served from.
    pub store: Store,
    /// Where mail goes; without it, mail stays in the local outbox.
    pub mail: Option<Mail>,
    /// What is between the collectors and the engine.
    pub intake: Intake,
    /// Live packet sources.
    pub capture: Vec<Capture>,
    /// Syslog listeners.
    pub syslog: Vec<SyslogSource>,
    /// Followed files.
    pub file: Vec<FileSource>,
    /// JSON lines over HTTP or TCP.
    pub http: Vec<HttpSource>,
    /// The agency tree.
    pub agency: Vec<Agency>,
    /// Known machines.
    pub asset: Vec<Asset>,
}

/// Who runs this.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// Name shown in the console and in mail.
    pub name: String,
    /// Agency of sources that name none.
    pub agency: String,
    /// Hours and minutes east of UTC that mail and year-less logs are in: `+07:00`.
    pub utc_offset: String,
}

/// The console and API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    /// Address to listen on. Only loopback may be served without TLS.
    pub listen: SocketAddr,
    /// Certificate and key; without it, plain HTTP on loopback behind a proxy that has TLS.
    pub tls: Option<Tls>,
    /// How people reach it, for links in mail: `https://soc.province.example`.
    pub public_url: Option<String>,
}

/// A certificate chain and its key, PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// Where rules are: files or folders.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Suricata rules: `*.rules` below these.
    pub network: Vec<PathBuf>,
    /// Sigma rules: `*.yml` and `*.yaml` below these.
    pub log: Vec<PathBuf>,
}

/// Packet engine settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// Own networks (`HOME_NET`); the private ranges when empty.
    pub home: Vec<IpNet>,
    /// Any other setting by the dotted name people know from Suricata: `"stream.midstream" = "true"`.
    pub set: BTreeMap<String, toml::Value>,
    /// EVE log of network events, one JSON object a line; none is written when absent.
    pub eve: Option<PathBuf>,
}

/// What is between the collectors and the engine.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intake {
    /// Bytes on disk that records may wait in; collectors wait beyond it. 0, the default: no queue, a record is
    /// acknowledged when what it raised is in the journal.
    pub queue_bytes: u64,
    /// Every event as a line of JSON, for other readers; none is written when absent.
    pub events: Option<PathBuf>,
}

/// Which store reads are served from. The journal is the truth with either.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// `sled` or `redb`.
    pub backend: Backend,
}

/// A store's back end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// The default.
    #[default]
    Sled,
    /// The second one, for where sled gives trouble.
    Redb,
}

/// Where mail goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Host name of the SMTP server; its certificate must say the same.
    pub server: String,
    /// Port; by default 587 for STARTTLS, 465 for TLS, 25 for none.
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: MailTls,
    /// Account, where the server asks for one.
    pub user: Option<String>,
    /// File that holds the account's password and nothing else.
    pub password_file: Option<PathBuf>,
    /// More certificates to trust (PEM), for a province's own authority.
    pub trust: Option<PathBuf>,
    /// Sender: `Saola <soc@province.example>`.
    pub from: String,
    /// Receivers of every incident at or above `min_severity`.
    pub to: Vec<String>,
    /// Least severity that is mailed.
    #[serde(default = "high")]
    pub min_severity: Severity,
    /// Most mails an hour; what comes beyond is told in one closing mail.
    #[serde(default = "thirty")]
    pub most_per_hour: u32,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// Plain first, then TLS or nothing is sent.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// No protection; only for a relay on the same machine.
    None,
}

/// A live packet source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Name of the sensor.
    pub name: String,
    /// Interface to listen on.
    pub interface: String,
    /// `ring` (TPACKET_V3, Linux) or `pnet` (portable).
    #[serde(default = "ring")]
    pub backend: String,
    /// Agency, the site's when absent.
    pub agency: Option<String>,
}

/// A syslog listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyslogSource {
    /// Name of the source.
    pub name: String,
    /// UDP address.
    pub udp: Option<SocketAddr>,
    /// TCP address.
    pub tcp: Option<SocketAddr>,
    /// TCP address behind TLS.
    pub tls: Option<SocketAddr>,
    /// RELP address: messages are acknowledged when they are durable.
    pub relp: Option<SocketAddr>,
    /// RELP address behind TLS.
    pub relp_tls: Option<SocketAddr>,
    /// Certificate and key of `tls` and `relp_tls`, and the authority of the senders' certificates.
    pub tls_with: Option<TlsSettings>,
    /// Connections at once on each address.
    pub max_connections: Option<usize>,
    /// Messages a second that each address takes.
    pub max_rate: Option<u32>,
    /// Parser to use; found from each record when absent.
    pub parser: Option<String>,
    /// Agency, the site's when absent.
    pub agency: Option<String>,
    /// Senders allowed; everyone when empty.
    #[serde(default)]
    pub allow: Vec<IpNet>,
}

/// Followed files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSource {
    /// Name of the source.
    pub name: String,
    /// Path; `*` and `?` in its last part.
    pub path: PathBuf,
    /// The machine whose logs these are, for logs that do not say it themselves (access logs).
    pub host: Option<String>,
    /// Where an unknown file is begun.
    #[serde(default)]
    pub start: Start,
    /// Parser to use; found from each record when absent.
    pub parser: Option<String>,
    /// Agency, the site's when absent.
    pub agency: Option<String>,
}

/// Where a file that was never seen before is begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// At its first byte.
    Beginning,
    /// At what is written from now on.
    #[default]
    End,
}

/// JSON lines over HTTP or TCP.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSource {
    /// Name of the source; the path is `/ingest/NAME`.
    pub name: String,
    /// HTTP address.
    pub http: Option<SocketAddr>,
    /// TCP address for bare JSON lines.
    pub tcp: Option<SocketAddr>,
    /// File that holds the token senders must give; none is asked for when absent.
    pub token_file: Option<PathBuf>,
    /// Certificate and key that put both addresses behind TLS, and the authority of the senders' certificates.
    pub tls_with: Option<TlsSettings>,
    /// Connections at once on each address.
    pub max_connections: Option<usize>,
    /// Records a second that each address takes.
    pub max_rate: Option<u32>,
    /// Senders allowed; everyone when empty.
    #[serde(default)]
    pub allow: Vec<IpNet>,
    /// Parser to use; found from each record when absent.
    pub parser: Option<String>,
    /// Agency, the site's when absent.
    pub agency: Option<String>,
}

fn high() -> Severity {
    Severity::High
}

fn thirty() -> u32 {
    30
}

fn ring() -> String {
    "ring".to_owned()
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_folder: PathBuf::from("/var/lib/saola"),
            site: Site::default(),
            console: Console::default(),
            rules: Rules::default(),
            network: Network::default(),
            store: Store::default(),
            mail: None,
            intake: Intake::default(),
            capture: Vec::new(),
            syslog: Vec::new(),
            file: Vec::new(),
            http: Vec::new(),
            agency: Vec::new(),
            asset: Vec::new(),
        }
    }
}

impl Default for Site {
    fn default() -> Self {
        Self {
            name: "Saola".to_owned(),
            agency: "province".to_owned(),
            utc_offset: "+07:00".to_owned(),
        }
    }
}

impl Default for Console {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((IpAddr::from([127, 0, 0, 1]), 8480)),
            tls: None,
            public_url: None,
        }
    }
}

impl Site {
    /// Minutes east of UTC; the text was checked when the file was read.
    pub fn offset_minutes(&self) -> i32 {
        super::check::offset_minutes(&self.utc_offset).unwrap_or(0)
    }
}

impl Config {
    /// Makes relative paths count from `folder`.
    pub(super) fn resolve_paths(&mut self, folder: &Path) {
        let mut paths: Vec<&mut PathBuf> = vec![&mut self.data_folder];
        paths.extend(self.rules.network.iter_mut().chain(&mut self.rules.log));
        paths.extend(self.network.eve.iter_mut());
        paths.extend(self.intake.events.iter_mut());
        paths.extend(self.file.iter_mut().map(|source| &mut source.path));
        let mut tls: Vec<&mut TlsSettings> = Vec::new();
        for source in &mut self.http {
            paths.extend(source.token_file.iter_mut());
            tls.extend(source.tls_with.iter_mut());
        }
        tls.extend(
            self.syslog
                .iter_mut()
                .filter_map(|source| source.tls_with.as_mut()),
        );
        paths.extend(
            self.console
                .tls
                .iter_mut()
                .flat_map(|tls| [&mut tls.certificate, &mut tls.key]),
        );
        for tls in tls {
            paths.extend([&mut tls.certificate, &mut tls.key]);
            paths.extend(&mut tls.client_ca);
        }
        if let Some(mail) = &mut self.mail {
            paths.extend(mail.password_file.iter_mut().chain(&mut mail.trust));
        }
        for path in paths {
            *path = folder.join(&path);
        }
    }
}

//! One `saola serve` on free ports with a folder of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const PASSWORD: &str = "mot mat khau du dai 2026";
/// Longest wait for something that has to come; far beyond what it takes.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// A rule that fires on every new account and says which rule it is.
pub(super) fn rule(number: u32, event: u32) -> String {
    format!(
        "title: Test {number}\nid: 5d1b7c3e-0f3b-4a8e-9a43-{number:012}\nstatus: test\nlogsource:\n  product: windows\n  \
         service: security\ndetection:\n  selection:\n    EventID: {event}\n  condition: selection\nlevel: high\n"
    )
}

/// Puts a text into a file, new or not.
pub(super) fn write(path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
    File::create(path).unwrap().write_all(text.as_ref()).unwrap();
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// A folder with a configuration: one rule, console, and whatever else the test adds.
pub(super) struct Site {
    pub(super) folder: TempDir,
}

impl Site {
    /// `more` is appended to the configuration.
    pub(super) fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("rules")).unwrap();
        write(root.join("rules/one.yml"), rule(1, 4720));
        let config = format!(
            "data_folder = \"data\"\n[console]\nlisten = \"127.0.0.1:0\"\n[rules]\nlog = [\"rules\"]\n{more}"
        );
        write(root.join("saola.toml"), config);
        Self { folder }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn config(&self) -> PathBuf {
        self.path("saola.toml")
    }

    /// Runs a command line on this configuration to its end; `before` stands in front of the program (`setpriv …`).
    pub(super) fn run(&self, before: &[&str], arguments: &[&str]) -> Output {
        let mut command = command(before);
        command.args(arguments).arg("--config").arg(self.config());
        command.output().unwrap()
    }

    /// What a start that must fail says; fails the test when it starts.
    pub(super) fn refusal(&self, before: &[&str]) -> String {
        let mut child = command(before)
            .arg("serve")
            .arg("--config")
            .arg(self.config())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if begun.elapsed() > PATIENCE {
                child.kill().unwrap();
                panic!("it started, and should have refused");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = child.wait_with_output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    pub(super) fn start(&self) -> Daemon {
        self.start_with(&[])
    }

    /// The same with variables in its environment.
    pub(super) fn start_with(&self, environment: &[(&str, &Path)]) -> Daemon {
        Daemon::start(&self.config(), &self.path("log"), environment)
    }
}

fn command(before: &[&str]) -> Command {
    let mut words = before.iter().copied().chain([env!("CARGO_BIN_EXE_saola")]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    command
}

/// A running daemon; killed when dropped.
pub(super) struct Daemon {
    pub(super) process: Child,
    pub(super) console: SocketAddr,
    log: PathBuf,
    cookie: String,
}

impl Daemon {
    fn start(config: &Path, log: &Path, environment: &[(&str, &Path)]) -> Self {
        let mut process = command(&[])
            .args(["--json", "serve", "--config"])
            .arg(config)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let started: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("no start: {}", std::fs::read_to_string(log).unwrap()));
        let link = started["setup_link"].as_str().unwrap().to_owned();
        let url = started["console"].as_str().unwrap();
        let mut daemon = Self {
            process,
            console: url
                .trim_start_matches("http://")
                .trim_end_matches('/')
                .parse()
                .unwrap(),
            log: log.to_owned(),
            cookie: String::new(),
        };
        daemon.sign_in(&link);
        daemon
    }

    fn sign_in(&mut self, link: &str) {
        let token = link.rsplit('/').next().unwrap();
        let password = format!("{{\"password\":\"{PASSWORD}\"}}");
        let (status, _, body) = self.ask("POST", &format!("/setup/{token}"), &password);
        assert_eq!(status, 204, "{body}");
        let session = format!("{{\"name\":\"admin\",\"password\":\"{PASSWORD}\"}}");
        let (status, head, body) = self.ask("POST", "/session", &session);
        assert_eq!(status, 200, "{body}");
        let cookie = head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "))
            .unwrap();
        cookie.split(';').next().unwrap().clone_into(&mut self.cookie);
    }

    /// A call of the API: status, head, body.
    pub(super) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String, String) {
        http(
            self.console,
            method,
            &format!("/api/v1{path}"),
            &self.cookie,
            body,
        )
    }

    pub(super) fn get(&self, path: &str) -> Value {
        let (status, _, body) = self.ask("GET", path, "");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Titles of the rules that made groups.
    pub(super) fn fired(&self) -> Vec<String> {
        let page = self.get("/groups?state=all&limit=200");
        let rows = page["items"].as_array().unwrap();
        rows.iter()
            .map(|row| row["rule"]["title"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Waits until it holds, or fails with what the daemon logged.
    pub(super) fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(
                begun.elapsed() < PATIENCE,
                "waited in vain for {what}; log:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Sends a signal by name.
    pub(super) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.process.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Ends it as systemd would and gives its status back.
    pub(super) fn stop(&mut self) -> std::process::ExitStatus {
        self.signal("TERM");
        self.process.wait().unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// One HTTP exchange on a connection of its own.
pub(super) fn http(
    to: SocketAddr,
    method: &str,
    path: &str,
    cookie: &str,
    body: &str,
) -> (u16, String, String) {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Cookie: {cookie}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    (status, head.to_owned(), body.to_owned())
}

/// Posts one event of a new account at a host.
pub(super) fn post_event(port: u16, event: u32, host: &str) -> u16 {
    let line = format!(
        "{{\"EventTime\":\"2026-11-22 14:00:00\",\"Hostname\":\"{host}\",\"EventID\":{event},\"Channel\":\"Security\",\
         \"SourceName\":\"Microsoft-Windows-Security-Auditing\",\"TargetUserName\":\"a\"}}\n"
    );
    http(
        SocketAddr::from(([127, 0, 0, 1], port)),
        "POST",
        "/ingest/test",
        "",
        &line,
    )
    .0
}

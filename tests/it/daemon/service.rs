//! The daemon as systemd sees it: readiness, watchdog, orderly stop, how exposed the unit is, what it takes at rest.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;

use super::harness::{PATIENCE, Site, write};

/// The next messages of the daemon, until one has the text.
fn heard(socket: &UnixDatagram, text: &str) -> String {
    let mut all = String::new();
    let mut message = [0; 4096];
    while !all.contains(text) {
        let length = socket.recv(&mut message).unwrap();
        all += &String::from_utf8_lossy(&message[..length]);
        all.push('\n');
    }
    all
}

#[test]
fn readiness_watchdog_and_stop_are_told() {
    let site = Site::new("");
    let path = site.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut daemon = site.start_with(&[("NOTIFY_SOCKET", &path)]);
    heard(&socket, "READY=1");
    heard(&socket, "WATCHDOG=1");
    assert!(daemon.stop().success());
    heard(&socket, "STOPPING=1");
}

#[test]
fn the_unit_is_hardly_exposed() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/saola.service");
    let analysed = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=20"])
        .arg(unit)
        .output();
    let Ok(output) = analysed else {
        say_skipped("systemd-analyze");
        return;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[expect(clippy::print_stderr, reason = "what a test leaves out is said")]
fn say_skipped(program: &str) {
    eprintln!("SKIPPED: there is no {program} here");
}

#[test]
fn the_centre_at_rest_takes_less_than_150_mb() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let site = Site::new("");
    let text = std::fs::read_to_string(site.config()).unwrap();
    let all = format!(
        "network = [\"{0}/network\"]\nlog = [\"{0}/log\"]",
        rules.display()
    );
    write(site.config(), text.replace("log = [\"rules\"]", &all));
    let daemon = site.start();
    assert!(daemon.get("/rules/summary")["log_loaded"].as_u64().unwrap() > 50);
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(kib < 150 << 10, "{kib} KiB at rest");
}

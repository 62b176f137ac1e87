//! What may be wrong around the daemon when it starts: each is one clear refusal, and nothing is half started.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;

use super::harness::{Site, write};

fn port_of(listener: &TcpListener) -> u16 {
    listener.local_addr().unwrap().port()
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port_of(&taken);
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let udp = datagrams.local_addr().unwrap().port();
    let cases = [
        (
            format!("[[syslog]]\nname = \"s\"\ntcp = \"127.0.0.1:{port}\"\n"),
            port,
        ),
        (
            format!("[[syslog]]\nname = \"s\"\nudp = \"127.0.0.1:{udp}\"\n"),
            udp,
        ),
        (
            format!("[[http]]\nname = \"h\"\nhttp = \"127.0.0.1:{port}\"\n"),
            port,
        ),
        (
            format!("[[http]]\nname = \"h\"\ntcp = \"127.0.0.1:{port}\"\n"),
            port,
        ),
    ];
    for (more, port) in cases {
        let said = Site::new(&more).refusal(&[]);
        assert!(said.contains(&format!("127.0.0.1:{port}")), "{said}");
        assert!(said.to_lowercase().contains("in use"), "{said}");
    }
}

#[test]
fn the_consoles_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let site = Site::new("");
    let config = std::fs::read_to_string(site.config()).unwrap();
    write(
        site.config(),
        config.replace("127.0.0.1:0", &format!("127.0.0.1:{}", port_of(&taken))),
    );
    let said = site.refusal(&[]);
    assert!(
        said.contains(&format!("127.0.0.1:{}", port_of(&taken))) && said.contains("console"),
        "{said}"
    );
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let site = Site::new("");
    write(site.path("data"), "a file where the folder should be");
    let said = site.refusal(&[]);
    assert!(said.contains(&site.path("data").display().to_string()), "{said}");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    let site = Site::new("");
    std::fs::create_dir(site.path("data")).unwrap();
    std::fs::set_permissions(site.path("data"), std::fs::Permissions::from_mode(0o555)).unwrap();
    // Root may write anywhere; without these two capabilities it is a user like any other.
    let said = site.refusal(WITHOUT_OVERRIDE);
    assert!(said.contains(&site.path("data").display().to_string()), "{said}");
    assert!(said.to_lowercase().contains("permission denied"), "{said}");
}

#[test]
fn no_permission_to_capture_is_said_with_what_to_do() {
    for backend in ["ring", "pnet"] {
        let more = format!("[[capture]]\nname = \"span\"\ninterface = \"lo\"\nbackend = \"{backend}\"\n");
        let said = Site::new(&more).refusal(WITHOUT_RAW);
        assert!(
            said.contains("lo") && said.contains("CAP_NET_RAW"),
            "{backend}: {said}"
        );
    }
}

#[test]
fn an_interface_that_is_not_there_is_named_with_those_that_are() {
    let more = "[[capture]]\nname = \"span\"\ninterface = \"no-such-0\"\n";
    let said = Site::new(more).refusal(&[]);
    assert!(said.contains("no-such-0") && said.contains("lo"), "{said}");
}

#[test]
fn a_second_daemon_on_the_same_folder_is_refused() {
    let site = Site::new("");
    let _first = site.start();
    let said = site.refusal(&[]);
    assert!(said.contains("data"), "{said}");
}

const WITHOUT_OVERRIDE: &[&str] = &[
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
];
const WITHOUT_RAW: &[&str] = &["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"];

#[test]
fn doctor_finds_each_fault_and_exits_accordingly() {
    let good = Site::new("");
    let output = good.run(&[], &["--json", "doctor"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let faults = |told: &serde_json::Value| {
        let findings = told["findings"].as_array().unwrap().clone();
        let faulty = findings
            .into_iter()
            .filter(|finding| finding["outcome"] == "fault");
        faulty
            .map(|finding| finding["subject"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(output.status.success() && faults(&told).is_empty(), "{told}");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let bad = Site::new(&format!(
        "[[syslog]]\nname = \"s\"\ntcp = \"127.0.0.1:{}\"\n[[capture]]\nname = \"span\"\ninterface = \"no-such-0\"\n\
         [mail]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"a@b.example\"\nto = [\"c@d.example\"]\n",
        port_of(&taken),
        super::harness::free_port(),
    ));
    let output = bad.run(&[], &["--json", "doctor"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(faults(&told), ["ports", "capture span", "mail"], "{told}");
    assert_eq!(output.status.code(), Some(1));
}

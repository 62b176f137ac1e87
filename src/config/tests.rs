use std::path::Path;

use super::*;

fn refused(text: &str) -> String {
    parse(text, Path::new("saola.toml")).unwrap_err().to_string()
}

#[test]
fn an_empty_file_is_a_configuration() {
    let config = parse("", Path::new("saola.toml")).unwrap();
    assert!(config.console.listen.ip().is_loopback());
    assert!(config.mail.is_none());
}

#[test]
fn faults_name_file_line_and_key() {
    let cases = [
        (
            "[site]\nutc_offset = \"ICT\"",
            "saola.toml:2: site.utc_offset: must look like +07:00",
        ),
        (
            "\n[console]\nlisten = \"0.0.0.0:80\"",
            "saola.toml:3: console.listen: without [console.tls]",
        ),
        (
            "[[syslog]]\nname = \"a\"",
            "saola.toml:2: syslog[0].name: listens nowhere",
        ),
        (
            "[[syslog]]\nname = \"a\"\nudp = \"127.0.0.1:0\"\n[[file]]\nname = \"a\"\npath = \"x\"",
            "saola.toml:5: file[0].name: 'a' is used twice",
        ),
        (
            "[[capture]]\nname = \"s\"\ninterface = \"eth0\"\nbackend = \"dpdk\"",
            "saola.toml:4: capture[0].backend: must be \"ring\" or \"pnet\"",
        ),
        (
            "[[agency]]\nid = \"a\"\nname_vi = \"A\"\nparent = \"a\"",
            "saola.toml:4: agency[0].parent: 'a' stands above itself",
        ),
        (
            "[[asset]]\nhost = \"\"\nagency = \"a\"",
            "saola.toml:2: asset[0].host: has neither",
        ),
        (
            "[mail]\nserver = \"s\"\nfrom = \"a@b\"\nto = []",
            "saola.toml:4: mail.to: names nobody",
        ),
    ];
    for (text, expected) in cases {
        let message = refused(text);
        assert!(
            message.starts_with(expected),
            "{message}\n  should begin with {expected}"
        );
    }
}

#[test]
fn unknown_keys_and_wrong_types_are_refused_with_their_place() {
    let message = refused("data_folder = \"/x\"\n\n[console]\nlissten = \"127.0.0.1:1\"");
    assert!(
        message.contains("line 4, column 1") && message.contains("lissten"),
        "{message}"
    );
    let message = refused("[console]\nlisten = 12");
    assert!(message.contains("line 2, column 10"), "{message}");
}

#[test]
fn relative_paths_count_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saola.toml");
    #[expect(clippy::disallowed_methods, reason = "a fresh file of the test")]
    std::fs::write(
        &path,
        "data_folder = \"data\"\n[rules]\nlog = [\"rules\", \"/abs\"]",
    )
    .unwrap();
    let config = load(&path).unwrap();
    assert_eq!(config.data_folder, folder.path().join("data"));
    assert_eq!(
        config.rules.log,
        [folder.path().join("rules"), PathBuf::from("/abs")]
    );
}

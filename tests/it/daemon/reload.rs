//! New rules without a restart: by command and by SIGHUP; a rule folder that is gone leaves the old rules in force.

use super::harness::{Site, free_port, post_event, rule, write};

fn site() -> (Site, u16) {
    let port = free_port();
    (
        Site::new(&format!(
            "[[http]]\nname = \"test\"\nhttp = \"127.0.0.1:{port}\"\n"
        )),
        port,
    )
}

#[test]
fn rules_reload_puts_new_rules_in_force_and_says_how_many() {
    let (site, port) = site();
    let daemon = site.start();
    write(site.path("rules/two.yml"), rule(2, 4726));
    write(
        site.path("rules/wrong.yml"),
        rule(3, 1).replace("condition: selection", "condition: nothing"),
    );
    let output = site.run(&[], &["--json", "rules", "reload"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (told["log_loaded"].as_u64(), told["log_failed"].as_u64()),
        (Some(2), Some(1)),
        "{told}"
    );
    assert_eq!(post_event(port, 4726, "reloaded"), 200);
    daemon.until("the new rule's group", |daemon| daemon.fired() == ["Test 2"]);
}

#[test]
fn sighup_puts_new_rules_in_force() {
    let (site, port) = site();
    let daemon = site.start();
    write(site.path("rules/two.yml"), rule(2, 4726));
    daemon.signal("HUP");
    let mut sent = 0;
    daemon.until("the new rule's group", |daemon| {
        sent += 1;
        assert_eq!(post_event(port, 4726, &format!("reloaded-{sent}")), 200);
        daemon.fired().contains(&"Test 2".to_owned())
    });
}

#[test]
fn a_rule_folder_that_is_gone_leaves_the_old_rules_in_force() {
    let (site, port) = site();
    let daemon = site.start();
    std::fs::rename(site.path("rules"), site.path("elsewhere")).unwrap();
    let output = site.run(&[], &["rules", "reload"]);
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success() && said.contains("rules"), "{said}");
    assert_eq!(post_event(port, 4720, "still"), 200);
    daemon.until("the old rule's group", |daemon| daemon.fired() == ["Test 1"]);
}

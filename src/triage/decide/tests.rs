//! What becomes one incident, what does not, and that a replay ends where the live run did.

use std::sync::Arc;

use proptest::prelude::*;
use saola_event::{Alert, Engine, Severity, Timestamp};

use super::super::testing::{Draft, NOON, alert, assets};
use super::super::{
    Command, CommandError, GroupId, GroupState, Incident, Made, Records, Role, State, Status, User, Verdict,
};
use super::{Outcome, Triage};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs_micros(NOON + secs, 0)
}

struct Desk(Triage, Outcome);

impl Desk {
    fn new() -> Self {
        Self(
            Triage::new(State::default(), Arc::new(assets())),
            Outcome::default(),
        )
    }

    fn alerts(&mut self, alerts: impl IntoIterator<Item = Alert>) {
        self.0.alerts(alerts.into_iter().collect(), at(0), &mut self.1);
    }

    fn command(&mut self, secs: i64, command: Command) -> Result<Made, CommandError> {
        self.0.command(&"nam".into(), at(secs), command, &mut self.1)
    }

    fn incidents(&self) -> Vec<Arc<Incident>> {
        self.0.records().incidents.values().cloned().collect()
    }

    fn only_group(&self) -> GroupId {
        assert_eq!(self.0.records().groups.len(), 1);
        *self.0.records().groups.keys().next().unwrap()
    }

    fn kinds(&self) -> Vec<String> {
        let kind = |entry: &super::Recorded| serde_json::to_value(&entry.change).unwrap()["kind"].to_string();
        self.1.entries.iter().map(kind).collect()
    }
}

fn packets(rule: &str) -> Draft {
    alert(rule, Engine::Network)
}

fn log(rule: &str) -> Draft {
    alert(rule, Engine::Log)
}

#[test]
fn one_attack_seen_by_packets_and_logs_is_one_incident_that_says_why() {
    let mut desk = Desk::new();
    desk.alerts([packets("sqli")
        .flow("203.0.113.66", "10.10.20.10")
        .tags(&["T1190"])
        .done()]);
    desk.alerts([log("web-sqli")
        .host("dvc-web01")
        .src("203.0.113.66")
        .tags(&["attack.t1190"])
        .at(30)
        .done()]);
    let [incident] = &desk.incidents()[..] else {
        panic!("{:?}", desk.incidents())
    };
    assert_eq!(incident.groups.len(), 2);
    assert_eq!(incident.why.code, "why.shared_actor");
    assert_eq!(incident.why.params["value"], "203.0.113.66");
    assert_eq!(incident.why.params["seen"], "both");
    assert_eq!((&*incident.agency, incident.level), ("skhcn", 3));
}

#[test]
fn a_scan_of_many_machines_by_one_address_is_one_incident() {
    let mut desk = Desk::new();
    for target in ["10.10.20.10", "10.10.32.12", "10.10.20.60"] {
        desk.alerts([packets("scan")
            .flow("203.0.113.66", target)
            .severity(Severity::Medium)
            .done()]);
    }
    assert_eq!(desk.incidents().len(), 0, "one medium rule opens nothing");
    desk.alerts([packets("exploit")
        .flow("203.0.113.66", "10.10.20.10")
        .severity(Severity::Medium)
        .at(60)
        .done()]);
    let [incident] = &desk.incidents()[..] else {
        panic!("{:?}", desk.incidents())
    };
    assert_eq!(incident.groups.len(), 4, "the other targets come along");
}

#[test]
fn two_attackers_of_one_server_are_two_incidents() {
    let mut desk = Desk::new();
    desk.alerts([
        packets("a")
            .flow("203.0.113.66", "10.10.20.10")
            .tags(&["T1190"])
            .done(),
        packets("b")
            .flow("203.0.113.99", "10.10.20.10")
            .tags(&["T1505"])
            .done(),
    ]);
    assert_eq!(desk.incidents().len(), 2);
}

#[test]
fn two_victims_of_one_command_server_are_two_incidents() {
    let mut desk = Desk::new();
    desk.alerts([
        packets("c2").flow("10.10.32.12", "198.51.100.23").done(),
        packets("c2").flow("10.10.20.60", "198.51.100.23").done(),
    ]);
    assert_eq!(desk.incidents().len(), 2);
}

#[test]
fn what_happens_within_an_attacked_server_and_what_it_then_does_belongs_to_the_attack() {
    let mut desk = Desk::new();
    desk.alerts([packets("upload")
        .flow("203.0.113.99", "10.10.20.10")
        .tags(&["T1190"])
        .done()]);
    desk.alerts([log("shell")
        .host("dvc-web01")
        .user("www-data")
        .tags(&["T1059"])
        .at(40)
        .done()]);
    desk.alerts([packets("reverse")
        .flow("10.10.20.10", "198.51.100.23")
        .tags(&["T1071"])
        .at(50)
        .done()]);
    desk.alerts([log("ssh")
        .host("stc-db01")
        .src("10.10.20.10")
        .tags(&["T1021"])
        .at(90)
        .done()]);
    let [incident] = &desk.incidents()[..] else {
        panic!("{:?}", desk.incidents())
    };
    assert_eq!(incident.groups.len(), 4);
    let escalations = desk
        .kinds()
        .iter()
        .filter(|kind| kind.contains("escalated"))
        .count();
    assert_eq!(escalations, 2, "being in, going on: {:?}", desk.kinds());
}

#[test]
fn a_question_and_the_resolvers_own_are_one_incident() {
    let mut desk = Desk::new();
    let port = |draft: Draft| {
        let mut alert = draft.done();
        alert.entities.dest_port = Some(53);
        alert
    };
    desk.alerts([port(packets("tunnel").flow("10.10.32.12", "10.10.20.53"))]);
    desk.alerts([port(packets("tunnel").flow("10.10.20.53", "198.51.100.24").at(5))]);
    let [incident] = &desk.incidents()[..] else {
        panic!("{:?}", desk.incidents())
    };
    assert_eq!(incident.why.code, "why.relayed");
}

#[test]
fn a_scanned_machine_where_something_else_happens_later_is_not_one_attack() {
    let mut desk = Desk::new();
    desk.alerts([packets("scan")
        .flow("203.0.113.66", "10.10.20.60")
        .tags(&["T1595"])
        .done()]);
    desk.alerts([log("useradd").host("stc-db01").tags(&["T1136"]).at(300).done()]);
    assert_eq!(desk.incidents().len(), 2);
}

#[test]
fn a_taken_machine_that_scans_outside_goes_on_with_its_incident() {
    let mut desk = Desk::new();
    desk.alerts([packets("default-password")
        .flow("198.51.100.91", "10.10.32.12")
        .tags(&["T1190"])
        .done()]);
    desk.alerts([packets("hunt")
        .flow("10.10.32.12", "203.0.113.163")
        .tags(&["T1595"])
        .at(9)
        .done()]);
    assert_eq!(desk.incidents().len(), 1);
}

#[test]
fn informational_low_and_single_medium_alerts_open_nothing() {
    let mut desk = Desk::new();
    for (n, severity) in [Severity::Informational, Severity::Low, Severity::Medium]
        .into_iter()
        .enumerate()
    {
        let source = format!("203.0.113.{n}");
        desk.alerts([packets("noise")
            .flow(&source, "10.10.20.10")
            .severity(severity)
            .at(n as i64)
            .done()]);
    }
    desk.alerts([packets("exploit").flow("10.10.30.9", "10.10.20.60").done()]);
    assert_eq!(desk.incidents().len(), 0, "nor does our own scanner");
}

#[test]
fn an_earlier_false_positive_keeps_the_next_group_from_opening_an_incident() {
    let mut desk = Desk::new();
    let once = |secs| {
        packets("noisy")
            .flow("203.0.113.1", "10.10.20.10")
            .severity(Severity::Medium)
            .at(secs)
            .done()
    };
    desk.alerts([once(0)]);
    let group = desk.only_group();
    desk.command(
        10,
        Command::GiveVerdict {
            group,
            verdict: Verdict::FalsePositive,
            reason: "x".into(),
        },
    )
    .unwrap();
    let later = Alert {
        severity: Severity::High,
        ..once(3 * 86_400)
    };
    desk.alerts([later]);
    assert_eq!(desk.0.records().groups.len(), 2);
    let second = desk
        .0
        .records()
        .groups
        .values()
        .find(|other| other.id != group)
        .unwrap();
    assert_eq!(second.earlier.as_ref().unwrap().verdict, Verdict::FalsePositive);
    assert_eq!(desk.incidents().len(), 0);
}

#[test]
fn a_storm_is_one_row_and_a_few_entries() {
    let mut desk = Desk::new();
    for _ in 0..10 {
        desk.alerts((0..10_000).map(|_| packets("storm").flow("203.0.113.1", "10.10.20.10").done()));
    }
    let group = &desk.0.records().groups[&desk.only_group()];
    assert_eq!(group.count, 100_000);
    assert!(group.kept.to - group.kept.from <= 20);
    assert!(desk.1.entries.len() < 60, "{} entries", desk.1.entries.len());
}

#[test]
fn a_verdict_can_be_taken_back_for_ten_minutes() {
    let mut desk = Desk::new();
    desk.alerts([packets("a").flow("203.0.113.1", "10.10.20.10").done()]);
    let group = desk.only_group();
    let give = |verdict| Command::GiveVerdict {
        group,
        verdict,
        reason: String::new(),
    };
    assert_eq!(
        desk.command(0, Command::UndoVerdict { group }),
        Err(CommandError::NothingToUndo(group))
    );
    desk.command(0, give(Verdict::TruePositive)).unwrap();
    desk.command(700, give(Verdict::FalsePositive)).unwrap();
    desk.command(1300, Command::UndoVerdict { group }).unwrap();
    let found = &desk.0.records().groups[&group];
    assert_eq!(
        found.verdict.as_ref().map(|record| record.verdict),
        Some(Verdict::TruePositive)
    );
    assert_eq!(found.state, GroupState::Closed);
    assert_eq!(
        desk.command(1300, Command::UndoVerdict { group }),
        Err(CommandError::UndoTooLate(group))
    );
}

#[test]
fn commands_that_may_not_be_change_nothing() {
    let mut desk = Desk::new();
    desk.alerts([packets("a").flow("203.0.113.1", "10.10.20.10").done()]);
    let (group, number) = (desk.only_group(), desk.incidents()[0].number);
    let before = desk.1.entries.len();
    let refused = [
        Command::GiveVerdict {
            group: GroupId(1),
            verdict: Verdict::Duplicate,
            reason: String::new(),
        },
        Command::OpenIncident {
            groups: vec![],
            title: None,
        },
        Command::OpenIncident {
            groups: vec![group],
            title: None,
        },
        Command::SetOwner {
            number,
            user: Some("nobody".into()),
        },
        Command::NoteGroup {
            group,
            text: "  ".into(),
        },
        Command::NoteIncident {
            number,
            text: "x".repeat(9000),
        },
        Command::RedeemSetup {
            token_hash: "x".into(),
            password: "y".into(),
        },
    ];
    for command in refused {
        assert!(desk.command(0, command.clone()).is_err(), "{command:?}");
    }
    assert_eq!(desk.1.entries.len(), before);
    desk.command(
        0,
        Command::SetStatus {
            number,
            status: Status::Closed,
            reason: String::new(),
        },
    )
    .unwrap();
    let finished = desk.command(
        0,
        Command::AddGroups {
            number,
            groups: vec![group],
        },
    );
    assert_eq!(finished, Err(CommandError::IncidentFinished(number)));
}

#[test]
fn the_longest_unseen_groups_are_let_go_beyond_the_limit() {
    let mut triage = Triage::new(State::with_room(Records::default(), 10), Arc::new(assets()));
    let mut outcome = Outcome::default();
    let quiet = |n: i64| {
        packets(&format!("r{n}"))
            .flow("203.0.113.1", "10.10.20.10")
            .severity(Severity::Low)
    };
    triage.alerts(
        (0..25).map(|n| quiet(n).at(n).done()).collect(),
        at(0),
        &mut outcome,
    );
    assert_eq!((triage.records().groups.len(), triage.records().let_go), (10, 15));
    assert!(
        triage
            .records()
            .groups
            .values()
            .all(|group| group.first_seen >= at(15))
    );
}

/// One thing that happens, small enough for proptest to shrink.
#[derive(Clone, Debug)]
enum Step {
    Alerts(Vec<(u8, u8, u8, u8, u32)>),
    Verdict(u8, u8),
    Undo(u8),
    Note(u8),
    Read(u8),
    Assign(u8, bool),
    Open(Vec<u8>),
    Add(u8, u8),
    Status(u8, u8),
    Severity(u8, u8),
    User(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let alert = (0..5_u8, 0..6_u8, 0..6_u8, 0..5_u8, 0..200_000_u32);
    prop_oneof![
        4 => proptest::collection::vec(alert, 1..30).prop_map(Step::Alerts),
        1 => (any::<u8>(), 0..5_u8).prop_map(|(group, verdict)| Step::Verdict(group, verdict)),
        1 => any::<u8>().prop_map(Step::Undo),
        1 => any::<u8>().prop_map(Step::Note),
        1 => any::<u8>().prop_map(Step::Read),
        1 => any::<(u8, bool)>().prop_map(|(group, some)| Step::Assign(group, some)),
        1 => proptest::collection::vec(any::<u8>(), 0..4).prop_map(Step::Open),
        1 => any::<(u8, u8)>().prop_map(|(incident, group)| Step::Add(incident, group)),
        1 => (any::<u8>(), 0..5_u8).prop_map(|(incident, status)| Step::Status(incident, status)),
        1 => (any::<u8>(), 0..5_u8).prop_map(|(incident, severity)| Step::Severity(incident, severity)),
        1 => any::<u8>().prop_map(Step::User),
    ]
}

fn alert_of((rule, src, dest, severity, secs): (u8, u8, u8, u8, u32)) -> Alert {
    const PARTIES: [&str; 6] = [
        "203.0.113.1",
        "203.0.113.2",
        "10.10.20.10",
        "10.10.20.40",
        "10.10.32.12",
        "10.10.20.53",
    ];
    const TAGS: [&str; 5] = ["T1595", "T1190", "T1505", "T1071", "T1491"];
    let draft = if rule % 2 == 0 {
        packets(&rule.to_string()).flow(PARTIES[usize::from(src)], PARTIES[usize::from(dest)])
    } else {
        log(&rule.to_string())
            .host("dvc-web01")
            .src(PARTIES[usize::from(src)])
            .user("an")
    };
    let tags = [TAGS[usize::from(rule)]];
    draft
        .tags(&tags)
        .severity(Severity::ALL[usize::from(severity)])
        .at(i64::from(secs))
        .done()
}

fn run(triage: &mut Triage, now: i64, step: &Step, outcome: &mut Outcome) {
    let mut groups: Vec<GroupId> = triage.records().groups.keys().copied().collect();
    groups.sort();
    let incidents: Vec<_> = triage.records().incidents.keys().copied().collect();
    let group = |n: u8| {
        groups
            .get(usize::from(n) % groups.len().max(1))
            .copied()
            .unwrap_or(GroupId(0))
    };
    let number = |n: u8| incidents.get(usize::from(n) % incidents.len().max(1)).copied();
    let verdicts = [
        Verdict::TruePositive,
        Verdict::FalsePositive,
        Verdict::Duplicate,
        Verdict::BenignPositive,
        Verdict::Undetermined,
    ];
    let statuses = [
        Status::New,
        Status::Investigating,
        Status::Contained,
        Status::Resolved,
        Status::Closed,
    ];
    let command = match step {
        Step::Alerts(alerts) => {
            return triage.alerts(alerts.iter().copied().map(alert_of).collect(), at(now), outcome);
        }
        Step::Verdict(n, v) => Command::GiveVerdict {
            group: group(*n),
            verdict: verdicts[usize::from(*v)],
            reason: "r".into(),
        },
        Step::Undo(n) => Command::UndoVerdict { group: group(*n) },
        Step::Note(n) => Command::NoteGroup {
            group: group(*n),
            text: "ghi chú".into(),
        },
        Step::Read(n) => Command::MarkRead { group: group(*n) },
        Step::Assign(n, some) => Command::Assign {
            group: group(*n),
            user: some.then(|| "u1".into()),
        },
        Step::Open(ns) => Command::OpenIncident {
            groups: ns.iter().map(|n| group(*n)).collect(),
            title: None,
        },
        Step::Add(i, n) => match number(*i) {
            Some(number) => Command::AddGroups {
                number,
                groups: vec![group(*n)],
            },
            None => return,
        },
        Step::Status(i, s) => match number(*i) {
            Some(number) => Command::SetStatus {
                number,
                status: statuses[usize::from(*s)],
                reason: String::new(),
            },
            None => return,
        },
        Step::Severity(i, s) => match number(*i) {
            Some(number) => Command::SetSeverity {
                number,
                severity: Severity::ALL[usize::from(*s)],
                reason: String::new(),
            },
            None => return,
        },
        Step::User(n) => Command::PutUser(User {
            name: format!("u{}", n % 3).into(),
            display_name: "Người dùng".into(),
            role: Role::Responder,
            language: "vi".into(),
            agencies: vec![],
            disabled: *n > 200,
        }),
    };
    // Refusals are part of the game; they must change nothing, which the comparison shows.
    drop(triage.command(&"nam".into(), at(now), command, outcome));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens, in whatever order: entries written out and read back, applied to an empty state, give the live
    /// state; and a triage that begins from that state decides on as the live one does.
    #[test]
    fn a_replay_ends_where_the_live_run_did(steps in proptest::collection::vec(step(), 1..40)) {
        let room = 12;
        let mut live = Triage::new(State::with_room(Records::default(), room), Arc::new(assets()));
        let mut outcome = Outcome::default();
        for (now, step) in steps.iter().enumerate() {
            run(&mut live, now as i64 * 200, step, &mut outcome);
        }
        let mut replayed = State::with_room(Records::default(), room);
        let mut effects = Vec::new();
        for entry in &outcome.entries {
            let text = serde_json::to_string(&entry.change).unwrap();
            let entry = super::Recorded { change: serde_json::from_str(&text).unwrap(), ..entry.clone() };
            replayed.apply(&entry, &mut effects);
        }
        prop_assert_eq!(replayed.records(), live.records());
        prop_assert!(live.records().groups.len() <= room);
        prop_assert_eq!(effects.len(), outcome.effects.len());
        let members = live.records().groups.values().filter_map(|group| Some((group.id, group.incident?)));
        for (group, number) in members {
            prop_assert!(live.records().incidents[&number].groups.contains(&group));
        }
    }
}

use super::*;

fn cause(seq: u64) -> MailId {
    MailId::of_cause(&format!("opened {seq}"))
}

fn mail(seq: u64, state: MailState) -> Mail {
    Mail {
        version: Mail::VERSION,
        id: cause(seq),
        incident: "SC-2026-0001".to_owned(),
        agency: "stttt".to_owned(),
        severity: saola_event::Severity::High,
        to: vec!["a@b.example".to_owned()],
        subject: "s".to_owned(),
        text: "t".to_owned(),
        html: "h".to_owned(),
        created_at: Timestamp::from_micros(seq as i64),
        state,
        attempts: 0,
        due_at: Timestamp::from_micros(seq as i64),
        last_error: None,
    }
}

#[test]
fn mail_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    assert!(outbox.add(mail(1, MailState::Queued)).unwrap());
    assert!(
        !outbox.add(mail(1, MailState::Queued)).unwrap(),
        "one cause, one mail"
    );
    let mut sent = mail(2, MailState::Queued);
    outbox.add(sent.clone()).unwrap();
    sent.state = MailState::Sent;
    outbox.update(sent).unwrap();
    drop(outbox);

    let again = Outbox::open(folder.path()).unwrap();
    assert_eq!(again.list().len(), 2);
    assert_eq!(again.due(Timestamp::from_micros(10)).len(), 1);
    assert_eq!(again.next_due(), Some(Timestamp::from_micros(1)));
    assert!(again.due(Timestamp::EPOCH).is_empty(), "not before it is due");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a damaged file of the test")]
fn damaged_files_are_listed_and_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    Outbox::open(folder.path())
        .unwrap()
        .add(mail(1, MailState::Local))
        .unwrap();
    let torn = folder.path().join("0123456789abcdef01234567.json");
    std::fs::write(&torn, b"{\"version\":1,").unwrap();
    std::fs::write(folder.path().join("half.new"), b"never renamed").unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    assert_eq!(outbox.list().len(), 1);
    assert_eq!(outbox.unreadable(), [torn]);
}

#[test]
fn finished_mail_is_pruned_and_waiting_mail_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path()).unwrap();
    outbox.add(mail(0, MailState::Queued)).unwrap();
    for seq in 1..=MOST_FINISHED as u64 + 1 {
        outbox
            .mails
            .lock()
            .insert(cause(seq), mail(seq, MailState::Local));
        outbox.folder.write(&mail(seq, MailState::Local)).unwrap();
    }
    outbox.add(mail(999_999, MailState::Local)).unwrap();
    let left = outbox.list();
    assert_eq!(left.len(), MOST_FINISHED + 1);
    assert!(left.iter().any(|mail| mail.state == MailState::Queued));
}

#[test]
fn ids_come_from_the_cause_and_are_checked_when_read() {
    let id = cause(7);
    assert_eq!(MailId::parse(id.as_str()), Some(id.clone()));
    assert_ne!(id, cause(8));
    assert_eq!(MailId::parse("../../../etc/passwd00000"), None);
}

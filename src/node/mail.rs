//! Incidents to mail: follows the news, catches up after a restart, sends what is due.

use std::sync::Arc;
use std::time::Duration;

use saola_collect::now;
use saola_event::{Engine, Severity};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::rules::RuleBook;
use crate::agency::AgencyTree;
use crate::api::dto::{MailState as ShownState, OutboxDetail, OutboxRow};
use crate::commit::{Board, News};
use crate::notify::{
    Cause, Composer, GroupLine, Mail, MailId, MailState, Notice, Outbox, Route, Sender, Verdict,
};
use crate::triage::{Group, Incident};

/// Everything that mailing needs.
pub(super) struct MailStage {
    pub(super) board: Board,
    pub(super) rules: Arc<RuleBook>,
    pub(super) agencies: Arc<AgencyTree>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) composer: Composer,
    pub(super) route: Route,
    /// None: mail stays in the local outbox.
    pub(super) sender: Option<Sender>,
}

/// How often due mail is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(5);

impl MailStage {
    /// Runs until the stop; unsent mail stays queued on disk.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut news = self.board.listen();
        self.catch_up();
        let mut tick = tokio::time::interval(LOOK_EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                item = news.recv() => match item {
                    Ok(News::Opened(incident)) => self.tell(&incident, Cause::Opened),
                    Ok(News::Escalated(incident)) => self.tell(&incident, Cause::Escalated),
                    Ok(_) => {}
                    // Too slow for a burst of news: what was missed is found by looking at the incidents themselves.
                    Err(RecvError::Lagged(_)) => self.catch_up(),
                    Err(RecvError::Closed) => return,
                },
                _ = tick.tick() => self.send_due().await,
            }
        }
    }

    async fn send_due(&self) {
        let Some(sender) = &self.sender else { return };
        if let Err(error) = sender.send_due(&self.outbox, now()).await {
            tracing::error!(%error, "what became of a mail cannot be written down");
        }
    }

    /// Writes the mails that a crash between journal and outbox left unwritten: open incidents without a mail, or with
    /// mails of lower severity only.
    fn catch_up(&mut self) {
        let open: Vec<Arc<Incident>> = self
            .board
            .read()
            .incidents
            .values()
            .filter(|incident| incident.status.is_open())
            .cloned()
            .collect();
        let mails = self.outbox.list();
        for incident in open {
            let number = incident.number.to_string();
            let told = mails
                .iter()
                .filter(|mail| mail.incident == number)
                .map(|mail| mail.severity)
                .max();
            match told {
                None => self.tell(&incident, Cause::Opened),
                Some(severity) if severity < incident.severity => self.tell(&incident, Cause::Escalated),
                Some(_) => {}
            }
        }
    }

    fn tell(&mut self, incident: &Incident, cause: Cause) {
        let mut notice = self.notice(incident, cause);
        if self.outbox.find(&notice.mail_id()).is_some() {
            return;
        }
        match self.route.decide(incident.severity, now()) {
            Verdict::NotOurs => return,
            Verdict::HeldBack => {
                tracing::warn!(incident = %incident.number, "mail held back: too many within the hour");
                return;
            }
            Verdict::Send { earlier } => notice.held_back = earlier,
        }
        let written = self.composer.compose(&notice, self.route.to.clone(), now());
        let added = written.map_err(anyhow::Error::from).and_then(|mut mail| {
            if self.sender.is_none() {
                mail.state = MailState::Local;
            }
            Ok(self.outbox.add(mail)?)
        });
        if let Err(error) = added {
            tracing::error!(incident = %incident.number, %error, "a mail could not be written; it is tried again at the next start");
        }
    }

    fn notice(&self, incident: &Incident, cause: Cause) -> Notice {
        let groups = self.groups(incident);
        let agency = self
            .agencies
            .find(&incident.agency)
            .map_or_else(|| incident.agency.to_string(), |agency| agency.name_vi.clone());
        let title = &incident.title;
        Notice {
            cause,
            agency_id: incident.agency.to_string(),
            number: incident.number.to_string(),
            title: title
                .given
                .clone()
                .unwrap_or_else(|| title.rule_vi.as_ref().unwrap_or(&title.rule).to_string()),
            severity: incident.severity,
            agency,
            system: incident
                .system
                .as_deref()
                .filter(|system| !system.is_empty())
                .map(str::to_owned),
            level: (incident.level > 0).then_some(incident.level),
            t0: incident.t0,
            opened_at: incident.opened_at,
            seen_by: seen_by(incident),
            why: (incident.why.code.clone(), incident.why.params.clone()),
            advice: self.advice(&groups),
            groups: groups.iter().map(|group| line(group)).collect(),
            held_back: 0,
        }
    }

    fn groups(&self, incident: &Incident) -> Vec<Arc<Group>> {
        let records = self.board.read();
        let mut groups: Vec<Arc<Group>> = incident
            .groups
            .iter()
            .filter_map(|id| records.groups.get(id).cloned())
            .collect();
        drop(records);
        groups.sort_by(|a, b| {
            b.severity
                .cmp(&a.severity)
                .then_with(|| a.first_seen.cmp(&b.first_seen))
        });
        groups
    }

    fn advice(&self, groups: &[Arc<Group>]) -> Vec<String> {
        let mut advice: Vec<String> = Vec::new();
        for group in groups {
            let text = self.rules.advice(&group.rule.id).and_then(|words| words.vi);
            if let Some(text) = text.filter(|text| !advice.iter().any(|known| **known == **text)) {
                advice.push(text.to_string());
            }
        }
        advice.truncate(5);
        advice
    }
}

fn seen_by(incident: &Incident) -> Vec<&'static str> {
    let has = |wanted: &[Engine]| incident.engines.iter().any(|engine| wanted.contains(engine));
    [
        ("packets", has(&[Engine::Network])),
        ("logs", has(&[Engine::Log, Engine::Correlation])),
        ("system", has(&[Engine::System])),
    ]
    .into_iter()
    .filter_map(|(key, seen)| seen.then_some(key))
    .collect()
}

fn line(group: &Group) -> GroupLine {
    let actor = group.actor.as_ref();
    let who = actor.and_then(|actor| actor.ip.map(|ip| ip.to_string()).or_else(|| actor.user.clone()));
    GroupLine {
        title: group
            .rule
            .title_vi
            .as_ref()
            .unwrap_or(&group.rule.title)
            .to_string(),
        actor: who.unwrap_or_else(|| "?".to_owned()),
        target: group.target.label(),
        count: group.count,
    }
}

/// The outbox as the API shows it.
pub(super) struct ShownOutbox(pub(super) Arc<Outbox>);

impl crate::api::Outbox for ShownOutbox {
    fn rows(&self) -> Vec<OutboxRow> {
        self.0.list().iter().map(row).collect()
    }

    fn find(&self, id: &str) -> Option<OutboxDetail> {
        let mail = self.0.find(&MailId::parse(id)?)?;
        let headers = [("Message-ID", mail.id.as_str()), ("References", &mail.incident)];
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Some(OutboxDetail {
            mail: row(&mail),
            text: mail.text,
            html: mail.html,
            headers,
        })
    }
}

fn row(mail: &Mail) -> OutboxRow {
    OutboxRow {
        id: mail.id.as_str().to_owned(),
        to: mail.to.clone(),
        subject: mail.subject.clone(),
        created_at: mail.created_at,
        state: match mail.state {
            MailState::Queued => ShownState::Queued,
            MailState::Sent => ShownState::Sent,
            MailState::Failed => ShownState::Failed,
            MailState::Local => ShownState::Local,
        },
        attempts: mail.attempts,
        last_error: mail.last_error.clone(),
        incident: mail.incident.parse().ok(),
        agency: mail.agency.clone(),
    }
}

/// Where mail goes when nothing is configured: every incident from high on, to the local outbox.
pub(super) fn local_route() -> Route {
    Route::new(Vec::new(), Severity::High, 30)
}

//! A whole API over a writer on a temporary folder, called without a network.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use saola::agency::{Agency, AgencyTree, Asset, AssetTable};
use saola::api::auth::{Auth, AuthConfig, Sessions, Token, hash};
use saola::api::dto::{MailState, OutboxDetail, OutboxRow, RuleDetail, RuleRow, RuleSummary, SourceHealth};
use saola::api::stream::Hub;
use saola::api::{AppState, Outbox, Parts, RuleCatalogue, SourceBoard};
use saola::commit::{Committer, Desk, Places, desk, open};
use saola::store::Backend;
use saola::triage::{Command, Role, User};
use saola_event::Timestamp;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// The tests' clock stands still.
fn now() -> Timestamp {
    Timestamp::from_secs_micros(1_795_348_800, 0)
}

struct NoRules;
impl RuleCatalogue for NoRules {
    fn rows(&self) -> Arc<[RuleRow]> {
        Arc::from([])
    }
    fn summary(&self) -> RuleSummary {
        RuleSummary::default()
    }
    fn find(&self, _: &str) -> Option<RuleDetail> {
        None
    }
    fn source_of(&self, _: &str) -> Option<String> {
        None
    }
}

struct NoSources;
impl SourceBoard for NoSources {
    fn sources(&self) -> Vec<SourceHealth> {
        Vec::new()
    }
}

/// Two mails of two agencies.
struct TwoMails;
impl Outbox for TwoMails {
    fn rows(&self) -> Vec<OutboxRow> {
        ["skhcn", "stc"].map(row).to_vec()
    }
    fn find(&self, id: &str) -> Option<OutboxDetail> {
        let mail = self.rows().into_iter().find(|row| row.id == id)?;
        let html = "<p>x</p><script>alert(1)</script>".to_owned();
        Some(OutboxDetail {
            mail,
            text: "x".to_owned(),
            html,
            headers: std::collections::BTreeMap::new(),
        })
    }
}

fn row(agency: &str) -> OutboxRow {
    OutboxRow {
        id: format!("m-{agency}"),
        to: vec!["a@example.vn".to_owned()],
        subject: "s".to_owned(),
        created_at: now(),
        state: MailState::Local,
        attempts: 0,
        last_error: None,
        incident: None,
        agency: agency.to_owned(),
    }
}

/// The API and what tests do to it.
pub(super) struct Api {
    router: axum::Router,
    pub(super) desk: Desk,
    pub(super) state: AppState,
    writer: Option<std::thread::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

/// Somebody signed in.
#[derive(Clone)]
pub(super) struct Signed {
    cookie: String,
    csrf: String,
}

/// What came back.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Status and code of a problem.
    pub(super) fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json",
            "{}",
            self.text
        );
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        assert_eq!(body["request_id"], self.headers["x-request-id"].to_str().unwrap());
        (self.status.as_u16(), body["code"].as_str().unwrap().to_owned())
    }
}

pub(super) const PASSWORD: &str = "một mật khẩu đủ dài";

fn agency(id: &str, parent: Option<&str>) -> Agency {
    Agency {
        id: id.into(),
        parent: parent.map(Into::into),
        kind: "department".to_owned(),
        name_vi: format!("Cơ quan {id}"),
        name_en: format!("Agency {id}"),
    }
}

fn asset(host: &str, ip: &str, agency: &str) -> Asset {
    Asset {
        host: host.into(),
        ips: vec![ip.parse().unwrap()],
        names: vec![],
        agency: agency.into(),
        system: "dvc".into(),
        level: 3,
        title_vi: "Cổng dịch vụ công".to_owned(),
        title_en: "Portal".to_owned(),
        role: None,
    }
}

impl Api {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let opened = open(&Places::within(folder.path(), Backend::Sled)).unwrap();
        let assets = Arc::new(AssetTable::new([
            asset("dvc-web01", "10.10.20.10", "skhcn"),
            asset("stc-db01", "10.10.20.60", "stc"),
        ]));
        let store = Arc::clone(&opened.store);
        let (committer, board) = Committer::new(
            opened.journal,
            opened.store,
            opened.state,
            Arc::clone(&assets),
            now,
        );
        let (desk, jobs) = desk(1024);
        let writer = std::thread::spawn(move || committer.run(&jobs));
        let agencies = [
            agency("tinh", None),
            agency("skhcn", Some("tinh")),
            agency("stc", Some("tinh")),
        ];
        let config = AuthConfig {
            secure_cookie: false,
            ..AuthConfig::default()
        };
        let state = AppState::new(Parts {
            board,
            store,
            desk: desk.clone(),
            rules: Arc::new(NoRules),
            sources: Arc::new(NoSources),
            outbox: Arc::new(TwoMails),
            agencies: Arc::new(AgencyTree::new(agencies)),
            assets,
            auth: Arc::new(Auth::new(config, Sessions::default())),
            hub: Arc::new(Hub::default()),
            stop: CancellationToken::new(),
            clock: now,
            version: "test",
        });
        let router = saola::api::router(state.clone(), axum::Router::new());
        Self {
            router,
            desk,
            state,
            writer: Some(writer),
            _folder: folder,
        }
    }

    /// An account with [`PASSWORD`].
    pub(super) async fn account(&self, name: &str, role: Role, agencies: &[&str]) {
        let user = User {
            name: name.into(),
            display_name: name.to_uppercase(),
            role,
            language: "vi".to_owned(),
            agencies: agencies.iter().map(|&agency| agency.into()).collect(),
            disabled: false,
        };
        self.desk
            .command("system", now(), Command::PutUser(user))
            .await
            .unwrap();
        let token = self.setup_link(name).await;
        let password = hash(PASSWORD).unwrap();
        let redeem = Command::RedeemSetup {
            token_hash: token.hash(),
            password,
        };
        self.desk.command("system", now(), redeem).await.unwrap();
    }

    pub(super) async fn setup_link(&self, name: &str) -> Token {
        let token = Token::random();
        let expires_at = now() + std::time::Duration::from_hours(24);
        let command = Command::IssueSetup {
            name: name.into(),
            token_hash: token.hash(),
            expires_at,
        };
        self.desk.command("system", now(), command).await.unwrap();
        token
    }

    pub(super) async fn signed_in(&self, name: &str, role: Role, agencies: &[&str]) -> Signed {
        self.account(name, role, agencies).await;
        let reply = self.sign_in(name, PASSWORD).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        let cookie = reply.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        Signed {
            cookie,
            csrf: reply.json()["csrf_token"].as_str().unwrap().to_owned(),
        }
    }

    pub(super) async fn sign_in(&self, name: &str, password: &str) -> Reply {
        let body = serde_json::json!({"name": name, "password": password});
        self.send(Method::POST, "/api/v1/session", None, Some(body)).await
    }

    /// Alerts, safe when this returns.
    pub(super) async fn alerts(&self, alerts: Vec<saola_event::Alert>) {
        let (sender, done) = tokio::sync::oneshot::channel();
        self.desk
            .alerts(alerts, Some(Box::new(|safe| drop(sender.send(safe)))))
            .unwrap();
        done.await.unwrap().unwrap();
    }

    pub(super) async fn get(&self, path: &str, who: &Signed) -> Reply {
        self.send(Method::GET, &format!("/api/v1{path}"), Some(who), None)
            .await
    }

    pub(super) async fn post(&self, path: &str, who: &Signed, body: Value) -> Reply {
        self.send(Method::POST, &format!("/api/v1{path}"), Some(who), Some(body))
            .await
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        who: Option<&Signed>,
        body: Option<Value>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(Signed { cookie, csrf }) = who {
            request = request
                .header(header::COOKIE, cookie)
                .header("x-csrf-token", csrf);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.raw(request.body(body).unwrap()).await
    }

    pub(super) async fn raw(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 16 << 20)
            .await
            .unwrap();
        Reply {
            status,
            headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(super) fn router(&self) -> axum::Router {
        self.router.clone()
    }
}

impl Signed {
    pub(super) fn without_csrf(&self) -> Self {
        Self {
            csrf: "0".repeat(64),
            ..self.clone()
        }
    }

    pub(super) fn cookie(&self) -> &str {
        &self.cookie
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.desk.stop();
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

//! `GET /stream`: one open answer per console.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::StreamExt as _;
use futures_util::stream::{self, Stream};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Interval;
use utoipa::ToSchema;

use super::{Hub, Since};
use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::http::{ApiError, Language, ProblemBody};
use crate::api::resource::Viewer;
use crate::commit::News;

/// How much waits, for badges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    /// Groups without a verdict.
    pub inbox_open: u64,
    /// Unfinished incidents.
    pub incidents_open: u64,
}

/// News that come together within this time are sent together, each group and incident once.
const GATHER: Duration = Duration::from_millis(200);
/// How often health is sent.
const HEALTH_EVERY: Duration = Duration::from_secs(5);

/// Events `group` (Group), `incident` (Incident), `counts` (Counts), `health` (SourceHealth[]) and `reset` (load
/// everything anew). Resumes after `Last-Event-ID`.
#[utoipa::path(get, path = "/stream", tag = "stream",
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = 401, body = ProblemBody), (status = 503, body = ProblemBody)))]
pub async fn stream(
    State(state): State<AppState>,
    caller: Caller,
    language: Language,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let hub = Arc::clone(&state.hub);
    // Dropped with the reader: the place becomes free when the client goes.
    let place = place_in(&hub)?;
    let newest = hub.newest();
    let now = *newest.borrow();
    let asked = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let from = match asked {
        // An id that means nothing any more is older than everything kept.
        Some(id) => hub.number_in(id).unwrap_or(u64::MAX),
        None => now,
    };
    let reader = Reader {
        state,
        caller,
        language,
        hub,
        from,
        newest,
        health: tokio::time::interval(HEALTH_EVERY),
        _place: place,
    };
    let events = stream::unfold(reader, Reader::next).flat_map(stream::iter);
    Ok(Sse::new(events.map(Ok)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// A place among the open streams, given back when dropped.
struct Place(Arc<Hub>);

fn place_in(hub: &Arc<Hub>) -> Result<Place, ApiError> {
    let permit = hub
        .places
        .try_acquire()
        .map_err(|_| ApiError::new("server.busy"))?;
    permit.forget();
    Ok(Place(Arc::clone(hub)))
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.places.add_permits(1);
    }
}

struct Reader {
    state: AppState,
    caller: Caller,
    language: Language,
    hub: Arc<Hub>,
    from: u64,
    newest: watch::Receiver<u64>,
    health: Interval,
    _place: Place,
}

impl Reader {
    /// The next events, or none when the stream ends: the server stops, or the session has ended.
    async fn next(mut self) -> Option<(Vec<Event>, Self)> {
        let stop = self.state.stop.clone();
        loop {
            let news = tokio::select! {
                () = stop.cancelled() => return None,
                _ = self.health.tick() => false,
                change = self.newest.wait_for(|newest| *newest != self.from) => change.is_ok(),
            };
            if !self.caller.still_signed_in(&self.state) {
                return None;
            }
            let events = if news {
                tokio::select! {
                    () = stop.cancelled() => return None,
                    () = tokio::time::sleep(GATHER) => self.news(),
                }
            } else {
                self.health_event().into_iter().collect()
            };
            if !events.is_empty() {
                return Some((events, self));
            }
        }
    }

    fn news(&mut self) -> Vec<Event> {
        let (news, next) = match self.hub.since(self.from) {
            Since::News(news, next) => (news, next),
            Since::TooOld(next) => {
                self.from = next;
                let event = Event::default()
                    .event("reset")
                    .id(self.hub.event_id(next))
                    .data("{}");
                return vec![event];
            }
        };
        self.from = next;
        let mut events = self.changed(news);
        events.extend(json_event("counts", &self.counts()).map(|event| event.id(self.hub.event_id(next))));
        events
    }

    /// Each group and incident that may be seen once, as it is now.
    fn changed(&self, news: Vec<News>) -> Vec<Event> {
        let viewer = self.viewer();
        let (mut groups, mut incidents) = (BTreeMap::new(), BTreeMap::new());
        for item in news {
            match item {
                News::Group(group) if viewer.sees(&group) => drop(groups.insert(group.id, group)),
                News::Incident(incident) if viewer.sees_incident(&incident) => {
                    incidents.insert(incident.number, incident);
                }
                _ => {}
            }
        }
        let records = self.state.board.read();
        let groups = groups
            .values()
            .filter_map(|group| json_event("group", &viewer.group(group, &records)));
        let incidents = incidents
            .values()
            .filter_map(|found| json_event("incident", &viewer.incident(found, &records)));
        groups.chain(incidents).collect()
    }

    fn counts(&self) -> Counts {
        let (viewer, records) = (self.viewer(), self.state.board.read());
        Counts {
            inbox_open: records.open_groups(|group| viewer.sees(group)) as u64,
            incidents_open: records.open_incidents(|incident| viewer.sees_incident(incident)) as u64,
        }
    }

    fn health_event(&self) -> Option<Event> {
        let mut sources = self.state.sources.sources();
        sources.retain(|source| self.caller.scope.admits(&source.agency));
        json_event("health", &sources)
    }

    fn viewer(&self) -> Viewer<'_> {
        let Self {
            state,
            caller,
            language,
            ..
        } = self;
        Viewer {
            state,
            scope: &caller.scope,
            language: *language,
            now: state.now(),
        }
    }
}

/// An event with a JSON body. Our shapes always serialise; one that did not would be left out and logged.
fn json_event<T: Serialize>(name: &str, data: &T) -> Option<Event> {
    match Event::default().event(name).json_data(data) {
        Ok(event) => Some(event),
        Err(error) => {
            tracing::error!(%error, name, "event left out");
            None
        }
    }
}

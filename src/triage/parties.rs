//! Who acts and who is acted upon: from an alert's addresses and names to a target, an actor and what joins them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use saola_event::{Alert, Engine, Entities};

use super::{Actor, AssetRef, Entity, Group, Target};
use crate::agency::{Asset, AssetRole, AssetTable};

/// The parties of one alert.
#[derive(Clone, Debug)]
pub(super) struct Parties {
    pub(super) target: Target,
    pub(super) actor: Option<Actor>,
    pub(super) agency: Arc<str>,
    pub(super) entities: BTreeSet<Entity>,
}

/// Whether the alert is about an answer: its addresses are the packet's, and the one who asked is the receiver.
fn answers(alert: &Alert) -> bool {
    let direction = alert.event.get("direction").and_then(serde_json::Value::as_str);
    alert.engine == Engine::Network && direction == Some("to_client")
}

/// Whether somebody asked a name server: that is about who asked.
fn asks_for_a_name(alert: &Alert) -> bool {
    let Entities {
        src_port, dest_port, ..
    } = &alert.entities;
    [src_port, dest_port].contains(&&Some(53))
}

/// Log sources whose machine speaks of its clients, not of itself.
const SPEAKS_OF_CLIENTS: [&str; 4] = ["dns", "dns_query", "proxy", "firewall"];

impl Parties {
    pub(super) fn of(alert: &Alert, assets: &AssetTable) -> Self {
        let entities = &alert.entities;
        let host = entities.host.as_deref().filter(|host| !host.is_empty());
        let logged = matches!(alert.engine, Engine::Log | Engine::Correlation);
        let (src, dest) = if answers(alert) {
            (entities.dest_ip, entities.src_ip)
        } else {
            (entities.src_ip, entities.dest_ip)
        };
        let (target, actor) = match (src, dest, host) {
            (_, _, Some(_)) | (_, None, None) if logged => from_log(alert, assets, host, src, dest),
            (Some(src), Some(dest), _) => from_flow(alert, assets, src, dest),
            (src, dest, host) => {
                let ip = dest.or(src);
                (
                    target_of(assets, ip, host),
                    src.filter(|_| dest.is_some()).map(|ip| acting(ip, false)),
                )
            }
        };
        let actor = actor.or_else(|| by_account(entities.user.as_deref()));
        let asset = target
            .asset
            .as_ref()
            .and_then(|asset| assets.by_name(&asset.name));
        let agency = asset.map_or_else(|| Arc::clone(&alert.agency), |asset| Arc::clone(&asset.agency));
        let mut entities = joined_by(alert, &target, actor.as_ref());
        entities.extend(passed_on_by(assets, dest, &target, actor.as_ref()));
        Self {
            target,
            actor,
            agency,
            entities,
        }
    }
}

/// A log record: the machine that speaks is the target, unless it speaks of what passes through it. A record that names
/// no machine (web servers' do not) is of the machine that its source is named after, or of the source.
fn from_log(
    alert: &Alert,
    assets: &AssetTable,
    host: Option<&str>,
    src: Option<IpAddr>,
    dest: Option<IpAddr>,
) -> (Target, Option<Actor>) {
    let speaker = host.map_or_else(|| assets.by_source(&alert.source), |host| assets.by_name(host));
    let host = host
        .or_else(|| speaker.map(|asset| &*asset.host))
        .unwrap_or(&alert.source);
    let of_clients = SPEAKS_OF_CLIENTS.contains(&&*alert.rule.class) || speaker.is_some_and(is_shared);
    match src {
        Some(src) if of_clients && ours(assets, src) => {
            let outside = dest
                .filter(|dest| !ours(assets, *dest))
                .map(|dest| acting(dest, true));
            (target_of(assets, Some(src), None), outside)
        }
        _ => {
            // The machine that speaks, wherever the record says the connection went.
            let ip = speaker.and_then(|asset| asset.ips.first().copied());
            let actor = src.filter(|src| Some(*src) != ip && !src.is_loopback() && !src.is_unspecified());
            (
                target_of(assets, ip, Some(host)),
                actor.map(|src| acting(src, false)),
            )
        }
    }
}

/// A flow: the side that is ours is the target; when both are, the side that was called, unless that one serves many.
fn from_flow(alert: &Alert, assets: &AssetTable, src: IpAddr, dest: IpAddr) -> (Target, Option<Actor>) {
    let serves_many = asks_for_a_name(alert) || assets.by_ip(dest).is_some_and(is_shared);
    match (ours(assets, src), ours(assets, dest)) {
        (true, false) => (target_of(assets, Some(src), None), Some(acting(dest, true))),
        (true, true) if serves_many => (target_of(assets, Some(src), None), None),
        _ => (target_of(assets, Some(dest), None), Some(acting(src, false))),
    }
}

/// The server of ours that a request went to when the target is who asked.
fn passed_on_by(
    assets: &AssetTable,
    dest: Option<IpAddr>,
    target: &Target,
    actor: Option<&Actor>,
) -> Option<Entity> {
    let relay = assets.by_ip(dest.filter(|dest| target.ip != Some(*dest) && actor.is_none())?)?;
    Some(Entity::Host(relay.host.to_lowercase()))
}

fn is_shared(asset: &Arc<Asset>) -> bool {
    asset.role == Some(AssetRole::Shared)
}

fn acting(ip: IpAddr, called: bool) -> Actor {
    Actor {
        ip: Some(ip),
        user: None,
        called,
    }
}

fn by_account(user: Option<&str>) -> Option<Actor> {
    let user = user.filter(|user| !user.is_empty())?;
    Some(Actor {
        ip: None,
        user: Some(user.to_owned()),
        called: false,
    })
}

/// Whether an address is one of our machines or lies in a private range (RFC 1918, RFC 4193, link-local).
fn ours(assets: &AssetTable, ip: IpAddr) -> bool {
    let private = match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local() || ip.is_loopback(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_loopback(),
    };
    private || assets.by_ip(ip).is_some()
}

fn target_of(assets: &AssetTable, ip: Option<IpAddr>, host: Option<&str>) -> Target {
    let asset = ip
        .and_then(|ip| assets.by_ip(ip))
        .or_else(|| host.and_then(|host| assets.by_name(host)));
    Target {
        ip: ip.or_else(|| asset.and_then(|asset| asset.ips.first().copied())),
        host: host.map(str::to_owned),
        asset: asset.map(|asset| AssetRef {
            name: Arc::clone(&asset.host),
            system: Arc::clone(&asset.system),
            level: asset.level,
        }),
    }
}

/// Accounts that many processes share: they join nothing.
const COMMON_ACCOUNTS: [&str; 8] = [
    "root",
    "www-data",
    "nobody",
    "system",
    "administrator",
    "admin",
    "postfix",
    "-",
];

fn joined_by(alert: &Alert, target: &Target, actor: Option<&Actor>) -> BTreeSet<Entity> {
    let lower = |text: &String| text.trim().to_lowercase();
    let named = |text: &String| !text.is_empty();
    let user = alert
        .entities
        .user
        .as_ref()
        .map(lower)
        .filter(|user| named(user) && !COMMON_ACCOUNTS.contains(&user.as_str()));
    let domain = alert.entities.domain.as_ref().map(lower).filter(named);
    let machine = match (&target.asset, &target.host, target.ip) {
        (None, None, Some(ip)) => Some(Entity::Ip(ip)),
        (None, None, None) => None,
        _ => Some(Entity::Host(target.label().to_lowercase())),
    };
    let all = [
        machine,
        actor.and_then(|actor| actor.ip).map(Entity::Ip),
        user.map(Entity::User),
        domain.map(Entity::Domain),
    ];
    all.into_iter().flatten().take(Group::MAX_ENTITIES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::testing::{alert, assets};

    fn label(actor: Option<&Actor>) -> String {
        actor
            .and_then(|actor| actor.ip)
            .map(|ip| ip.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn packets_and_logs_of_one_attack_have_one_target_and_one_actor() {
        let assets = assets();
        let packets = alert("2001", Engine::Network)
            .flow("203.0.113.66", "10.10.20.10")
            .done();
        let log = alert("sigma", Engine::Log)
            .host("dvc-web01")
            .src("203.0.113.66")
            .done();
        let (packets, log) = (Parties::of(&packets, &assets), Parties::of(&log, &assets));
        assert_eq!(packets.target.label(), "dvc-web01");
        assert_eq!(log.target.label(), "dvc-web01");
        assert_eq!(label(packets.actor.as_ref()), label(log.actor.as_ref()));
        assert_eq!((&*packets.agency, &*log.agency), ("skhcn", "skhcn"));
        assert_eq!(packets.entities, log.entities);
    }

    #[test]
    fn a_machine_of_ours_that_calls_out_is_the_target() {
        let call = alert("2001", Engine::Network)
            .flow("10.10.32.12", "198.51.100.23")
            .done();
        let parties = Parties::of(&call, &assets());
        assert_eq!(parties.target.label(), "pc-suoilanh-02");
        assert!(parties.actor.unwrap().called);
    }

    #[test]
    fn the_resolver_speaks_of_its_clients_in_packets_and_in_logs() {
        let packets = alert("2001", Engine::Network)
            .flow("10.10.32.12", "10.10.20.53")
            .done();
        let log = alert("sigma", Engine::Log)
            .host("dns01")
            .src("10.10.32.12")
            .done();
        for alert in [packets, log] {
            assert_eq!(Parties::of(&alert, &assets()).target.label(), "pc-suoilanh-02");
        }
    }

    #[test]
    fn an_answer_that_gives_the_attack_away_is_about_the_server_and_who_asked() {
        let mut answer = alert("2001", Engine::Network)
            .flow("10.10.20.10", "203.0.113.99")
            .done();
        answer.event = serde_json::json!({"direction": "to_client"});
        let parties = Parties::of(&answer, &assets());
        assert_eq!(parties.target.label(), "dvc-web01");
        assert_eq!(
            parties.actor,
            Some(acting("203.0.113.99".parse().unwrap(), false))
        );
    }

    #[test]
    fn a_record_that_names_no_machine_is_of_the_machine_its_source_is_named_after() {
        let mut log = alert("sigma", Engine::Log).src("203.0.113.99").done();
        log.source = "dvc-web01-access".into();
        let parties = Parties::of(&log, &assets());
        assert_eq!(
            (parties.target.label(), label(parties.actor.as_ref())),
            ("dvc-web01".into(), "203.0.113.99".into())
        );
        log.source = "nginx-other".into();
        assert_eq!(Parties::of(&log, &assets()).target.label(), "nginx-other");
    }

    #[test]
    fn an_alert_without_addresses_is_about_the_machine_that_speaks() {
        let log = alert("sigma", Engine::Log).host("stc-db01").user("ketoan").done();
        let parties = Parties::of(&log, &assets());
        assert_eq!(parties.target.label(), "stc-db01");
        assert_eq!(parties.actor.unwrap().user.as_deref(), Some("ketoan"));
        assert!(parties.entities.contains(&Entity::User("ketoan".to_owned())));
    }
}

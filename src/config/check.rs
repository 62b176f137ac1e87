//! What a configuration that reads well can still get wrong.

use std::collections::BTreeSet;

use super::{Config, MailTls};

/// A key and what is wrong with its value.
pub(super) struct Fault {
    pub(super) key: String,
    pub(super) reason: String,
}

/// The first fault in the order of the file's sections.
pub(super) fn first_fault(config: &Config) -> Option<Fault> {
    site(config)
        .or_else(|| intake(config))
        .or_else(|| console(config))
        .or_else(|| mail(config))
        .or_else(|| sources(config))
        .or_else(|| agencies(config))
        .or_else(|| assets(config))
}

#[expect(clippy::unnecessary_wraps, reason = "every check gives an optional fault")]
fn fault(key: impl Into<String>, reason: impl Into<String>) -> Option<Fault> {
    Some(Fault {
        key: key.into(),
        reason: reason.into(),
    })
}

fn site(config: &Config) -> Option<Fault> {
    if offset_minutes(&config.site.utc_offset).is_none() {
        return fault("site.utc_offset", "must look like +07:00");
    }
    None
}

fn intake(config: &Config) -> Option<Fault> {
    const LEAST: u64 = 16 << 20;
    (1..LEAST).contains(&config.intake.queue_bytes).then(|| {
        fault(
            "intake.queue_bytes",
            "must be 0 (no queue) or at least 16777216 (16 MiB)",
        )
    })?
}

/// Minutes east of UTC of a text such as `+07:00`.
pub(super) fn offset_minutes(text: &str) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then_some(sign * (hours * 60 + minutes))
}

fn console(config: &Config) -> Option<Fault> {
    if config.console.tls.is_none() && !config.console.listen.ip().is_loopback() {
        return fault(
            "console.listen",
            "without [console.tls] only a loopback address may be served; add a certificate or listen on 127.0.0.1",
        );
    }
    None
}

fn mail(config: &Config) -> Option<Fault> {
    let mail = config.mail.as_ref()?;
    if mail.to.is_empty() {
        return fault(
            "mail.to",
            "names nobody; give at least one address or leave out [mail]",
        );
    }
    if let Some(bad) = mail
        .to
        .iter()
        .chain([&mail.from])
        .find(|address| !address.contains('@'))
    {
        return fault("mail.to", format!("'{bad}' is no mail address"));
    }
    if mail.user.is_some() != mail.password_file.is_some() {
        return fault("mail.user", "user and password_file belong together");
    }
    if mail.tls == MailTls::None && mail.user.is_some() {
        return fault(
            "mail.tls",
            "a password is never sent without TLS; use starttls or tls",
        );
    }
    None
}

fn sources(config: &Config) -> Option<Fault> {
    let mut names = BTreeSet::new();
    let named = (config
        .capture
        .iter()
        .enumerate()
        .map(|(i, s)| ("capture", i, &s.name)))
    .chain(
        config
            .syslog
            .iter()
            .enumerate()
            .map(|(i, s)| ("syslog", i, &s.name)),
    )
    .chain(config.file.iter().enumerate().map(|(i, s)| ("file", i, &s.name)))
    .chain(config.http.iter().enumerate().map(|(i, s)| ("http", i, &s.name)));
    for (section, index, name) in named {
        let key = format!("{section}[{index}].name");
        if !is_plain_name(name) {
            return fault(key, format!("'{name}': use letters, digits, '-', '_' and '.'"));
        }
        if !names.insert(name) {
            return fault(
                key,
                format!("'{name}' is used twice; each source needs a name of its own"),
            );
        }
    }
    listeners(config)
}

fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn listeners(config: &Config) -> Option<Fault> {
    for (index, source) in config.syslog.iter().enumerate() {
        let secure = source.tls.is_some() || source.relp_tls.is_some();
        let plain = source.udp.is_some() || source.tcp.is_some() || source.relp.is_some();
        if !secure && !plain {
            return fault(
                format!("syslog[{index}].name"),
                "listens nowhere; give udp, tcp, tls, relp or relp_tls an address such as 0.0.0.0:514",
            );
        }
        if secure != source.tls_with.is_some() {
            return fault(
                format!("syslog[{index}].tls_with"),
                "tls and relp_tls need tls_with (certificate and key), and nothing else uses it",
            );
        }
    }
    if let Some(index) = config
        .http
        .iter()
        .position(|source| source.http.is_none() && source.tcp.is_none())
    {
        return fault(
            format!("http[{index}].name"),
            "listens nowhere; give http or tcp an address",
        );
    }
    let known = ["ring", "pnet"];
    let unknown = config
        .capture
        .iter()
        .position(|capture| !known.contains(&capture.backend.as_str()));
    unknown.and_then(|index| {
        fault(
            format!("capture[{index}].backend"),
            "must be \"ring\" or \"pnet\"",
        )
    })
}

fn agencies(config: &Config) -> Option<Fault> {
    let ids: BTreeSet<&str> = config.agency.iter().map(|agency| &*agency.id).collect();
    for (index, agency) in config.agency.iter().enumerate() {
        if config
            .agency
            .iter()
            .take(index)
            .any(|earlier| earlier.id == agency.id)
        {
            return fault(
                format!("agency[{index}].id"),
                format!("'{}' is used twice", agency.id),
            );
        }
        if let Some(parent) = agency.parent.as_deref().filter(|parent| !ids.contains(parent)) {
            return fault(
                format!("agency[{index}].parent"),
                format!("no agency has the id '{parent}'"),
            );
        }
        if is_own_ancestor(config, &agency.id) {
            return fault(
                format!("agency[{index}].parent"),
                format!("'{}' stands above itself", agency.id),
            );
        }
    }
    unknown_agency(config, &ids)
}

fn is_own_ancestor(config: &Config, id: &str) -> bool {
    let parent = |id: &str| {
        config
            .agency
            .iter()
            .find(|agency| &*agency.id == id)?
            .parent
            .as_deref()
    };
    let mut above = parent(id);
    for _ in 0..config.agency.len() {
        match above {
            None => return false,
            Some(found) if found == id => return true,
            Some(found) => above = parent(found),
        }
    }
    true
}

/// Agencies named by sources must stand in the tree, once there is a tree.
fn unknown_agency(config: &Config, ids: &BTreeSet<&str>) -> Option<Fault> {
    if ids.is_empty() {
        return None;
    }
    let unknown = named_agencies(config)
        .into_iter()
        .find(|(_, _, agency)| !ids.contains(agency));
    if let Some((section, index, agency)) = unknown {
        return fault(
            format!("{section}[{index}].agency"),
            format!("no [[agency]] has the id '{agency}'"),
        );
    }
    let own = config.site.agency.as_str();
    (!ids.contains(own)).then(|| fault("site.agency", format!("no [[agency]] has the id '{own}'")))?
}

/// Every agency that a source or asset names: its section, place and id.
fn named_agencies(config: &Config) -> Vec<(&'static str, usize, &str)> {
    let captures = config.capture.iter().map(|source| source.agency.as_deref());
    let syslogs = config.syslog.iter().map(|source| source.agency.as_deref());
    let files = config.file.iter().map(|source| source.agency.as_deref());
    let https = config.http.iter().map(|source| source.agency.as_deref());
    let assets = config.asset.iter().map(|asset| Some(&*asset.agency));
    let mut named = Vec::new();
    for (section, agencies) in [
        ("capture", captures.collect::<Vec<_>>()),
        ("syslog", syslogs.collect()),
        ("file", files.collect()),
        ("http", https.collect()),
        ("asset", assets.collect()),
    ] {
        let given = agencies.into_iter().enumerate();
        named.extend(given.filter_map(|(index, agency)| Some((section, index, agency?))));
    }
    named
}

fn assets(config: &Config) -> Option<Fault> {
    for (index, asset) in config.asset.iter().enumerate() {
        if asset.host.is_empty() && asset.ips.is_empty() && asset.names.is_empty() {
            return fault(
                format!("asset[{index}].host"),
                "has neither host, names nor ips, so nothing can be known as it",
            );
        }
        if asset.level > 5 {
            return fault(
                format!("asset[{index}].level"),
                "legal levels are 1 to 5; 0 where there is none",
            );
        }
    }
    None
}

//! Texts in, rules and diagnostics out.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use saola_net::Direction;

use crate::config::{Classification, GlobalThresholds, References, Variables};
use crate::diagnostic::{Diagnostic, Reason};
use crate::keyword::{self, Builder, MAX_OPTIONS, Shared};
use crate::lists::ReadList;
use crate::parse::{Groups, options, split_rule};
use crate::parse::{RawRule, logical_lines};
use crate::rule::{
    Action, ActionOrder, App, Buffer, Condition, Effect, FastPattern, Header, Rule, RuleId, RuleProtocol,
    Side, Stage, Step, Track,
};

/// Bytes one rule may have; the longest public rule has 14 KB.
const MAX_RULE_BYTES: usize = 64 << 10;

/// One text of rules with a name for messages, usually its path.
#[derive(Clone, Copy, Debug)]
pub struct RuleText<'a> {
    /// Name for messages.
    pub path: &'a str,
    /// The rules.
    pub text: &'a str,
}

/// What rules lean on.
#[derive(Clone, Debug, Default)]
pub struct RuleConfig {
    /// `$HOME_NET` and the others.
    pub variables: Variables,
    /// Classes of rules.
    pub classification: Classification,
    /// Systems of references.
    pub references: References,
    /// Suppressions and thresholds by rule number.
    pub thresholds: GlobalThresholds,
    /// Which actions come first when several rules match.
    pub action_order: ActionOrder,
    /// Reads lists that rules name; without it no list is there.
    pub lists: Option<Arc<dyn ReadList>>,
}

impl RuleConfig {
    /// Sets `action-order.N` to an action. `Ok(false)`: the key is not of this part.
    pub fn set(&mut self, key: &str, value: &str) -> Result<bool, String> {
        let Some(at) = key.strip_prefix("action-order.") else {
            return Ok(false);
        };
        let at = at.parse().map_err(|_| format!("{key}: the place is no number"))?;
        let action = action(value).map_err(|_| format!("{key}: `{value}` is no action"))?;
        self.action_order.set(at, action);
        Ok(true)
    }
}

/// All rules that can be compiled.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// In the order of the texts.
    pub rules: Vec<Rule>,
    /// Suppressions and thresholds by rule number.
    pub thresholds: GlobalThresholds,
    /// Names of flow bits and counters and host bits by number, with their keyword before a colon.
    pub bit_names: Vec<Arc<str>>,
    /// Texts that looked like rules.
    pub seen: usize,
    /// Which actions come first.
    pub action_order: ActionOrder,
}

impl RuleSet {
    /// Reads rule texts. A rule that cannot be loaded becomes a diagnostic; the others load.
    pub fn load(texts: &[RuleText<'_>], config: &RuleConfig) -> (Self, Vec<Diagnostic>) {
        let mut loader = Loader {
            config,
            groups: Groups::new(&config.variables),
            shared: Shared::default(),
            diagnostics: Vec::new(),
            set: Self::default(),
            numbers: FxHashMap::default(),
        };
        for text in texts {
            loader.text(*text);
        }
        loader.set.thresholds = config.thresholds.clone();
        loader.set.action_order = config.action_order;
        loader.set.bit_names = loader.shared.bits.list();
        (loader.set, loader.diagnostics)
    }
}

struct Loader<'a> {
    config: &'a RuleConfig,
    groups: Groups<'a>,
    shared: Shared,
    diagnostics: Vec<Diagnostic>,
    set: RuleSet,
    /// Index of each (gid, sid).
    numbers: FxHashMap<(u32, u32), usize>,
}

/// Why a rule failed, at which byte of its text, and its sid if it was read.
struct Failure {
    reason: Reason,
    offset: usize,
    sid: Option<u32>,
}

impl Loader<'_> {
    fn text(&mut self, text: RuleText<'_>) {
        let path: Arc<str> = text.path.into();
        for line in logical_lines(text.text) {
            self.set.seen += 1;
            let start = line.position(0).0;
            match self.rule(&line.text, &path, start) {
                Ok(rule) => self.add(rule),
                Err(failure) => {
                    let (line, column) = line.position(failure.offset);
                    self.diagnostics.push(Diagnostic {
                        path: Arc::clone(&path),
                        line,
                        column,
                        sid: failure.sid,
                        reason: failure.reason,
                    });
                }
            }
        }
    }

    /// Keeps the higher revision of two rules with the same number.
    fn add(&mut self, rule: Rule) {
        let key = (rule.id.gid, rule.id.sid);
        let Some(index) = self.numbers.get(&key) else {
            self.numbers.insert(key, self.set.rules.len());
            self.set.rules.push(rule);
            return;
        };
        let Some(first) = self.set.rules.get_mut(*index) else {
            return;
        };
        let loser = if rule.id.rev > first.id.rev {
            std::mem::replace(first, rule)
        } else {
            rule
        };
        self.diagnostics.push(Diagnostic {
            path: loser.path,
            line: loser.line,
            column: 1,
            sid: Some(loser.id.sid),
            reason: Reason::Duplicate(loser.id.sid),
        });
    }

    fn rule(&mut self, text: &str, path: &Arc<str>, line: u32) -> Result<Rule, Failure> {
        let at_start = |reason| Failure {
            reason,
            offset: 0,
            sid: sid_of(text),
        };
        if text.len() > MAX_RULE_BYTES {
            return Err(at_start(Reason::Limit(format!(
                "the rule is longer than {MAX_RULE_BYTES} bytes"
            ))));
        }
        let raw = split_rule(text).map_err(at_start)?;
        let action = action(raw.action).map_err(at_start)?;
        let (protocol, hook) = protocol_and_hook(raw.protocol).map_err(at_start)?;
        let two_sided = raw.direction == "=>";
        let header = header(&mut self.groups, &raw).map_err(at_start)?;
        let mut builder = Builder::new(
            &mut self.shared,
            &self.config.classification,
            &self.config.references,
            self.config.lists.as_deref(),
            path,
        );
        builder.conditions.extend(hook);
        for (count, option) in options(raw.options).enumerate() {
            let result = if count >= MAX_OPTIONS {
                Err(Reason::Limit(format!("more than {MAX_OPTIONS} options")))
            } else {
                keyword::apply(&mut builder, &option)
            };
            result.map_err(|reason| Failure {
                reason,
                offset: raw.options_at + option.offset,
                sid: builder.sid.or_else(|| sid_of(text)),
            })?;
        }
        let sid = builder.sid;
        let place = Place { path, line };
        finish(builder, action, protocol, header, two_sided, place).map_err(|reason| Failure {
            reason,
            offset: 0,
            sid,
        })
    }
}

/// The sid of a rule that could not be read so far, by a plain search: better than none in a message.
fn sid_of(text: &str) -> Option<u32> {
    let rest = text.rsplit_once("sid:")?.1.trim_start();
    let end = rest
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

fn action(text: &str) -> Result<Action, Reason> {
    match text {
        "alert" => Ok(Action::Alert),
        "pass" => Ok(Action::Pass),
        "drop" => Ok(Action::Drop),
        "config" => Ok(Action::Config),
        "reject" | "rejectsrc" | "rejectdst" | "rejectboth" => Ok(Action::Reject),
        _ => Err(Reason::Shape(format!("unknown action `{text}`"))),
    }
}

/// The protocol and, after a colon, the hook: how far one side of a transaction must have come.
fn protocol_and_hook(text: &str) -> Result<(RuleProtocol, Option<Condition>), Reason> {
    let Some((name, hook)) = text.split_once(':') else {
        return Ok((protocol(text)?, None));
    };
    let protocol = protocol(name)?;
    let unknown = || Reason::Protocol(text.to_owned());
    let RuleProtocol::App(_) = protocol else {
        return Err(Reason::unsupported(text, "hooks of packets are for inline use"));
    };
    let (side, place) = hook.split_once('_').ok_or_else(unknown)?;
    let direction = match side {
        "request" | "client" => Direction::ToServer,
        "response" | "server" => Direction::ToClient,
        _ => return Err(unknown()),
    };
    let stage = match place {
        "started" | "in_progress" => Stage::Started,
        "line" | "hello_done" => Stage::Line,
        "headers" | "cert_done" => Stage::Headers,
        "body" => Stage::Body,
        "trailer" | "complete" | "finished" | "handshake_done" => Stage::Complete,
        _ => return Err(unknown()),
    };
    let repeats = stage == Stage::Body;
    Ok((
        protocol,
        Some(Condition::Hook {
            direction,
            stage,
            repeats,
        }),
    ))
}

fn protocol(text: &str) -> Result<RuleProtocol, Reason> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "ip" => RuleProtocol::Ip,
        "ipv4" | "ip4" => RuleProtocol::IpVersion(4),
        "ipv6" | "ip6" => RuleProtocol::IpVersion(6),
        "tcp" => RuleProtocol::Tcp,
        "tcp-pkt" => RuleProtocol::TcpPacket,
        "tcp-stream" => RuleProtocol::TcpStream,
        "udp" => RuleProtocol::Udp,
        "icmp" | "icmpv4" | "icmpv6" => RuleProtocol::Icmp,
        "sctp" => RuleProtocol::Sctp,
        "pkthdr" => RuleProtocol::PacketHeader,
        other => {
            let app = App::from_name(other).ok_or_else(|| Reason::Protocol(text.to_owned()))?;
            if !app.is_parsed() {
                return Err(Reason::unsupported(app.name(), "the protocol is not parsed yet"));
            }
            RuleProtocol::App(app)
        }
    })
}

fn header(groups: &mut Groups<'_>, raw: &RawRule<'_>) -> Result<Header, Reason> {
    let both_ways = match raw.direction {
        "->" => false,
        "<>" => true,
        // Both directions of a transaction are tested: its ends are those of the flow.
        "=>" => false,
        other => {
            return Err(Reason::Shape(format!(
                "unknown direction `{other}`: write ->, <> or =>"
            )));
        }
    };
    Ok(Header {
        source: groups.addresses(raw.source)?,
        source_ports: groups.ports(raw.source_ports)?,
        destination: groups.addresses(raw.destination)?,
        destination_ports: groups.ports(raw.destination_ports)?,
        both_ways,
    })
}

#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a Arc<str>,
    line: u32,
}

fn finish(
    builder: Builder<'_>,
    action: Action,
    protocol: RuleProtocol,
    header: Header,
    two_sided: bool,
    place: Place<'_>,
) -> Result<Rule, Reason> {
    let slots = builder.slot_count();
    let frame = match (&builder.frame, protocol) {
        (None, _) => None,
        (Some((Some(app), kind)), _) => Some((*app, Arc::clone(kind))),
        (Some((None, kind)), RuleProtocol::App(app)) => Some((app, Arc::clone(kind))),
        (Some((None, kind)), _) => {
            let why = format!("name the frame's protocol too, such as `dns.{kind}`");
            return Err(Reason::value("frame", why));
        }
    };
    let rule = Rule {
        id: RuleId {
            gid: builder.gid,
            sid: builder.sid.ok_or(Reason::NoSid)?,
            rev: builder.rev,
        },
        path: Arc::clone(place.path),
        line: place.line,
        action,
        protocol,
        header,
        message: builder.message.unwrap_or_else(|| "".into()),
        class: builder.class.unwrap_or_else(|| "".into()),
        category: builder.category,
        // The default priority of rules without class is 3.
        priority: builder.priority.or(builder.class_priority).unwrap_or(3),
        metadata: builder.metadata.into(),
        references: builder.references.into(),
        target: builder.target,
        flow: builder.flow,
        conditions: builder.conditions,
        tests: builder
            .tests
            .into_iter()
            .filter(|test| !test.steps.is_empty())
            .collect(),
        effects: builder.effects,
        threshold: builder.threshold,
        silent: builder.silent,
        announces: builder.announces,
        slots,
        tags: builder.tags,
        frame,
        two_sided,
        apps: builder.apps.into(),
    };
    check(&rule)?;
    if rule.frame.is_some() && rule.is_transactional() {
        return Err(Reason::place("frame", "does not go with buffers of transactions"));
    }
    Ok(rule)
}

/// What can only be seen when the rule is whole.
fn check(rule: &Rule) -> Result<(), Reason> {
    check_directions(rule)?;
    check_protocols(rule)?;
    check_steps(rule)?;
    let asks_host = rule
        .conditions
        .iter()
        .any(|condition| matches!(condition, Condition::HostBit(_)));
    let changes_flow = rule
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::Flowbit { .. } | Effect::Flowint { .. }));
    if asks_host && changes_flow {
        return Err(Reason::unsupported(
            "xbits",
            "a rule that asks for a host's bit cannot change the flow's bits: they are decided on different threads",
        ));
    }
    if rule
        .threshold
        .is_some_and(|threshold| threshold.track == Track::ByFlow)
        && !rule.may_have_flow()
    {
        return Err(Reason::value(
            "threshold",
            "track by_flow needs a protocol with flows",
        ));
    }
    Ok(())
}

fn check_directions(rule: &Rule) -> Result<(), Reason> {
    if rule.two_sided {
        return check_two_sided(rule);
    }
    let mut direction = rule.flow.direction;
    for test in &rule.tests {
        let Some(wanted) = test.direction() else {
            continue;
        };
        if *direction.get_or_insert(wanted) != wanted {
            return Err(Reason::place(
                test.buffer.name(),
                "the rule looks at both directions at once: write => between its ends",
            ));
        }
    }
    Ok(())
}

/// `=>` needs a protocol's transactions, and every buffer must say whose it is.
fn check_two_sided(rule: &Rule) -> Result<(), Reason> {
    if !matches!(rule.protocol, RuleProtocol::App(_)) || !rule.is_transactional() {
        return Err(Reason::place(
            "=>",
            "needs an application protocol and buffers of it",
        ));
    }
    if rule.flow.direction.is_some() {
        return Err(Reason::place("flow", "a direction does not go with =>"));
    }
    for test in &rule.tests {
        if test.direction().is_none() {
            return Err(Reason::place(
                test.buffer.name(),
                "in a rule with => write whose it is: to_server or to_client after a colon",
            ));
        }
    }
    Ok(())
}

fn check_protocols(rule: &Rule) -> Result<(), Reason> {
    let header_app = match rule.protocol {
        RuleProtocol::App(app) => Some(app),
        _ => None,
    };
    for test in rule.tests.iter().filter(|test| test.buffer.is_transactional()) {
        let apps = test.buffer.apps();
        if header_app.is_some_and(|app| app.carriers().iter().all(|app| !apps.contains(app))) {
            return Err(Reason::place(
                test.buffer.name(),
                format!("protocol {} does not have it", header_app.map_or("", App::name)),
            ));
        }
        if matches!(
            rule.protocol,
            RuleProtocol::Icmp | RuleProtocol::PacketHeader | RuleProtocol::TcpPacket
        ) {
            return Err(Reason::place(
                test.buffer.name(),
                "the rule's protocol has no transactions",
            ));
        }
    }
    if rule.common_apps().is_some_and(|apps| apps.is_empty()) {
        return Err(Reason::Shape(
            "the rule's buffers belong to different protocols".into(),
        ));
    }
    // A rule that could never fire is said so instead of loaded.
    if let Some(apps) = rule.common_apps()
        && let Some(app) = apps.first()
        && !apps.iter().any(|app| app.is_parsed())
    {
        return Err(Reason::unsupported(app.name(), "the protocol is not parsed yet"));
    }
    Ok(())
}

fn check_steps(rule: &Rule) -> Result<(), Reason> {
    let mut fast = 0;
    for test in &rule.tests {
        for step in &test.steps {
            match step {
                Step::Content(content) => fast += usize::from(content.fast_pattern.is_some()),
                Step::Absent { or_else: false } if test.steps.len() > 1 => {
                    return Err(Reason::place(
                        "absent",
                        "other tests of the buffer need `absent: or_else`",
                    ));
                }
                _ => {}
            }
            if let Step::Content(content) = step
                && content.negated
                && content.fast_pattern == Some(FastPattern::Only)
            {
                return Err(Reason::place(
                    "fast_pattern",
                    "a negated content cannot be the only check",
                ));
            }
        }
        if test.buffer.side() == Side::Packet && rule.flow.only_stream {
            return Err(Reason::place(
                test.buffer.name(),
                "packet headers do not go with only_stream",
            ));
        }
    }
    if fast > 1 {
        return Err(Reason::place("fast_pattern", "a rule has one fast pattern"));
    }
    Ok(())
}

impl Rule {
    /// Whether packets of the rule's protocol can belong to a flow.
    fn may_have_flow(&self) -> bool {
        !matches!(self.protocol, RuleProtocol::PacketHeader)
    }

    /// Protocols that have all buffers of the rule and that its header and keywords allow; `None` when it looks at no
    /// transaction.
    pub(crate) fn common_apps(&self) -> Option<Vec<App>> {
        let mut common: Option<Vec<App>> = match self.protocol {
            RuleProtocol::App(app) => Some(app.carriers().to_vec()),
            _ => None,
        };
        let mut narrow = |apps: &[App]| match &mut common {
            Some(common) => common.retain(|app| apps.contains(app)),
            None => common = Some(apps.to_vec()),
        };
        for test in self.tests.iter().filter(|test| test.buffer.is_transactional()) {
            narrow(test.buffer.apps());
        }
        for app in &*self.apps {
            narrow(app.carriers());
        }
        common
    }

    /// Whether it looks at buffers of transactions.
    pub(crate) fn is_transactional(&self) -> bool {
        self.tests.iter().any(|test| test.buffer.is_transactional())
    }

    /// Whether it looks at the payload or stream.
    pub(crate) fn has_payload_test(&self) -> bool {
        self.tests.iter().any(|test| test.buffer == Buffer::Payload)
    }
}

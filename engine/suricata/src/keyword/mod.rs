//! What each keyword means: option text in, a part of the rule out.
//!
//! One table maps names to functions; the functions stand in one module per subject and write into the [`Builder`].

mod app_layer;
mod bits;
mod buffers;
mod builder;
mod content;
mod flow;
mod lists;
mod meta;
mod modbus;
mod numbers;
mod packet;
mod payload;
mod protocols;
mod transforms;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use saola_net::Direction;

use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{App, Buffer};
pub(crate) use builder::{Builder, MAX_OPTIONS, Shared};
pub(crate) use flow::Parts as ThresholdParts;

/// What a keyword does with its option.
pub(crate) type Apply = fn(&mut Builder<'_>, &OptionText<'_>) -> Result<(), Reason>;

/// One keyword of the language.
#[derive(Clone, Copy)]
enum Keyword {
    /// Read by a function.
    Apply(Apply),
    /// A sticky buffer.
    Buffer(Buffer),
    /// An old modifier: the content before it moves to the buffer.
    Modifier(Buffer),
    /// Known, and refused with this reason.
    Refused(&'static str),
}

static KEYWORDS: LazyLock<FxHashMap<&'static str, Keyword>> = LazyLock::new(|| {
    let mut table = FxHashMap::default();
    let tables = [
        meta::TABLE,
        content::TABLE,
        payload::TABLE,
        packet::TABLE,
        numbers::TABLE,
        protocols::TABLE,
        flow::TABLE,
        bits::TABLE,
        app_layer::TABLE,
        transforms::TABLE,
        buffers::TABLE,
        lists::TABLE,
    ];
    for (name, apply) in tables.into_iter().flatten() {
        table.insert(*name, Keyword::Apply(*apply));
    }
    for buffer in Buffer::ALL.iter().filter(|buffer| buffer.is_keyword()) {
        // A name that a table above reads in its own way stays with it.
        table.entry(buffer.name()).or_insert(Keyword::Buffer(*buffer));
        for alias in buffer.aliases() {
            table.entry(alias).or_insert(Keyword::Buffer(*buffer));
        }
        for modifier in buffer.modifiers() {
            table.insert(modifier, Keyword::Modifier(*buffer));
        }
    }
    for (name, why) in REFUSED {
        table.insert(name, Keyword::Refused(why));
    }
    table
});

/// Keywords that exist and are not done here, with the reason a diagnostic gives.
const REFUSED: &[(&str, &str)] = &[
    ("asn1", "ASN.1 structures are not decoded"),
    ("ftpbounce", "the FTP PORT command is not checked"),
    ("geoip", "there is no location data base in the packet engine"),
    ("iprep", "address reputation is not supported yet"),
    ("lua", "scripts in rules are refused: a rule must not run code"),
    ("luajit", "scripts in rules are refused: a rule must not run code"),
    (
        "luaxform",
        "scripts in rules are refused: a rule must not run code",
    ),
    ("rpc", "RPC calls are not decoded"),
];

/// Names of all keywords that load, sorted; for documentation and tests.
pub fn keyword_names() -> Vec<&'static str> {
    let mut names: Vec<_> = KEYWORDS
        .iter()
        .filter(|(_, keyword)| !matches!(keyword, Keyword::Refused(_)))
        .map(|(name, _)| *name)
        .collect();
    names.sort_unstable();
    names
}

/// Whether a keyword is known, for `requires: keyword NAME`.
pub(crate) fn is_known(name: &str) -> bool {
    matches!(KEYWORDS.get(name), Some(keyword) if !matches!(keyword, Keyword::Refused(_)))
}

/// Writes one option into the rule.
pub(crate) fn apply(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    match KEYWORDS.get(option.name) {
        Some(Keyword::Apply(apply)) => apply(builder, option),
        Some(Keyword::Buffer(buffer)) => {
            let way = way(option)?;
            builder.enter(*buffer, way);
            Ok(())
        }
        Some(Keyword::Modifier(buffer)) => {
            option.bare()?;
            builder.move_last(*buffer, option.name)
        }
        Some(Keyword::Refused(why)) => Err(Reason::unsupported(option.name, *why)),
        None => Err(unknown(option.name)),
    }
}

/// The side that a sticky buffer's own value names: `file.data: to_client`.
fn way(option: &OptionText<'_>) -> Result<Option<Direction>, Reason> {
    match option.value {
        None | Some("") => Ok(None),
        Some("to_server" | "toserver") => Ok(Some(Direction::ToServer)),
        Some("to_client" | "toclient") => Ok(Some(Direction::ToClient)),
        Some(_) => Err(option.bad("takes no value but to_server or to_client")),
    }
}

/// Unknown keywords of protocols that are not parsed say so.
fn unknown(name: &str) -> Reason {
    let prefix = name.split(['.', '_']).next().unwrap_or_default();
    let prefix = match prefix {
        "dce" => "dcerpc",
        "email" => "smtp",
        "sip" | "sdp" => "sip",
        "ftpdata" => "ftp-data",
        "http2" => "http2",
        other => other,
    };
    match App::from_name(prefix) {
        Some(app) if app.is_parsed() => {
            Reason::unsupported(name, "this part of the protocol is not matched yet")
        }
        Some(app) => Reason::unsupported(name, format!("protocol {} is not parsed yet", app.name())),
        None => Reason::UnknownKeyword(name.to_owned()),
    }
}

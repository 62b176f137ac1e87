//! Keywords that lean on lists: `dataset`, `datarep`, `filemd5` and its like. Also `entropy`.

use std::sync::Arc;

use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::lists::{Format, JsonKeys, ListError, hashes, parse};
use crate::parse::OptionText;
use crate::rule::{
    Buffer, Dataset, DatasetTest, EntropyTest, HashList, NumberTest, ReputationTest, SetKind, SetOp, Step,
    TestOp,
};

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("dataset", dataset),
    ("datarep", datarep),
    ("entropy", entropy),
    ("filemd5", |builder, option| {
        file_hash(builder, option, Buffer::FileMd5, 32)
    }),
    ("filesha1", |builder, option| {
        file_hash(builder, option, Buffer::FileSha1, 40)
    }),
    ("filesha256", |builder, option| {
        file_hash(builder, option, Buffer::FileSha256, 64)
    }),
];

/// Options that `dataset` and `datarep` share.
#[derive(Default)]
struct Options<'a> {
    kind: Option<SetKind>,
    load: Option<&'a str>,
    state: Option<&'a str>,
    format: Format,
    keys: JsonKeys<'a>,
    context: Option<&'a str>,
    subdomain: bool,
}

impl<'a> Options<'a> {
    fn read(words: impl Iterator<Item = &'a str>, option: &OptionText<'_>) -> Result<Self, Reason> {
        let mut options = Self::default();
        for word in words.filter(|word| !word.is_empty()) {
            let (name, value) = word.split_once(char::is_whitespace).unwrap_or((word, ""));
            let value = value.trim();
            match (name, value) {
                ("type", kind) => {
                    let kind = kind_of(kind).ok_or_else(|| option.bad(format!("unknown type `{kind}`")))?;
                    options.kind = Some(kind);
                }
                ("load", file) if !file.is_empty() => options.load = Some(file),
                ("state", file) if !file.is_empty() => options.state = Some(file),
                // Nothing is written: what matches change is kept in memory.
                ("save", file) if !file.is_empty() => {}
                ("format", "csv") => options.format = Format::Lines,
                ("format", "json") => options.format = Format::Json,
                ("format", "ndjson" | "jsonline") => options.format = Format::JsonLines,
                ("value_key", key) => options.keys.value = key,
                ("array_key", key) => options.keys.array = key,
                ("context_key", key) => options.context = Some(key),
                ("remove_key", "") => options.keys.remove = true,
                ("match", "subdomain") => options.subdomain = true,
                ("match", "exact") => options.subdomain = false,
                // Sizes are bounded for all sets alike.
                ("memcap" | "hashsize", _) => {}
                _ => return Err(option.bad(format!("unknown option `{word}`"))),
            }
        }
        Ok(options)
    }
}

fn kind_of(text: &str) -> Option<SetKind> {
    Some(match text {
        "string" => SetKind::Text,
        "md5" => SetKind::Md5,
        "sha256" => SetKind::Sha256,
        "ipv4" => SetKind::Ipv4,
        "ip" | "ipv6" => SetKind::Ip,
        _ => return None,
    })
}

/// The set of that name with what its list holds.
fn set(
    builder: &mut Builder<'_>,
    option: &OptionText<'_>,
    name: &str,
    options: &Options<'_>,
) -> Result<Arc<Dataset>, Reason> {
    let known = builder.shared.datasets.get(name).cloned();
    let set = match (known, options.kind) {
        (Some(set), Some(kind)) if set.kind != kind => {
            return Err(option.bad(format!("set `{name}` has another type in a rule before")));
        }
        (Some(set), _) => set,
        (None, Some(kind)) => {
            let set = Arc::new(Dataset::new(name, kind));
            builder.shared.datasets.insert(name.to_owned(), Arc::clone(&set));
            set
        }
        (None, None) => return Err(option.bad(format!("set `{name}` is new and needs a type"))),
    };
    let list = match (options.load, options.state) {
        (Some(file), _) => Some((file, builder.read_list(file))),
        // A state that was never saved is an empty set.
        (None, Some(file)) => match builder.read_list(file) {
            Err(ListError::Missing(_)) => None,
            read => Some((file, read)),
        },
        (None, None) => None,
    };
    if let Some((file, read)) = list
        && set.loaded.get().is_none()
    {
        let values = read.and_then(|bytes| parse(&set, file, &bytes, options.format, options.keys));
        let values = values.map_err(|error| option.bad(error.to_string()))?;
        set.loaded.set(values).ok();
    }
    Ok(set)
}

fn place(builder: &Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    if builder.is_sticky() && !builder.buffer().is_number() {
        return Ok(());
    }
    Err(Reason::place(option.name, "needs a sticky buffer before it"))
}

fn dataset(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    place(builder, option)?;
    let mut words = option.required()?.split(',').map(str::trim);
    let op = match words.next().unwrap_or_default() {
        "isset" => SetOp::IsSet,
        "isnotset" => SetOp::IsNotSet,
        "set" => SetOp::Set,
        "unset" => SetOp::Unset,
        other => return Err(option.bad(format!("unknown command `{other}`"))),
    };
    let name = words.next().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| option.bad("the name is missing"))?;
    let options = Options::read(words, option)?;
    let set = set(builder, option, name, &options)?;
    if matches!(op, SetOp::Set | SetOp::Unset) {
        set.set_changing();
    }
    builder.push(Step::Dataset(DatasetTest {
        set,
        op,
        subdomain: options.subdomain,
        context: options.context.map(Arc::from),
    }));
    Ok(())
}

fn datarep(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    place(builder, option)?;
    let mut words = option.required()?.split(',').map(str::trim);
    let mut next = || words.next().filter(|word| !word.is_empty());
    let (Some(name), Some(operator), Some(value)) = (next(), next(), next()) else {
        return Err(option.bad("write name, operator, number"));
    };
    let test = NumberTest::parse(&format!("{operator}{value}"));
    let test = test.ok_or_else(|| option.bad("the reputation is no comparison such as >, 200"))?;
    let options = Options::read(words, option)?;
    let set = set(builder, option, name, &options)?;
    builder.push(Step::Reputation(ReputationTest { set, test }));
    Ok(())
}

fn file_hash(
    builder: &mut Builder<'_>,
    option: &OptionText<'_>,
    buffer: Buffer,
    digits: usize,
) -> Result<(), Reason> {
    let text = option.unquoted()?;
    let (negated, file) = match text.strip_prefix('!') {
        Some(rest) => (true, rest.trim()),
        None => (false, text),
    };
    let list = builder
        .read_list(file)
        .and_then(|bytes| hashes(file, &bytes, digits));
    let list = list.map_err(|error| option.bad(error.to_string()))?;
    let hashes = Arc::new(list);
    builder.push_at(buffer, Step::HashList(HashList { hashes, negated }));
    Ok(())
}

fn entropy(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut test = EntropyTest {
        offset: 0,
        bytes: None,
        op: TestOp::Equal,
        negated: false,
        value: f64::NAN,
    };
    for part in option.required()?.split(',').map(str::trim) {
        let (name, value) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        let value = value.trim();
        let number = || {
            value
                .parse::<usize>()
                .ok()
                .filter(|number| *number <= 65_535)
                .ok_or_else(|| option.bad(format!("{name} is no number up to 65535")))
        };
        match name {
            "bytes" => test.bytes = Some(number()?).filter(|bytes| *bytes > 0),
            "offset" => test.offset = number()?,
            "value" => {
                let split = value
                    .find(|letter: char| letter.is_ascii_digit())
                    .unwrap_or(value.len());
                let (operator, number) = value.split_at_checked(split).unwrap_or_default();
                (test.op, test.negated) = match operator.trim() {
                    "" | "=" | "==" => (TestOp::Equal, false),
                    "!" | "!=" => (TestOp::Equal, true),
                    "<" => (TestOp::Less, false),
                    "<=" => (TestOp::LessOrEqual, false),
                    ">" => (TestOp::Greater, false),
                    ">=" => (TestOp::GreaterOrEqual, false),
                    other => return Err(option.bad(format!("unknown operator `{other}`"))),
                };
                test.value = number
                    .trim()
                    .parse()
                    .map_err(|_| option.bad("the value is no number"))?;
            }
            _ => return Err(option.bad(format!("unknown option `{part}`"))),
        }
    }
    if !(0.0..=8.0).contains(&test.value) {
        return Err(option.bad("the value must lie between 0.0 and 8.0 bits per byte"));
    }
    builder.push(Step::Entropy(test));
    Ok(())
}

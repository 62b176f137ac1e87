//! One line of a selection: modifiers applied to values, left to right.

use super::modifier::{Modifier, Utf16, parse_key};
use super::text::{DASHES, parse_wildcards};
use super::{
    Cidr, FieldRef, Item, Number, NumberTest, Piece, Place, RegexTest, Relation, Test, TestKind, TextPattern,
    TimePart, encode,
};
use crate::yaml::{Key, Meaning, Node, Scalar};
use crate::{Fault, LoadOptions};

/// Most values that one line may stand for, expansions included.
const MAX_VALUES: usize = 50_000;
/// Most tests that `windash` spells out; beyond it dashes are compared one by one.
const MAX_SPELLED_DASHES: usize = 2;

/// A line `field|modifiers: values`.
pub(crate) fn item(key: &Key, value: &Node, options: &LoadOptions) -> Result<Item, Fault> {
    let (field, modifiers) = parse_key(&key.text).map_err(|reason| Fault::new(key.at, reason))?;
    build(key, field, &modifiers, value.items(), options)
}

/// A list of keywords without a field.
pub(crate) fn keywords(key: &Key, values: &[Node], options: &LoadOptions) -> Result<Item, Fault> {
    let mut item = build(key, None, &[], values, options)?;
    item.key.clear();
    Ok(item)
}

fn build(
    key: &Key,
    field: Option<String>,
    modifiers: &[Modifier],
    values: &[Node],
    options: &LoadOptions,
) -> Result<Item, Fault> {
    if values.is_empty() {
        return Err(Fault::new(
            key.at,
            format!("'{}' has no value: write one, or null, or ''", key.text),
        ));
    }
    let all = modifiers.contains(&Modifier::All);
    let reader = ValueReader {
        keyword: field.is_none(),
        modifiers,
        options,
    };
    let mut item = Item {
        field,
        key: key.text.clone(),
        at: key.at,
        values: Vec::with_capacity(values.len()),
        all,
        negated: modifiers.contains(&Modifier::Neq),
    };
    for value in values {
        let scalar = value.as_scalar().ok_or_else(|| {
            let reason = format!(
                "'{}' must be a value or a list of values, not {}",
                key.text,
                value.kind()
            );
            Fault::new(value.at, reason)
        })?;
        let tests = reader
            .read(scalar)
            .map_err(|reason| Fault::new(value.at, reason))?;
        item.negated ^= reader.absent(scalar);
        item.values.push(tests);
        if item.values.len() > MAX_VALUES {
            return Err(Fault::new(
                key.at,
                "more than 50000 values in one line: split the rule",
            ));
        }
    }
    if modifiers.contains(&Modifier::Exists) && item.values.len() > 1 {
        return Err(Fault::new(key.at, "'exists' takes one value: true or false"));
    }
    Ok(item)
}

struct ValueReader<'a> {
    keyword: bool,
    modifiers: &'a [Modifier],
    options: &'a LoadOptions,
}

impl ValueReader<'_> {
    fn has(&self, modifier: Modifier) -> bool {
        self.modifiers.contains(&modifier)
    }

    /// Whether this is the value of `exists: false`.
    fn absent(&self, scalar: &Scalar) -> bool {
        self.has(Modifier::Exists) && scalar.text.eq_ignore_ascii_case("false")
    }

    /// The tests that a value stands for; any of them suffices.
    fn read(&self, scalar: &Scalar) -> Result<Vec<Test>, String> {
        let meaning = scalar.meaning();
        if self.keyword && meaning == Meaning::Null {
            return Err("a keyword cannot be null: remove it".into());
        }
        if meaning == Meaning::Null {
            return self.null(scalar);
        }
        if self.keyword && (self.has(Modifier::Exists) || self.has(Modifier::FieldRef)) {
            return Err("this modifier needs a field name before it".into());
        }
        let kind = match self
            .modifiers
            .iter()
            .find_map(|modifier| self.special(*modifier, scalar))
        {
            Some(kind) => kind?,
            None => return self.texts(scalar, meaning),
        };
        let written = scalar.text.clone();
        Ok(vec![Test { written, kind }])
    }

    fn null(&self, scalar: &Scalar) -> Result<Vec<Test>, String> {
        let plain = self
            .modifiers
            .iter()
            .all(|m| matches!(m, Modifier::All | Modifier::Neq));
        if !plain {
            return Err("null cannot have modifiers: write the field's name alone".into());
        }
        let written = if scalar.text.is_empty() {
            "null"
        } else {
            &scalar.text
        };
        Ok(vec![Test {
            written: written.to_owned(),
            kind: TestKind::Null,
        }])
    }

    /// Comparisons that are not about text with wildcards.
    fn special(&self, modifier: Modifier, scalar: &Scalar) -> Option<Result<TestKind, String>> {
        Some(match modifier {
            Modifier::Re => self.regex(&scalar.text),
            Modifier::Cidr => Cidr::parse(&scalar.text).map(TestKind::Cidr).ok_or_else(|| {
                format!(
                    "'{}' is no network: write it as 10.0.0.0/8 or fe80::/10",
                    scalar.text
                )
            }),
            Modifier::Compare(_) | Modifier::Time(_) => self.number(scalar),
            Modifier::Exists => match scalar.text.to_ascii_lowercase().as_str() {
                "true" | "false" => Ok(TestKind::Present),
                _ => Err("'exists' takes true or false".into()),
            },
            Modifier::FieldRef => Ok(TestKind::FieldRef(FieldRef {
                field: scalar.text.clone(),
                place: self.place(),
                cased: self.has(Modifier::Cased),
            })),
            _ => return None,
        })
    }

    fn place(&self) -> Place {
        if self.has(Modifier::Contains) {
            Place::Anywhere
        } else if self.has(Modifier::StartsWith) {
            Place::Start
        } else if self.has(Modifier::EndsWith) {
            Place::End
        } else {
            Place::Whole
        }
    }

    fn regex(&self, pattern: &str) -> Result<TestKind, String> {
        let flags: String = ['i', 'm', 's']
            .into_iter()
            .filter(|flag| self.has(Modifier::ReFlag(*flag)))
            .collect();
        RegexTest::compile(pattern, &flags).map(|regex| TestKind::Regex(Box::new(regex)))
    }

    fn number(&self, scalar: &Scalar) -> Result<TestKind, String> {
        let number = Number::parse(&scalar.text)
            .ok_or_else(|| format!("'{}' is no number: comparisons take numbers", scalar.text))?;
        let (mut relation, mut part): (_, Option<TimePart>) = (Relation::Equal, None);
        for modifier in self.modifiers {
            match modifier {
                Modifier::Compare(asked) => relation = *asked,
                Modifier::Time(asked) => part = Some(*asked),
                _ => {}
            }
        }
        Ok(TestKind::Number(NumberTest {
            part,
            relation,
            number,
            zone_offset_secs: self.options.zone_offset_secs,
        }))
    }

    /// Text with wildcards, after placeholders, dashes and encodings.
    fn texts(&self, scalar: &Scalar, meaning: Meaning) -> Result<Vec<Test>, String> {
        let mut forms: Vec<Vec<Piece>> = self
            .placeholders(&scalar.text)?
            .iter()
            .map(|text| parse_wildcards(text))
            .collect();
        if let Some(decimal) = decimal(scalar, meaning) {
            forms.push(vec![Piece::Text(decimal)]);
        }
        let mut utf16 = None;
        for modifier in self.modifiers {
            match modifier {
                Modifier::Utf16(order) => utf16 = Some(*order),
                Modifier::Base64 => forms = encoded(&forms, utf16, |bytes| vec![encode::base64(bytes)])?,
                Modifier::Base64Offset => {
                    forms = encoded(&forms, utf16, |bytes| encode::base64_offsets(bytes).into())?;
                }
                Modifier::Windash => forms = forms.into_iter().flat_map(dashes).collect(),
                _ => {}
            }
        }
        let cased = self.has(Modifier::Cased);
        let tests = forms.into_iter().map(|form| Test {
            written: scalar.text.clone(),
            kind: TestKind::Text(TextPattern::new(self.placed(form), cased)),
        });
        Ok(tests.collect())
    }

    /// Wildcards around a form as `contains`, `startswith` and `endswith` ask; keywords are contained.
    fn placed(&self, form: Vec<Piece>) -> Vec<Piece> {
        let place = match self.place() {
            Place::Whole if self.keyword => Place::Anywhere,
            place => place,
        };
        let before = matches!(place, Place::Anywhere | Place::End).then_some(Piece::AnyRun);
        let after = matches!(place, Place::Anywhere | Place::Start).then_some(Piece::AnyRun);
        before.into_iter().chain(form).chain(after).collect()
    }

    /// The texts that `%name%` placeholders stand for; without `expand` the text itself.
    fn placeholders(&self, text: &str) -> Result<Vec<String>, String> {
        if !self.has(Modifier::Expand) {
            return Ok(vec![text.to_owned()]);
        }
        let mut forms = vec![String::new()];
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            let Some((name, tail)) = after.split_once('%') else {
                break;
            };
            let values = self.options.placeholders.get(name).ok_or_else(|| {
                format!(
                    "the placeholder %{name}% has no values: add them to the configuration under this name"
                )
            })?;
            let long = forms.len().saturating_mul(values.len()) > MAX_VALUES;
            if long {
                return Err(format!(
                    "the placeholder %{name}% stands for more than 50000 texts"
                ));
            }
            forms = forms
                .iter()
                .flat_map(|form| values.iter().map(move |value| format!("{form}{before}{value}")))
                .collect();
            rest = tail;
        }
        if forms.is_empty() {
            return Err("the placeholder's list of values is empty: add one or disable the rule".into());
        }
        for form in &mut forms {
            form.push_str(rest);
        }
        Ok(forms)
    }
}

/// The decimal form of a plain number that was written otherwise (`0x10`, `007`, `1.0`).
fn decimal(scalar: &Scalar, meaning: Meaning) -> Option<String> {
    let decimal = match meaning {
        Meaning::Int(int) => int.to_string(),
        Meaning::Float(float) => float.to_string(),
        Meaning::Bool(value) => value.to_string(),
        Meaning::Null | Meaning::Text => return None,
    };
    (decimal != scalar.text).then_some(decimal)
}

fn encoded(
    forms: &[Vec<Piece>],
    utf16: Option<Utf16>,
    encode: impl Fn(&[u8]) -> Vec<String>,
) -> Result<Vec<Vec<Piece>>, String> {
    let mut all = Vec::new();
    for form in forms {
        let text = match form.as_slice() {
            [Piece::Text(text)] => text,
            [] => return Err("an empty value cannot be encoded: remove it".into()),
            _ => return Err("a wildcard cannot be encoded: escape it with a backslash or remove it".into()),
        };
        let bytes = match utf16 {
            Some(order) => encode::utf16(text, order),
            None => text.clone().into_bytes(),
        };
        for text in encode(&bytes) {
            if text.is_empty() {
                return Err("the value is too short to be found in base64: use three bytes or more".into());
            }
            all.push(vec![Piece::Text(text)]);
        }
    }
    Ok(all)
}

/// Every way to write the dashes of a form: those that follow no word character and are followed by one.
fn dashes(form: Vec<Piece>) -> Vec<Vec<Piece>> {
    let mut pieces = Vec::new();
    for piece in form {
        match piece {
            Piece::Text(text) => split_dashes(&text, &mut pieces),
            other => pieces.push(other),
        }
    }
    let found = pieces.iter().filter(|piece| **piece == Piece::Dash).count();
    if found > MAX_SPELLED_DASHES {
        return vec![pieces];
    }
    let mut forms = vec![Vec::new()];
    for piece in pieces {
        let ways = match piece {
            Piece::Dash => DASHES.map(|dash| Piece::Text(dash.to_string())).to_vec(),
            other => vec![other],
        };
        forms = forms
            .iter()
            .flat_map(|form: &Vec<Piece>| {
                ways.iter()
                    .map(|way| [form.as_slice(), std::slice::from_ref(way)].concat())
            })
            .collect();
    }
    forms
}

fn split_dashes(text: &str, pieces: &mut Vec<Piece>) {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut before = None;
    let mut literal = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let dash =
            DASHES.contains(&c) && !before.is_some_and(word) && chars.peek().is_some_and(|next| word(*next));
        if dash {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
            pieces.push(Piece::Dash);
        } else {
            literal.push(c);
        }
        before = Some(c);
    }
    pieces.push(Piece::Text(literal));
}

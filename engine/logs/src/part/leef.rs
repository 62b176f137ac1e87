//! IBM's Log Event Extended Format: `LEEF:1.0|vendor|product|version|id|` and tab-separated pairs; in 2.0 one more header
//! field names another separator. Relays write the tab as `#011`.

use std::borrow::Cow;

/// The header and the pairs behind it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record<'r> {
    pub(crate) vendor: &'r str,
    pub(crate) product: &'r str,
    pub(crate) id: &'r str,
    pub(crate) pairs: &'r str,
    separator: &'r str,
}

/// Reads a record, wherever in the text it begins; also without the mark, as some relays leave it.
pub(crate) fn record(text: &str) -> Option<Record<'_>> {
    let rest = match memchr::memmem::find(text.as_bytes(), b"LEEF:") {
        Some(at) => text.get(at + 5..)?.trim_start(),
        None => text.trim_start(),
    };
    let mut parts = rest.splitn(6, '|');
    let format = parts.next().filter(|format| matches!(*format, "1.0" | "2.0"))?;
    let (vendor, product, _version, id) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let pairs = parts.next()?;
    let (separator, pairs) = match pairs.split_once('|') {
        Some((separator, rest)) if format == "2.0" && separator.len() <= 5 => (separator, rest),
        _ => ("\t", pairs),
    };
    Some(Record {
        vendor,
        product,
        id,
        pairs,
        separator,
    })
}

impl<'r> Record<'r> {
    /// The pairs.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'r str, Cow<'r, str>)> + use<'r> {
        let separator = match self.separator {
            "\t" | "" | "0x09" | "x09" if self.pairs.contains("#011") => "#011",
            "\t" | "" | "0x09" | "x09" => "\t",
            other => other,
        };
        self.pairs.split(separator).take(1024).filter_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((key.trim(), Cow::Borrowed(value.trim())))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        let read = |text: &str| -> Option<String> {
            let record = record(text)?;
            let pairs: String = record
                .pairs()
                .map(|(key, value)| format!("{key}<{value}>"))
                .collect::<Vec<_>>()
                .concat();
            Some(format!("{} {} {pairs}", record.vendor, record.id))
        };
        for (text, expected) in [
            (
                "LEEF:1.0|V|P|1|77|src=10.0.0.7\tmsg=two words",
                "V 77 src<10.0.0.7>msg<two words>",
            ),
            (
                "<13>x LEEF:2.0|V|P|1|77|^|src=10.0.0.7^dst=10.0.0.8",
                "V 77 src<10.0.0.7>dst<10.0.0.8>",
            ),
            ("1.0|V|P|1|77|a=1#011b=2", "V 77 a<1>b<2>"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "LEEF:", "LEEF:3.0|a|b|c|d|e", "LEEF:1.0|a|b"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

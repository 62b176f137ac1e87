//! Keywords that carry the content of a buffer in their own value.

use super::content::parse_content;
use super::{Apply, Builder};
use crate::diagnostic::Reason;
use crate::parse::OptionText;
use crate::rule::{Buffer, Pattern, Step};

pub(super) const TABLE: &[(&str, Apply)] = &[
    ("tls.subject", |builder, option| {
        content_of(builder, option, Buffer::TlsCertSubject)
    }),
    ("tls.issuerdn", |builder, option| {
        content_of(builder, option, Buffer::TlsCertIssuer)
    }),
    ("tls.fingerprint", |builder, option| {
        // Fingerprints are written in either case.
        let mut content = parse_content(option)?;
        content.pattern = Pattern::new(&content.pattern.bytes, true);
        builder.push_at(Buffer::TlsCertFingerprint, Step::Content(content));
        Ok(())
    }),
    ("filename", filename),
    ("filemagic", |builder, option| {
        content_of(builder, option, Buffer::FileMagic)
    }),
    ("fileext", fileext),
];

fn content_of(builder: &mut Builder<'_>, option: &OptionText<'_>, buffer: Buffer) -> Result<(), Reason> {
    let content = parse_content(option)?;
    builder.push_at(buffer, Step::Content(content));
    Ok(())
}

fn filename(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut content = parse_content(option)?;
    content.pattern = Pattern::new(&content.pattern.bytes, true);
    builder.push_at(Buffer::FileName, Step::Content(content));
    Ok(())
}

fn fileext(builder: &mut Builder<'_>, option: &OptionText<'_>) -> Result<(), Reason> {
    let mut content = parse_content(option)?;
    content.pattern = Pattern::new(&[b".", &*content.pattern.bytes].concat(), true);
    content.ends_with = true;
    builder.push_at(Buffer::FileName, Step::Content(content));
    Ok(())
}

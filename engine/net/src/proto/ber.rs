//! ASN.1 basic encoding rules (X.690), as far as LDAP, SNMP and Kerberos need them: tag, length, content.

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    /// Identifier octet: class, constructed bit, number (low-tag-number form only).
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
}

/// Elements one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Elements<'a>(pub(crate) &'a [u8]);

/// What the first bytes of a message say of its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Header and content together.
    Known(usize),
    /// The header is not whole.
    Short,
    /// Not an encoding that is taken.
    Wrong,
}

/// Tag and total length of the element that `bytes` begin with.
pub(crate) fn extent(bytes: &[u8]) -> Extent {
    match header(bytes) {
        Ok((_, header, length)) => Extent::Known(header.saturating_add(length)),
        Err(wrong) => wrong,
    }
}

/// Tag, bytes of the header, bytes of the content.
fn header(bytes: &[u8]) -> Result<(u8, usize, usize), Extent> {
    let (tag, rest) = bytes.split_first().ok_or(Extent::Short)?;
    let (first, rest) = rest.split_first().ok_or(Extent::Short)?;
    if *tag & 0x1f == 0x1f {
        return Err(Extent::Wrong);
    }
    if *first < 0x80 {
        return Ok((*tag, 2, usize::from(*first)));
    }
    let count = usize::from(*first & 0x7f);
    if !(1..=4).contains(&count) {
        return Err(Extent::Wrong);
    }
    let octets = rest.get(..count).ok_or(Extent::Short)?;
    let length = octets
        .iter()
        .fold(0_usize, |length, octet| length << 8 | usize::from(*octet));
    Ok((*tag, 2 + count, length))
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (tag, header, length) = header(self.0).ok()?;
        let content = self.0.get(header..header.checked_add(length)?)?;
        self.0 = self.0.get(header + length..).unwrap_or_default();
        Some(Element { tag, content })
    }
}

impl<'a> Element<'a> {
    /// What it holds, for a constructed one.
    pub(crate) fn inner(&self) -> Elements<'a> {
        Elements(self.content)
    }

    /// Its content as a whole number of up to 8 octets; negative ones as two's complement.
    pub(crate) fn integer(&self) -> Option<i64> {
        let first = *self.content.first()?;
        if self.content.len() > 9 || (self.content.len() == 9 && first != 0) {
            return None;
        }
        let start = if first & 0x80 == 0 { 0 } else { -1 };
        Some(
            self.content
                .iter()
                .fold(start, |value: i64, octet| value << 8 | i64::from(*octet)),
        )
    }

    /// The same as a number that cannot be negative.
    pub(crate) fn unsigned(&self) -> Option<u64> {
        u64::try_from(self.integer()?).ok()
    }

    /// Dotted text of an object identifier.
    pub(crate) fn oid(&self) -> Option<String> {
        let mut parts: Vec<u64> = Vec::new();
        let mut value = 0_u64;
        for octet in self.content.iter().take(128) {
            value = value.checked_mul(128)? | u64::from(octet & 0x7f);
            if octet & 0x80 == 0 {
                parts.push(value);
                value = 0;
            }
        }
        let first = *parts.first()?;
        let arc = (first / 40).min(2);
        let mut text = format!("{arc}.{}", first - arc * 40);
        for part in parts.iter().skip(1) {
            use std::fmt::Write as _;
            write!(text, ".{part}").ok();
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_numbers_and_identifiers() {
        let mut elements = Elements(b"\x02\x01\xff\x04\x81\x02ab\x06\x05\x2b\x06\x01\x04\x01\x02");
        assert_eq!(elements.next().and_then(|e| e.integer()), Some(-1));
        assert_eq!(elements.next().map(|e| e.content), Some(&b"ab"[..]));
        assert_eq!(
            elements.next().and_then(|e| e.oid()).as_deref(),
            Some("1.3.6.1.4.1")
        );
        assert_eq!(elements.next(), None);
    }

    #[test]
    fn extents() {
        assert_eq!(extent(b"\x30\x05"), Extent::Known(7));
        assert_eq!(extent(b"\x30\x82\x01\x00"), Extent::Known(260));
        assert_eq!(extent(b"\x30\x82\x01"), Extent::Short);
        assert_eq!(extent(b"\x30\x80"), Extent::Wrong);
    }
}

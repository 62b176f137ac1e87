//! Comparisons of whole numbers, written alike in dozens of keywords: `10`, `!10`, `>10`, `<=10`, `10<>20`, `10-20`.

/// How a number is compared. `Between` excludes both ends for `<>`, as the language documents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Equal,
    /// Different.
    NotEqual,
    /// Smaller.
    Less,
    /// Smaller or equal.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
    /// Strictly between the value and this one.
    Between(u64),
    /// Not strictly between.
    NotBetween(u64),
}

/// A test of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberTest {
    /// How.
    pub comparison: Comparison,
    /// Against what.
    pub value: u64,
}

impl NumberTest {
    /// Equality.
    pub const fn equal(value: u64) -> Self {
        Self {
            comparison: Comparison::Equal,
            value,
        }
    }

    /// Whether the number passes.
    pub const fn holds(&self, number: u64) -> bool {
        match self.comparison {
            Comparison::Equal => number == self.value,
            Comparison::NotEqual => number != self.value,
            Comparison::Less => number < self.value,
            Comparison::LessOrEqual => number <= self.value,
            Comparison::Greater => number > self.value,
            Comparison::GreaterOrEqual => number >= self.value,
            Comparison::Between(high) => number > self.value && number < high,
            Comparison::NotBetween(high) => number <= self.value || number >= high,
        }
    }

    /// Reads a test; `None` when it is not one or its range is empty.
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_with(text, number)
    }

    /// Like [`NumberTest::parse`] with names for numbers.
    pub fn parse_with(text: &str, value: impl Fn(&str) -> Option<u64>) -> Option<Self> {
        let text = text.trim();
        let single = |comparison, rest: &str| {
            Some(Self {
                comparison,
                value: value(rest.trim())?,
            })
        };
        if let Some(rest) = text.strip_prefix("!=") {
            return single(Comparison::NotEqual, rest);
        }
        if let Some(rest) = text.strip_prefix('!') {
            return match range(rest, &value) {
                Some((low, high)) => Some(Self {
                    comparison: Comparison::NotBetween(high),
                    value: low,
                }),
                None => single(Comparison::NotEqual, rest),
            };
        }
        if let Some(rest) = text.strip_prefix(">=") {
            return single(Comparison::GreaterOrEqual, rest);
        }
        if let Some(rest) = text.strip_prefix("<=") {
            return single(Comparison::LessOrEqual, rest);
        }
        if let Some(rest) = text.strip_prefix('>') {
            return single(Comparison::Greater, rest);
        }
        if let Some(rest) = text.strip_prefix('<') {
            return single(Comparison::Less, rest);
        }
        if let Some(rest) = text.strip_prefix('=') {
            return single(Comparison::Equal, rest);
        }
        match range(text, &value) {
            Some((low, high)) => Some(Self {
                comparison: Comparison::Between(high),
                value: low,
            }),
            None => single(Comparison::Equal, text),
        }
    }

    /// The range of numbers that pass, where it is one piece: used to refuse contradictions and to size buffers.
    pub const fn bounds(&self) -> Option<(u64, u64)> {
        match self.comparison {
            Comparison::Equal => Some((self.value, self.value)),
            Comparison::Less => Some((0, self.value.saturating_sub(1))),
            Comparison::LessOrEqual => Some((0, self.value)),
            Comparison::Greater => Some((self.value.saturating_add(1), u64::MAX)),
            Comparison::GreaterOrEqual => Some((self.value, u64::MAX)),
            Comparison::Between(high) => Some((self.value.saturating_add(1), high.saturating_sub(1))),
            Comparison::NotEqual | Comparison::NotBetween(_) => None,
        }
    }
}

/// `low<>high` or `low-high`, both with something strictly in between.
fn range(text: &str, value: &impl Fn(&str) -> Option<u64>) -> Option<(u64, u64)> {
    let (low, high) = text.split_once("<>").or_else(|| text.split_once('-'))?;
    let (low, high) = (value(low.trim())?, value(high.trim())?);
    (low < high && high - low > 1).then_some((low, high))
}

/// A decimal number, `0x` hexadecimal, or with a size suffix (`kb`, `mb`, `gb`).
pub(crate) fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok();
    }
    let split = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, suffix) = text.split_at_checked(split)?;
    let factor = match suffix.trim().to_ascii_lowercase().as_str() {
        "" => 1,
        "kb" | "kib" => 1 << 10,
        "mb" | "mib" => 1 << 20,
        "gb" | "gib" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms() {
        let holds = |text: &str, number| NumberTest::parse(text).unwrap().holds(number);
        assert!(holds("10", 10) && !holds("10", 11));
        assert!(holds("!10", 11) && !holds("! 10", 10));
        assert!(holds(">10", 11) && !holds(">10", 10));
        assert!(holds(">=10", 10) && holds("<= 10", 10) && !holds("<10", 10));
        assert!(holds("10<>20", 11) && !holds("10<>20", 10) && !holds("10<>20", 20));
        assert!(holds("10-20", 19) && !holds("!10-20", 19) && holds("!10<>20", 20));
        assert!(holds("0x10", 16) && holds("1kb", 1024) && holds("=3", 3));
        for wrong in [
            "",
            "a",
            "20<>10",
            "-1",
            "10<>11",
            "99999999999999999999",
            "5 apples",
        ] {
            assert_eq!(NumberTest::parse(wrong), None, "{wrong}");
        }
    }
}

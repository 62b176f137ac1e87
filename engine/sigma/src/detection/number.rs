//! Numbers compared exactly where both are integers.

use std::cmp::Ordering;

use saola_event::Value;

use super::TimePart;

/// A number of a rule or an event.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// Any integer of 64 bits, signed or not.
    Int(i128),
    /// Any other.
    Float(f64),
}

/// How two numbers relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// `gt`
    Greater,
    /// `gte`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `lte`
    LessOrEqual,
    /// Time parts without a comparison; `eq` of correlations.
    Equal,
    /// `neq` of correlations.
    NotEqual,
}

/// A value, or a part of the time it says, compared with a number.
#[derive(Clone, Copy, Debug)]
pub struct NumberTest {
    /// The part of a time to compare; `None` compares the value itself.
    pub part: Option<TimePart>,
    /// How.
    pub relation: Relation,
    /// With what.
    pub number: Number,
    /// Seconds east of UTC of the clock that time parts are read on.
    pub zone_offset_secs: i32,
}

impl Number {
    /// Reads a decimal number; texts of events may be hexadecimal too.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(int) = text.parse() {
            return Some(Self::Int(int));
        }
        if let Some(digits) = text.strip_prefix("0x") {
            return i128::from_str_radix(digits, 16).ok().map(Self::Int);
        }
        let numeric = text.bytes().any(|byte| byte.is_ascii_digit())
            && !text
                .bytes()
                .any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E'));
        numeric.then(|| text.parse().ok().map(Self::Float)).flatten()
    }

    /// The number a value is, or its text says.
    pub fn of_value(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Int(int) => Some(Self::Int(i128::from(*int))),
            Value::Uint(int) => Some(Self::Int(i128::from(*int))),
            Value::Float(float) => Some(Self::Float(*float)),
            Value::Text(text) => Self::parse(text),
            Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// As a float, for sums and averages.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Float(float) => float,
        }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (a, b) => a.as_f64().partial_cmp(&b.as_f64()),
        }
    }
}

impl Relation {
    /// Whether `left` stands in this relation to `right`.
    pub fn holds(self, left: Number, right: Number) -> bool {
        let Some(order) = left.compare(right) else {
            return self == Self::NotEqual;
        };
        match self {
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
        }
    }
}

impl NumberTest {
    /// Whether a single value (no list) passes.
    pub fn matches(&self, value: &Value<'_>) -> bool {
        let number = match self.part {
            None => Number::of_value(value),
            Some(part) => part.of_value(value, self.zone_offset_secs),
        };
        number.is_some_and(|number| self.relation.holds(number, self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact_and_texts_count() {
        let big = Number::of_value(&Value::Uint(u64::MAX)).unwrap();
        let less = Number::of_value(&Value::Uint(u64::MAX - 1)).unwrap();
        assert!(Relation::Greater.holds(big, less));
        assert!(Relation::Less.holds(Number::parse("9.5").unwrap(), Number::parse(" 10 ").unwrap()));
        assert!(Relation::Equal.holds(Number::parse("0x10").unwrap(), Number::Int(16)));
        for text in ["", "inf", "NaN", "ten", "1-2", "-", "e"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}

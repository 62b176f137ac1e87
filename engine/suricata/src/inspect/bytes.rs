//! Numbers within a buffer: byte_test, byte_jump, byte_extract, byte_math.

use crate::rule::{ByteExtract, ByteJump, ByteMath, ByteOrder, ByteTest, MathOp, NumberText, TestOp, Value};

/// Values that byte_extract and byte_math have filled, by slot.
pub(crate) type Slots = [u64];

/// The value written in the rule or taken from its variable.
pub(crate) fn resolve(value: Value, slots: &Slots) -> i64 {
    match value {
        Value::Fixed(value) => value,
        Value::Slot(slot) => slots
            .get(usize::from(slot))
            .map_or(0, |value| value.cast_signed()),
    }
}

/// Where a number begins: from the buffer's start or from the last match. Before the start there is nothing.
fn place(relative: bool, position: usize, offset: i64) -> Option<usize> {
    let base = if relative {
        i64::try_from(position).ok()?
    } else {
        0
    };
    usize::try_from(base.checked_add(offset)?).ok()
}

/// Digits of a number whose length the rule leaves open.
const MAX_DIGITS: usize = 23;

/// Reads `count` bytes at `at`. Texts may be shorter than asked: reading ends at the first letter that is no digit.
fn read(bytes: &[u8], at: usize, count: usize, number: NumberText) -> Option<(u64, usize)> {
    let field = match (number, count) {
        // As many digits as there are, up to those of 64 bits in octal.
        (NumberText::Text(_), 0) => bytes
            .get(at..)
            .map(|rest| rest.get(..MAX_DIGITS).unwrap_or(rest))?,
        _ => bytes.get(at..at.checked_add(count)?)?,
    };
    match number {
        NumberText::Binary(order) => {
            if count > 8 {
                return None;
            }
            let add = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
            let value = match order {
                // All clients of DCE/RPC in use send little-endian (the label of their PDUs says 0x10).
                ByteOrder::Little | ByteOrder::Dce => field.iter().rev().fold(0, add),
                ByteOrder::Big => field.iter().fold(0, add),
            };
            Some((value, count))
        }
        NumberText::Text(base) => text_number(field, base).map(|value| (value, count)),
    }
}

fn text_number(field: &[u8], base: u32) -> Option<u64> {
    let text = field.trim_ascii_start();
    let text = match text {
        [b'0', b'x' | b'X', rest @ ..] if base == 16 => rest,
        _ => text,
    };
    let digits = text
        .iter()
        .map_while(|letter| (*letter as char).to_digit(base).map(u64::from));
    let mut any = false;
    let value = digits.fold(0_u64, |value, digit| {
        any = true;
        value.saturating_mul(u64::from(base)).saturating_add(digit)
    });
    any.then_some(value)
}

/// Masks and shifts down to the mask's lowest bit.
const fn masked(value: u64, mask: Option<u64>) -> u64 {
    match mask {
        Some(mask) if mask != 0 => (value & mask) >> mask.trailing_zeros(),
        _ => value,
    }
}

impl ByteTest {
    pub(crate) fn holds(&self, bytes: &[u8], position: usize, slots: &Slots) -> bool {
        let count = usize::try_from(resolve(self.bytes, slots)).unwrap_or(0);
        let found = place(self.relative, position, resolve(self.offset, slots))
            .and_then(|at| read(bytes, at, count, self.number));
        // A number that is not there passes no test, negated or not.
        let Some((number, _)) = found else { return false };
        let number = masked(number, self.bitmask);
        let value = resolve(self.value, slots).cast_unsigned();
        let holds = match self.op {
            TestOp::Less => number < value,
            TestOp::Greater => number > value,
            TestOp::Equal => number == value,
            TestOp::LessOrEqual => number <= value,
            TestOp::GreaterOrEqual => number >= value,
            TestOp::And => number & value != 0,
            TestOp::Xor => number ^ value != 0,
        };
        holds != self.negated
    }
}

impl ByteJump {
    /// Where the jump lands; `None` when the number or the landing place is outside the buffer.
    pub(crate) fn target(&self, bytes: &[u8], position: usize, slots: &Slots) -> Option<usize> {
        let count = usize::try_from(resolve(self.bytes, slots)).ok()?;
        let at = place(self.relative, position, resolve(self.offset, slots))?;
        let (number, taken) = read(bytes, at, count, self.number)?;
        let jump = masked(number, self.bitmask).checked_mul(u64::from(self.multiplier))?;
        let jump = if self.align {
            jump.checked_add(3)? & !3
        } else {
            jump
        };
        let base = if self.from_beginning {
            0
        } else if self.from_end {
            bytes.len()
        } else {
            at + taken
        };
        let landing = i64::try_from(base)
            .ok()?
            .checked_add(i64::try_from(jump).ok()?)?
            .checked_add(resolve(self.post_offset, slots))?;
        usize::try_from(landing)
            .ok()
            .filter(|landing| *landing <= bytes.len())
    }
}

impl ByteExtract {
    /// The number and where its field ends.
    pub(crate) fn value(&self, bytes: &[u8], position: usize) -> Option<(u64, usize)> {
        let at = place(self.relative, position, self.offset)?;
        let (number, taken) = read(bytes, at, usize::from(self.bytes), self.number)?;
        let mut value = masked(number, self.bitmask).checked_mul(u64::from(self.multiplier))?;
        if self.align > 0 {
            value = value.checked_next_multiple_of(u64::from(self.align))?;
        }
        Some((value, at + taken))
    }
}

impl ByteMath {
    /// The result and where the field ends; `None` when there is no number, or for a division by zero.
    pub(crate) fn value(&self, bytes: &[u8], position: usize, slots: &Slots) -> Option<(u64, usize)> {
        let count = usize::try_from(resolve(self.bytes, slots)).ok()?;
        let at = place(self.relative, position, self.offset)?;
        let (left, taken) = read(bytes, at, count, self.number)?;
        let right = resolve(self.right, slots).cast_unsigned();
        let result = match self.op {
            MathOp::Add => left.wrapping_add(right),
            MathOp::Subtract => left.wrapping_sub(right),
            MathOp::Multiply => left.wrapping_mul(right),
            MathOp::Divide => left.checked_div(right)?,
            MathOp::ShiftLeft => left.checked_shl(u32::try_from(right).ok()?).unwrap_or(0),
            MathOp::ShiftRight => left.checked_shr(u32::try_from(right).ok()?).unwrap_or(0),
        };
        Some((masked(result, self.bitmask), at + taken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_in_all_forms() {
        let big = NumberText::Binary(ByteOrder::Big);
        let little = NumberText::Binary(ByteOrder::Little);
        assert_eq!(read(&[1, 2, 3], 1, 2, big), Some((0x0203, 2)));
        assert_eq!(read(&[1, 2, 3], 1, 2, little), Some((0x0302, 2)));
        assert_eq!(read(&[1, 2, 3], 2, 2, big), None);
        assert_eq!(read(&[0; 9], 0, 9, big), None);
        assert_eq!(read(b"a0x1fz", 1, 5, NumberText::Text(16)), Some((0x1f, 5)));
        assert_eq!(read(b" 12;", 0, 4, NumberText::Text(10)), Some((12, 4)));
        assert_eq!(read(b"4711 x", 0, 0, NumberText::Text(10)), Some((4711, 0)));
        assert_eq!(read(b"xyz", 0, 3, NumberText::Text(10)), None);
        assert_eq!(read(b"1", usize::MAX, 2, big), None);
    }

    #[test]
    fn jumps_stay_inside() {
        let jump = ByteJump {
            bytes: Value::Fixed(1),
            offset: Value::Fixed(0),
            relative: false,
            multiplier: 1,
            number: NumberText::Binary(ByteOrder::Big),
            align: false,
            from_beginning: false,
            from_end: false,
            post_offset: Value::Fixed(0),
            bitmask: None,
        };
        assert_eq!(jump.target(&[2, 0, 0, 0], 0, &[]), Some(3));
        assert_eq!(jump.target(&[4, 0, 0, 0], 0, &[]), None);
        let aligned = ByteJump {
            align: true,
            from_beginning: true,
            ..jump
        };
        assert_eq!(aligned.target(&[2, 0, 0, 0], 0, &[]), Some(4));
        let back = ByteJump {
            from_end: true,
            post_offset: Value::Fixed(-3),
            ..jump
        };
        assert_eq!(back.target(&[1, 0, 0, 0], 0, &[]), Some(2));
        assert_eq!(
            ByteJump {
                post_offset: Value::Fixed(-9),
                ..jump
            }
            .target(&[1, 0], 0, &[]),
            None
        );
    }

    #[test]
    fn tests_and_masks() {
        let test = ByteTest {
            bytes: Value::Fixed(1),
            op: TestOp::Equal,
            negated: false,
            value: Value::Fixed(0xf),
            offset: Value::Fixed(0),
            relative: false,
            number: NumberText::Binary(ByteOrder::Big),
            bitmask: Some(0xf0),
        };
        assert!(test.holds(&[0xf3], 0, &[]) && !test.holds(&[0x33], 0, &[]));
        assert!(
            !ByteTest {
                negated: true,
                ..test
            }
            .holds(&[0xf3], 0, &[])
        );
        assert!(
            !ByteTest {
                negated: true,
                ..test
            }
            .holds(&[], 0, &[])
        );
        assert!(
            ByteTest {
                value: Value::Slot(0),
                ..test
            }
            .holds(&[0xf3], 0, &[15])
        );
    }
}

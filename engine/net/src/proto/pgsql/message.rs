//! Kinds of messages, and how they move a transaction on.

use crate::flow::Direction;

/// What the server asked the client to log in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Login {
    None,
    Password,
    SaslStart,
    SaslContinue,
}

/// What a message of the server means for its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More comes.
    More,
    /// The client must log in first: the transaction ends.
    Login(Login),
    /// The transaction ends.
    Done,
}

/// Whether a direction knows this kind of message.
pub(super) fn is_known(kind: u8, direction: Direction) -> bool {
    match direction {
        Direction::ToServer => matches!(
            kind,
            0 | b'B'
                | b'C'
                | b'D'
                | b'E'
                | b'F'
                | b'H'
                | b'P'
                | b'Q'
                | b'S'
                | b'X'
                | b'c'
                | b'd'
                | b'f'
                | b'p'
        ),
        Direction::ToClient => matches!(
            kind,
            b'1' | b'2'
                | b'3'
                | b'A'
                | b'C'
                | b'D'
                | b'E'
                | b'G'
                | b'H'
                | b'I'
                | b'K'
                | b'N'
                | b'R'
                | b'S'
                | b'T'
                | b'V'
                | b'W'
                | b'Z'
                | b'c'
                | b'd'
                | b'n'
                | b's'
                | b't'
                | b'v'
        ),
    }
}

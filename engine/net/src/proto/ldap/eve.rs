//! A request with its answers, and the `ldap` object of EVE.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::message::Message;
use crate::app::{FieldNumbers, FieldValues, Record, RecordOptions, number, one};
use crate::flow::Direction;

/// A request with its answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    request: Option<Message>,
    answers: Vec<Message>,
}

impl Exchange {
    pub(super) fn asked(request: Message) -> Self {
        Self {
            request: Some(request),
            answers: Vec::new(),
        }
    }

    /// The number that ties answers to requests.
    pub(super) fn id(&self) -> Option<u64> {
        self.request
            .iter()
            .chain(&self.answers)
            .map(|message| message.id)
            .next()
    }

    /// Keeps an answer; `false` when there are `most` already.
    pub(super) fn add(&mut self, answer: Message, most: usize) -> bool {
        let room = self.answers.len() < most;
        if room {
            self.answers.push(answer);
        }
        room
    }

    /// One number of each answer, in 16 bits.
    fn list(&self, of: impl Fn(&Message) -> Option<u16>) -> FieldValues<'_> {
        let bytes: Vec<u8> = self
            .answers
            .iter()
            .filter_map(of)
            .flat_map(u16::to_be_bytes)
            .collect();
        if bytes.is_empty() {
            return FieldValues::new();
        }
        std::iter::once(Cow::Owned(bytes)).collect()
    }
}

fn texts<'a>(parts: impl Iterator<Item = &'a [u8]>) -> FieldValues<'a> {
    parts.map(Cow::Borrowed).collect()
}

impl Record for Exchange {
    fn event_type(&self) -> &'static str {
        "ldap"
    }

    fn object(&self, _options: &RecordOptions) -> Option<Value> {
        let mut object = Map::new();
        if let Some(request) = &self.request {
            object.insert("request".to_owned(), request.object());
        }
        if !self.answers.is_empty() {
            let answers: Vec<Value> = self.answers.iter().map(Message::object).collect();
            object.insert("responses".to_owned(), answers.into());
        }
        Some(object.into())
    }

    fn bytes(&self, field: &str, _direction: Direction) -> FieldValues<'_> {
        let request = self.request.as_ref();
        let answers = self.answers.iter();
        match field {
            "ldap.request.dn" => request
                .and_then(|asked| asked.dn.as_deref())
                .map(one)
                .unwrap_or_default(),
            "ldap.request.attribute_type" => texts(
                request
                    .into_iter()
                    .flat_map(|asked| &asked.attributes)
                    .map(Vec::as_slice),
            ),
            "ldap.responses.operation" => self.list(|answer| Some(answer.operation.into())),
            "ldap.responses.result_code" => {
                self.list(|answer| answer.result.and_then(|code| code.try_into().ok()))
            }
            "ldap.responses.dn" => texts(answers.filter_map(|answer| answer.dn.as_deref())),
            "ldap.responses.message" => texts(answers.filter_map(|answer| answer.words.as_deref())),
            "ldap.responses.attribute_type" => {
                texts(answers.flat_map(|answer| &answer.attributes).map(Vec::as_slice))
            }
            _ => FieldValues::new(),
        }
    }

    fn numbers(&self, field: &str, _direction: Direction) -> FieldNumbers {
        match field {
            "ldap.request.operation" => number(self.request.as_ref().map(|request| request.operation)),
            "ldap.responses.count" => number(Some(self.answers.len() as u64)),
            _ => FieldNumbers::new(),
        }
    }
}

//! A call: a bind or a request, with its answer. SMB keeps the same calls on its pipes.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::pdu::{self, Body, Pdu};
use super::services;
use crate::app::{FieldNumbers, FieldValues, Record, RecordOptions, number, one};
use crate::flow::Direction;

/// Bytes of arguments of a call that are kept, each way.
const MAX_STUB: usize = 256 * 1024;
/// Interfaces that are bound at a time.
const MAX_BOUND: usize = 256;

/// An interface of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interface {
    context: u16,
    uuid: u128,
    major: u16,
    minor: u16,
    /// Result and reason of the server.
    ack: Option<(u16, u16)>,
}

/// Arguments of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Arguments {
    fragments: u32,
    size: u64,
    stub: Vec<u8>,
    whole: bool,
}

impl Arguments {
    fn push(&mut self, stub: &[u8], whole: bool) {
        self.fragments += 1;
        self.size += stub.len() as u64;
        let room = MAX_STUB.saturating_sub(self.stub.len());
        self.stub.extend(stub.iter().take(room));
        self.whole |= whole;
    }

    fn object(&self) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("frag_cnt".to_owned(), self.fragments.into());
        object.insert("stub_data_size".to_owned(), self.size.into());
        object
    }
}

/// A bind or request with its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Number that ties the answer to the request.
    pub id: u32,
    pub(super) version: (u8, u8),
    request: Option<u8>,
    response: Option<u8>,
    opnum: Option<u16>,
    first: bool,
    interfaces: Vec<Interface>,
    arguments: Arguments,
    results: Arguments,
    pub(super) activity: Option<u128>,
}

/// The interfaces that are bound on a connection or pipe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bindings(Vec<Interface>);

impl Call {
    /// The call that a PDU of the client begins.
    pub(crate) fn begin(pdu: &Pdu<'_>, bindings: &Bindings) -> Self {
        let mut call = Self {
            id: pdu.call,
            version: pdu.version,
            request: Some(pdu.kind),
            ..Self::default()
        };
        call.client(pdu, bindings);
        call
    }

    /// A call whose request was not seen.
    pub(crate) fn unasked(pdu: &Pdu<'_>) -> Self {
        Self {
            id: pdu.call,
            version: pdu.version,
            ..Self::default()
        }
    }

    /// Takes a PDU of the client.
    pub(crate) fn client(&mut self, pdu: &Pdu<'_>, bindings: &Bindings) {
        match &pdu.body {
            Body::Bind(contexts) => {
                self.arguments.whole = true;
                self.interfaces = contexts
                    .iter()
                    .map(|context| Interface {
                        context: context.id,
                        uuid: context.uuid,
                        major: context.major,
                        minor: context.minor,
                        ack: None,
                    })
                    .collect();
            }
            Body::Request { context, opnum, stub } => {
                self.opnum = Some(*opnum);
                self.first |= pdu.flags & pdu::FIRST != 0;
                if self.interfaces.is_empty() {
                    let bound = bindings.0.iter().rev().find(|bound| bound.context == *context);
                    self.interfaces.extend(bound);
                }
                self.arguments.push(stub, pdu.flags & pdu::LAST != 0);
                if pdu.flags & pdu::OBJECT != 0 {
                    self.arguments.size += pdu::OBJECT_SIZE;
                }
            }
            _ => {}
        }
    }

    /// Takes a PDU of the server.
    pub(crate) fn server(&mut self, pdu: &Pdu<'_>, bindings: &mut Bindings) {
        self.response = Some(pdu.kind);
        match &pdu.body {
            Body::BindAck(results) => {
                self.results.whole = true;
                for (interface, result) in self.interfaces.iter_mut().zip(results) {
                    interface.ack = Some(*result);
                    if result.0 == 0 && bindings.0.len() < MAX_BOUND {
                        bindings.0.push(*interface);
                    }
                }
            }
            Body::Response { stub } => {
                self.results.push(stub, pdu.flags & pdu::LAST != 0);
                // Sizes count what follows the common header, as records elsewhere do.
                self.results.size += pdu::RESPONSE_HEADER;
            }
            _ => self.results.whole = true,
        }
    }

    /// A call of the connectionless protocol.
    pub(super) fn connectionless(id: u32, activity: u128) -> Self {
        Self {
            id,
            version: (4, 0),
            activity: Some(activity),
            ..Self::default()
        }
    }

    /// Takes one datagram of the connectionless protocol.
    pub(super) fn datagram(
        &mut self,
        kind: u8,
        (uuid, major, opnum): (u128, u16, u16),
        stub: &[u8],
        direction: Direction,
        last: bool,
    ) {
        match direction {
            Direction::ToServer => {
                self.request = Some(kind);
                self.opnum = Some(opnum);
                self.first = true;
                self.interfaces = vec![Interface {
                    context: 0,
                    uuid,
                    major,
                    minor: 0,
                    ack: Some((0, 0)),
                }];
                self.arguments.push(stub, last);
            }
            Direction::ToClient => {
                self.response = Some(kind);
                self.results.push(stub, last);
            }
        }
    }

    /// Whether a direction is finished.
    pub(crate) fn is_whole(&self, direction: Direction) -> bool {
        match direction {
            Direction::ToServer => self.arguments.whole,
            Direction::ToClient => self.results.whole,
        }
    }

    fn is_request(&self) -> bool {
        self.request == Some(pdu::REQUEST)
    }

    /// What both kinds of records show.
    pub(crate) fn object(&self) -> Map<String, Value> {
        let mut object = Map::new();
        let name = |kind: Option<u8>| kind.map_or("REQUEST_LOST", pdu::name);
        object.insert("request".to_owned(), name(self.request).into());
        let response = self.response.map_or("UNREPLIED", pdu::name);
        object.insert("response".to_owned(), response.into());
        if self.is_request() {
            let mut arguments = self.arguments.object();
            if let Some(opnum) = self.opnum {
                object.insert("opnum".to_owned(), opnum.into());
                arguments.insert("opnum".to_owned(), opnum.into());
            }
            object.insert("req".to_owned(), arguments.into());
            if self.response == Some(pdu::RESPONSE) {
                object.insert("res".to_owned(), self.results.object().into());
            }
        }
        if !self.interfaces.is_empty() {
            let list: Vec<Value> = self
                .interfaces
                .iter()
                .map(|shown| self.interface(shown))
                .collect();
            object.insert("interfaces".to_owned(), list.into());
        }
        object.insert("call_id".to_owned(), self.id.into());
        object
    }

    fn interface(&self, interface: &Interface) -> Value {
        let mut object = json!({
            "uuid": uuid_text(interface.uuid),
            "version": format!("{}.{}", interface.major, interface.minor),
        });
        let Some(map) = object.as_object_mut() else {
            return object;
        };
        if let Some((result, reason)) = interface.ack.filter(|_| !self.is_request()) {
            map.insert("ack_result".to_owned(), result.into());
            map.insert("ack_reason".to_owned(), reason.into());
        }
        if let Some((service, procedures)) = services::find(interface.uuid) {
            map.insert("service".to_owned(), service.into());
            let procedure = self.opnum.and_then(|opnum| procedures.get(usize::from(opnum)));
            if let Some(procedure) = procedure.filter(|name| !name.is_empty()) {
                map.insert("procedure".to_owned(), (*procedure).into());
            }
        }
        object
    }

    /// The value of a DCE/RPC buffer.
    pub(crate) fn field(&self, field: &str, direction: Direction) -> FieldValues<'_> {
        if !self.is_request() {
            return FieldValues::new();
        }
        match field {
            "dcerpc.stub_data" if direction == Direction::ToServer => one(&self.arguments.stub),
            "dcerpc.stub_data" => one(&self.results.stub),
            "dcerpc.iface" => self
                .interfaces
                .iter()
                .map(|interface| {
                    let mut value = interface.uuid.to_be_bytes().to_vec();
                    value.extend_from_slice(&interface.major.to_be_bytes());
                    value.push(self.first.into());
                    Cow::Owned(value)
                })
                .collect(),
            "dcerpc.opnums" => self
                .opnum
                .map(|opnum| Cow::Owned(opnum.to_be_bytes().to_vec()))
                .into_iter()
                .collect(),
            _ => FieldValues::new(),
        }
    }

    /// The value of `dcerpc.opnum`.
    pub(crate) fn opnum(&self) -> FieldNumbers {
        number(self.opnum)
    }
}

/// Text of a UUID.
pub(crate) fn uuid_text(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

impl Record for Call {
    fn event_type(&self) -> &'static str {
        "dcerpc"
    }

    fn object(&self, _options: &RecordOptions) -> Option<Value> {
        let mut object = self.object();
        object.remove("opnum");
        if let Some(activity) = self.activity {
            object.insert("activityuuid".to_owned(), uuid_text(activity).into());
        }
        object.insert(
            "rpc_version".to_owned(),
            format!("{}.{}", self.version.0, self.version.1).into(),
        );
        Some(object.into())
    }

    fn bytes(&self, field: &str, direction: Direction) -> FieldValues<'_> {
        if !self.is_whole(direction) && direction == Direction::ToServer {
            return FieldValues::new();
        }
        self.field(field, direction)
    }

    fn numbers(&self, field: &str, _direction: Direction) -> FieldNumbers {
        match field {
            "dcerpc.opnum" => self.opnum(),
            _ => FieldNumbers::new(),
        }
    }
}

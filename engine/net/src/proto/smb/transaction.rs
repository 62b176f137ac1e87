//! A transaction of SMB and its record.

use serde_json::{Map, Value, json};

use super::names;
use super::ntlmssp::Ntlmssp;
use crate::app::{FieldNumbers, FieldValues, Record, RecordOptions, number, one};
use crate::flow::Direction;
use crate::proto::dcerpc::Call;
use crate::proto::text;

/// Which command, of which version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// SMB 1.
    One(u8),
    /// SMB 2 and 3.
    Two(u16),
}

/// How the server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Nt(u32),
    Dos(u8, u16),
}

/// What a file was opened with, and what the server said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Create {
    pub(super) name: Vec<u8>,
    pub(super) disposition: u32,
    pub(super) delete_on_close: bool,
    pub(super) directory: bool,
    /// Created, accessed, modified, changed, as Unix seconds.
    pub(super) times: [u64; 4],
    pub(super) size: u64,
    pub(super) fuid: Vec<u8>,
}

/// What is particular to a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Detail {
    #[default]
    Generic,
    Negotiate {
        dialects: Vec<String>,
        client_guid: Option<[u8; 16]>,
        server_guid: Option<[u8; 16]>,
    },
    Session {
        ntlmssp: Option<Ntlmssp>,
        /// System and LAN manager of client and server.
        request: Option<(Vec<u8>, Vec<u8>)>,
        response: Option<(Vec<u8>, Vec<u8>)>,
    },
    Tree {
        path: Vec<u8>,
        kind: u8,
        service: Option<Vec<u8>>,
    },
    Create(Create),
    File {
        name: Vec<u8>,
        share: Vec<u8>,
        fuid: Vec<u8>,
    },
    Rename {
        from: Vec<u8>,
        to: Vec<u8>,
        fuid: Vec<u8>,
    },
    SetInfo {
        name: Vec<u8>,
        delete_on_close: bool,
        class: &'static str,
        level: &'static str,
        fuid: Vec<u8>,
    },
    Ioctl(u32),
    Rpc(Box<Call>),
}

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmbTransaction {
    pub(super) id: u64,
    /// The command.
    pub command: Command,
    pub(super) dialect: String,
    pub(super) status: Option<Status>,
    pub(super) session: u64,
    pub(super) tree: u32,
    /// Message number and the like by which the answer is found.
    pub(super) message: u64,
    pub(super) detail: Detail,
    /// The request was seen.
    pub(super) asked: bool,
}

/// A GUID or file identifier of 16 bytes as text.
pub(super) fn guid(bytes: &[u8]) -> Option<String> {
    let mut reader = crate::proto::reader::Reader::new(bytes);
    let (low, mid, high) = (reader.le32()?, reader.le16()?, reader.le16()?);
    let (fourth, fifth, sixth) = (reader.le16()?, reader.le16()?, reader.le32()?);
    Some(format!(
        "{low:08x}-{mid:04x}-{high:04x}-{fourth:04x}-{fifth:04x}{sixth:08x}"
    ))
}

/// Identifier of an open file: 16 bytes in SMB 2, 2 bytes in SMB 1.
fn fuid_text(fuid: &[u8]) -> Option<String> {
    match fuid {
        [low, high] => Some(format!("{low:02x}{high:02x}")),
        _ => guid(fuid),
    }
}

fn put_fuid(object: &mut Map<String, Value>, fuid: &[u8]) {
    if let Some(fuid) = fuid_text(fuid) {
        object.insert("fuid".to_owned(), fuid.into());
    }
}

fn put(object: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    object.insert(key.to_owned(), value.into());
}

/// A name as it stands in records; the root of a share is told from an absent name.
fn name_text(name: &[u8]) -> String {
    if name.is_empty() {
        "<share_root>".to_owned()
    } else {
        text(name)
    }
}

impl SmbTransaction {
    fn kind(&self) -> &'static str {
        match &self.detail {
            Detail::Generic => "generic",
            Detail::Negotiate { .. } => "negotiate",
            Detail::Session { .. } => "session_setup",
            Detail::Tree { .. } => "tree_connect",
            Detail::Create(_) => "create",
            Detail::File { .. } => "file",
            Detail::Rename { .. } => "rename",
            Detail::SetInfo { .. } => "set_file_path_info",
            Detail::Ioctl(_) => "ioctl",
            Detail::Rpc(_) => "dcerpc",
        }
    }

    fn put_status(&self, object: &mut Map<String, Value>) {
        match self.status {
            Some(Status::Nt(code)) => {
                let name = names::status(code).map_or_else(|| format!("UNKNOWN_{code:08x}"), str::to_owned);
                put(object, "status", name);
                put(object, "status_code", format!("{code:#x}"));
            }
            Some(Status::Dos(class, code)) => {
                let name = names::dos(class, code)
                    .map_or_else(|| format!("UNKNOWN_{class:02x}_{code:04x}"), str::to_owned);
                put(object, "status", name);
                put(object, "status_code", format!("{code:#06x}"));
            }
            None => {}
        }
    }

    fn put_detail(&self, object: &mut Map<String, Value>) {
        match &self.detail {
            Detail::Generic => {}
            Detail::Negotiate {
                dialects,
                client_guid,
                server_guid,
            } => {
                put(object, "client_dialects", json!(dialects));
                for (key, bytes) in [("client_guid", client_guid), ("server_guid", server_guid)] {
                    if let Some(guid) = bytes.and_then(|bytes| guid(&bytes)) {
                        put(object, key, guid);
                    }
                }
            }
            Detail::Session {
                ntlmssp,
                request,
                response,
            } => {
                if let Some(ntlmssp) = ntlmssp {
                    put(object, "ntlmssp", ntlmssp_object(ntlmssp));
                }
                for (key, names) in [("request", request), ("response", response)] {
                    if let Some((system, manager)) = names {
                        put(
                            object,
                            key,
                            json!({"native_os": text(system), "native_lm": text(manager)}),
                        );
                    }
                }
            }
            Detail::Tree { path, kind, service } => {
                put(object, self.share_key(), text(path));
                if let Some(service) = service {
                    put(object, "service", json!({"request": text(service)}));
                }
                if matches!(self.command, Command::Two(_)) {
                    put(object, "share_type", names::share_type(*kind));
                }
            }
            Detail::Create(create) => put_create(create, object),
            Detail::File { name, share, fuid } => {
                put(object, "filename", name_text(name));
                put(object, "share", text(share));
                put_fuid(object, fuid);
            }
            Detail::Rename { from, to, fuid } => {
                put(object, "rename", json!({"from": text(from), "to": text(to)}));
                put_fuid(object, fuid);
            }
            Detail::SetInfo {
                name,
                delete_on_close,
                class,
                level,
                fuid,
            } => {
                put(object, "filename", text(name));
                put(object, "access", access(*delete_on_close));
                put(object, "set_info", json!({"class": class, "info_level": level}));
                put_fuid(object, fuid);
            }
            Detail::Ioctl(function) => put(object, "function", names::function(*function)),
            Detail::Rpc(call) => put(object, "dcerpc", call.object()),
        }
    }

    fn is_pipe(&self) -> bool {
        match &self.detail {
            Detail::Tree { path, kind, .. } => *kind == 2 || path.to_ascii_uppercase().ends_with(b"IPC$"),
            _ => false,
        }
    }

    fn share_key(&self) -> &'static str {
        if self.is_pipe() { "named_pipe" } else { "share" }
    }
}

fn access(delete_on_close: bool) -> &'static str {
    if delete_on_close {
        "delete on close"
    } else {
        "normal"
    }
}

fn put_create(create: &Create, object: &mut Map<String, Value>) {
    let key = if create.directory { "directory" } else { "filename" };
    put(object, key, name_text(&create.name));
    put(object, "disposition", names::disposition(create.disposition));
    put(object, "access", access(create.delete_on_close));
    for (key, time) in ["created", "accessed", "modified", "changed"]
        .into_iter()
        .zip(create.times)
    {
        put(object, key, time);
    }
    put(object, "size", create.size);
    put_fuid(object, &create.fuid);
}

fn ntlmssp_object(ntlmssp: &Ntlmssp) -> Value {
    let mut object = json!({
        "domain": text(&ntlmssp.domain), "user": text(&ntlmssp.user), "host": text(&ntlmssp.host),
    });
    if let (Some(version), Some(map)) = (&ntlmssp.version, object.as_object_mut()) {
        map.insert("version".to_owned(), version.as_str().into());
    }
    object
}

impl Record for SmbTransaction {
    fn event_type(&self) -> &'static str {
        "smb"
    }

    fn is_recorded(&self, options: &RecordOptions) -> bool {
        let mut wanted = options.list("smb.types").peekable();
        wanted.peek().is_none() || wanted.any(|kind| kind == self.kind())
    }

    fn object(&self, _options: &RecordOptions) -> Option<Value> {
        let mut object = Map::new();
        put(&mut object, "id", self.id + 1);
        put(&mut object, "dialect", self.dialect.as_str());
        let command = match self.command {
            Command::One(command) => names::smb1_command(command),
            Command::Two(command) => names::smb2_command(command),
        };
        put(&mut object, "command", command);
        self.put_status(&mut object);
        put(&mut object, "session_id", self.session);
        put(&mut object, "tree_id", self.tree);
        self.put_detail(&mut object);
        Some(object.into())
    }

    fn bytes(&self, field: &str, direction: Direction) -> FieldValues<'_> {
        match (field, &self.detail) {
            ("smb.named_pipe", Detail::Tree { path, .. }) if self.is_pipe() => one(path),
            ("smb.share", Detail::Tree { path, .. }) if !self.is_pipe() => one(path),
            (
                "smb.ntlmssp_user",
                Detail::Session {
                    ntlmssp: Some(who), ..
                },
            ) => one(&who.user),
            (
                "smb.ntlmssp_domain",
                Detail::Session {
                    ntlmssp: Some(who), ..
                },
            ) => one(&who.domain),
            (_, Detail::Rpc(call)) => call.field(field, direction),
            _ => FieldValues::new(),
        }
    }

    fn numbers(&self, field: &str, _direction: Direction) -> FieldNumbers {
        match (field, &self.detail) {
            ("smb.version", _) => number(Some(match self.command {
                Command::One(_) => 1_u8,
                Command::Two(_) => 2,
            })),
            ("dcerpc.opnum", Detail::Rpc(call)) => call.opnum(),
            _ => FieldNumbers::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_as_text() {
        let mut bytes = [0; 16];
        bytes[0] = 0x2a;
        bytes[4] = 8;
        bytes[8] = 9;
        bytes[12] = 8;
        assert_eq!(
            guid(&bytes).as_deref(),
            Some("0000002a-0008-0000-0009-000000000008")
        );
        assert_eq!(fuid_text(&[1, 2]).as_deref(), Some("0102"));
    }
}

//! The steps of the handshake: who speaks next, and what is read.

use super::eve::{Framebuffer, Session};
use crate::flow::Direction;
use crate::proto::reader::Reader;

const NONE: u32 = 1;
const VNC: u32 = 2;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    ServerVersion,
    ClientVersion,
    /// The list that version 3.7 and later send, or the number of 3.3.
    SecurityTypes,
    SecurityChoice,
    Challenge,
    Response,
    Result,
    Failure,
    ClientInit,
    ServerInit,
    Unsupported(&'static str),
    Done,
}

impl Stage {
    /// Who sends it.
    pub(super) fn from(self) -> Direction {
        match self {
            Self::ClientVersion | Self::SecurityChoice | Self::Response | Self::ClientInit => {
                Direction::ToServer
            }
            _ => Direction::ToClient,
        }
    }
}

fn version(line: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8_lossy(line.strip_prefix(b"RFB ")?).into_owned();
    let (major, minor) = text.trim_end().split_once('.')?;
    Some((major.to_owned(), minor.to_owned()))
}

impl Session {
    /// Reads one message: the bytes it took and what comes next; `None` while it is not whole.
    pub(super) fn take(&mut self, stage: Stage, bytes: &[u8]) -> Option<(usize, Stage)> {
        let mut reader = Reader::new(bytes);
        let next = match stage {
            Stage::ServerVersion | Stage::ClientVersion => {
                let parsed = version(reader.take(12)?);
                let Some(parsed) = parsed else {
                    return Some((12, Stage::Unsupported("malformed_message")));
                };
                if stage == Stage::ServerVersion {
                    self.server_version = Some(parsed);
                    Stage::ClientVersion
                } else {
                    self.client_version = Some(parsed);
                    Stage::SecurityTypes
                }
            }
            Stage::SecurityTypes if self.is_3_3() => match reader.be32()? {
                0 => Stage::Failure,
                kind => self.chosen(kind),
            },
            Stage::SecurityTypes => {
                let count = reader.u8()?;
                reader.take(count.into())?;
                if count == 0 {
                    Stage::Failure
                } else {
                    Stage::SecurityChoice
                }
            }
            Stage::SecurityChoice => self.chosen(reader.u8()?.into()),
            Stage::Challenge => {
                self.challenge = Some(reader.take(16)?.to_vec());
                Stage::Response
            }
            Stage::Response => {
                self.response = Some(reader.take(16)?.to_vec());
                Stage::Result
            }
            Stage::Result => {
                let result = reader.be32()?;
                self.result = Some(result);
                match result {
                    0 => Stage::ClientInit,
                    1 if !self.is_3_3() => Stage::Failure,
                    _ => Stage::Done,
                }
            }
            Stage::Failure => {
                let length = reader.be32()? as usize;
                self.failure = Some(reader.take(length)?.to_vec());
                Stage::Done
            }
            Stage::ClientInit => {
                self.shared = Some(reader.u8()? != 0);
                Stage::ServerInit
            }
            Stage::ServerInit => {
                self.framebuffer = Some(framebuffer(&mut reader)?);
                Stage::Done
            }
            Stage::Unsupported(_) | Stage::Done => return None,
        };
        Some((reader.position(), next))
    }

    fn is_3_3(&self) -> bool {
        let older =
            |(major, minor): &(String, String)| major == "003" && matches!(minor.as_str(), "003" | "005");
        self.client_version.as_ref().is_some_and(older)
    }

    fn chosen(&mut self, kind: u32) -> Stage {
        self.security = Some(kind);
        match kind {
            VNC => Stage::Challenge,
            NONE if self.is_3_3() => Stage::ClientInit,
            NONE => Stage::Result,
            _ => Stage::Unsupported("unimplemented_security_type"),
        }
    }
}

fn framebuffer(reader: &mut Reader<'_>) -> Option<Framebuffer> {
    let (width, height) = (reader.be16()?, reader.be16()?);
    let format = *reader.take(16)?.first_chunk::<16>()?;
    let length = reader.be32()? as usize;
    Some(Framebuffer {
        width,
        height,
        format,
        name: reader.take(length)?.to_vec(),
    })
}

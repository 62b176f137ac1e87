//! The application layer of a flow: which protocol it speaks, its parser and its transactions.

mod context;
mod detect;
mod file;
mod frame;
mod layer;
mod proto;
mod record;
mod transaction;
mod window;

pub use context::{AppContext, Parser, Probe};
pub use detect::Detection;
pub use file::{File, FileHashes, FileState};
pub(crate) use frame::FrameBytes;
pub use frame::{Frame, FrameDemand, Frames};
pub use layer::AppLayer;
pub(crate) use layer::{DetectionOnly, LayerInput};
pub use proto::AppProto;
pub use record::{FieldNumbers, FieldValues, Record, RecordOptions, number, one};
pub use transaction::{AppEvent, Transaction, Transactions, TxData};
pub use window::ByteWindow;

//! The province as data: its agencies as a tree, the machines it owns, and what part of it a person may see.

mod asset;
mod scope;
mod tree;

pub use asset::{Asset, AssetRole, AssetTable};
pub use scope::Scope;
pub use tree::{Agency, AgencyTree};

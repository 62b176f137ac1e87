//! One file per resource of the API.

pub mod agencies;
pub mod groups;
pub mod groups_actions;
pub mod incidents;
pub mod incidents_actions;
pub mod outbox;
pub mod rules;
pub mod session;
pub mod setup;
pub mod sources;
pub mod users;
mod view;

pub use view::Viewer;

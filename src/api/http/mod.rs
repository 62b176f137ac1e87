//! What every request goes through: ids, headers, limits, extractors that fail with a problem, pages.

mod extract;
mod headers;
mod language;
mod page;
mod problem;

pub use extract::{ApiJson, ApiPath, ApiQuery};
pub use headers::{Nonce, guard};
pub use language::Language;
pub use page::{Page, page_of};
pub use problem::{ApiError, Code, ProblemBody, problem_text};

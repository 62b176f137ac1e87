//! Pages of a sorted list. The cursor is the sort key of the last item, so that rows which come or go between two
//! requests neither repeat nor hide others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ApiError;

/// One page of a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Pass as `cursor` to get the next page; none at the end.
    pub next_cursor: Option<String>,
    /// Rows in all pages together.
    pub total: u64,
}

/// Rows of a page when the request does not say.
const DEFAULT_LIMIT: usize = 50;
/// Most rows of a page.
const MAX_LIMIT: usize = 200;

/// Sorts `rows` by their key and cuts out the page after `cursor`.
///
/// # Errors
/// `request.invalid` for a cursor that is not one of ours.
pub fn page_of<T, K>(
    rows: Vec<(K, T)>,
    cursor: Option<&str>,
    limit: Option<usize>,
) -> Result<Page<T>, ApiError>
where
    K: Ord + Serialize + DeserializeOwned,
{
    let after = cursor.map(decode::<K>).transpose()?;
    let mut rows = rows;
    let total = rows.len() as u64;
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    let begin = after.map_or(0, |after| rows.partition_point(|(key, _)| *key <= after));
    let limit = limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let more = rows.len() - begin > limit;
    let page: Vec<(K, T)> = rows.into_iter().skip(begin).take(limit).collect();
    let next_cursor = page.last().filter(|_| more).map(|(key, _)| encode(key));
    Ok(Page {
        items: page.into_iter().map(|(_, row)| row).collect(),
        next_cursor,
        total,
    })
}

fn encode<K: Serialize>(key: &K) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K, ApiError> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| ApiError::because("request.invalid", "the cursor is not one that this list gave"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_to_the_whole_list_even_when_rows_are_added_in_front() {
        let rows = |from: u32| (from..10).rev().map(|n| (n, n)).collect::<Vec<_>>();
        let first = page_of(rows(3), None, Some(4)).unwrap();
        assert_eq!((first.items, first.total), (vec![3, 4, 5, 6], 7));
        let second = page_of(rows(0), first.next_cursor.as_deref(), Some(4)).unwrap();
        assert_eq!((second.items, second.next_cursor), (vec![7, 8, 9], None));
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        for cursor in ["", "x", "eyJhIjoxfQ"] {
            assert_eq!(
                page_of(vec![(1, 1)], Some(cursor), None).unwrap_err().code,
                "request.invalid"
            );
        }
    }
}

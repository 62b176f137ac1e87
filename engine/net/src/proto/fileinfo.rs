//! The `fileinfo` object of EVE.

use serde_json::{Map, Value};

use super::{magic, text};
use crate::app::File;

/// The object for one file of transaction `tx_id`; the kind is told when `with_magic`.
pub fn object(file: &File, tx_id: u64, with_magic: bool) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| {
        object.insert(key.to_owned(), value);
    };
    put("filename", text(&file.name).into());
    if let Some(kind) = magic(&file.head).filter(|_| with_magic) {
        put("magic", kind.into());
    }
    put("gaps", file.gaps.into());
    put("state", file.state.name().into());
    for (key, hash) in [("md5", &file.md5), ("sha1", &file.sha1), ("sha256", &file.sha256)] {
        if let Some(hash) = hash {
            put(key, hash.as_str().into());
        }
    }
    put("stored", file.stored.into());
    put("size", file.size().into());
    put("tx_id", tx_id.into());
    if let Some((first, last)) = file.range {
        put("start", first.into());
        put("end", last.into());
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{FileHashes, FileState};
    use crate::flow::Direction;

    #[test]
    fn tells_name_state_size_and_hashes() {
        let mut file = File::new(
            b"a.txt".to_vec(),
            Direction::ToClient,
            10,
            FileHashes::new(true, false, false),
        );
        file.push(b"abc");
        file.close(FileState::Closed);
        assert_eq!(
            object(&file, 3, true).to_string(),
            "{\"filename\":\"a.txt\",\"magic\":\"ASCII text\",\"gaps\":false,\"state\":\"CLOSED\",\
             \"md5\":\"900150983cd24fb0d6963f7d28e17f72\",\"stored\":false,\"size\":3,\"tx_id\":3}"
        );
    }
}

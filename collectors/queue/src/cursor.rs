//! Where reading goes on after a restart: the first frame that the engine has not settled.
//!
//! The file is replaced whole and not synchronised: an old cursor costs repetitions, never records.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::segment::Place;

const NAME: &str = "cursor";

/// The noted place; `None` when there is none that can be read.
pub(crate) fn read(folder: &Path) -> Option<Place> {
    let text = std::fs::read_to_string(folder.join(NAME)).ok()?;
    let (segment, offset) = text.trim_end().split_once(' ')?;
    Some(Place {
        segment: segment.parse().ok()?,
        offset: offset.parse().ok()?,
    })
}

/// Notes a place.
pub(crate) fn write(folder: &Path, place: Place) -> std::io::Result<()> {
    let beside = folder.join("cursor.new");
    let mut file = File::create(&beside)?;
    writeln!(file, "{} {}", place.segment, place.offset)?;
    std::fs::rename(beside, folder.join(NAME))
}

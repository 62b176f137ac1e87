//! Whatever is changed in the files, verifying finds it.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use saola::journal::{Fault, verify};

use super::{put, segments, written};

#[test]
fn every_flipped_bit_of_every_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 3);
    let mut files = segments(folder.path());
    files.push(folder.path().join("head"));
    let mut tried = 0;
    for file in files {
        let whole = fs::read(&file).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            put(&file, &bytes);
            assert!(
                !verify(folder.path(), false).unwrap().intact,
                "bit {bit} of {}",
                file.display()
            );
            tried += 1;
        }
        put(&file, &whole);
    }
    assert!(tried > 8_000, "{tried}");
    let report = verify(folder.path(), false).unwrap();
    assert!(report.intact && report.entries == 3, "{report:?}");
}

/// A way to change a journal, on lines: where, and what.
#[derive(Clone, Debug)]
enum Tampering {
    Remove(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Repeat(prop::sample::Index),
    Cut(prop::sample::Index),
    DropSegment(prop::sample::Index),
    Garbage(Vec<u8>),
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        at().prop_map(Tampering::Remove),
        (at(), at()).prop_map(|(a, b)| Tampering::Swap(a, b)),
        at().prop_map(Tampering::Repeat),
        at().prop_map(Tampering::Cut),
        at().prop_map(Tampering::DropSegment),
        prop::collection::vec(any::<u8>(), 1..60).prop_map(Tampering::Garbage),
    ]
}

/// Does it; false when it changed nothing.
fn tamper(folder: &Path, how: &Tampering) -> bool {
    let files = segments(folder);
    if let Tampering::DropSegment(at) = how {
        fs::remove_file(at.get(&files)).unwrap();
        return true;
    }
    let file = match how {
        Tampering::Garbage(_) => files.last().unwrap(),
        Tampering::Remove(at) | Tampering::Swap(at, _) | Tampering::Repeat(at) | Tampering::Cut(at) => {
            at.get(&files)
        }
        Tampering::DropSegment(_) => return false,
    };
    let whole = fs::read(file).unwrap();
    let mut lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let count = lines.len();
    match how {
        Tampering::Remove(at) => drop(lines.remove(at.index(count))),
        Tampering::Swap(a, b) => lines.swap(a.index(count), b.index(count)),
        Tampering::Repeat(at) => lines.insert(at.index(count), lines[at.index(count)]),
        Tampering::Cut(at) => lines.truncate(at.index(count)),
        Tampering::Garbage(bytes) => lines.push(bytes),
        Tampering::DropSegment(_) => {}
    }
    let changed = lines.concat();
    put(file, &changed);
    changed != whole
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn entries_and_segments_cannot_be_removed_added_or_moved(how in tampering()) {
        let folder = tempfile::tempdir().unwrap();
        written(folder.path(), 40);
        let changed = tamper(folder.path(), &how);
        prop_assert_eq!(verify(folder.path(), false).unwrap().intact, !changed);
    }
}

#[test]
fn findings_name_file_place_and_entry() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 40);
    let second = segments(folder.path())[1].clone();
    let mut bytes = fs::read(&second).unwrap();
    bytes[60] ^= 1;
    put(&second, &bytes);
    let report = verify(folder.path(), false).unwrap();
    let first: u64 = second.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.offset, finding.seq, finding.fault),
        (0, first, Fault::Checksum)
    );
    assert!(second.ends_with(&finding.file));
}

#[test]
fn a_whole_new_chain_shows_in_the_heads_hash() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    written(one.path(), 5);
    written(other.path(), 6);
    let (one, other) = (
        verify(one.path(), false).unwrap(),
        verify(other.path(), false).unwrap(),
    );
    assert!(one.intact && other.intact);
    assert_ne!(one.head_hash, other.head_hash);
}

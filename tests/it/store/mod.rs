//! The store: one suite over all back ends, and what happens to one that is damaged.

mod damaged;

use std::path::Path;

use saola::store::{Backend, MemoryStore, Store, Write, export, import, open};

/// Runs a check over every back end, each in a folder of its own.
fn over_all(check: impl Fn(&dyn Store)) {
    check(&MemoryStore::default());
    for backend in [Backend::Sled, Backend::Redb] {
        let folder = tempfile::tempdir().unwrap();
        check(&*open(backend, &folder.path().join("store")).unwrap());
    }
}

fn put(key: &str, value: &str) -> Write {
    Write::Put(key.as_bytes().to_vec(), value.as_bytes().to_vec())
}

fn delete(key: &str) -> Write {
    Write::Delete(key.as_bytes().to_vec())
}

fn keys(store: &dyn Store, prefix: &str) -> Vec<String> {
    store
        .scan(prefix.as_bytes())
        .map(|pair| String::from_utf8(pair.unwrap().0).unwrap())
        .collect()
}

#[test]
fn puts_gets_deletes_and_scans_in_order() {
    over_all(|store| {
        assert_eq!(store.get(b"a/1").unwrap(), None);
        assert!(keys(store, "").is_empty());
        store
            .apply(&[
                put("b/1", "x"),
                put("a/2", "y"),
                put("a/1", "z"),
                put("a", "w"),
                put("b", "v"),
            ])
            .unwrap();
        assert_eq!(store.get(b"a/1").unwrap().as_deref(), Some(&b"z"[..]));
        assert_eq!(keys(store, "a/"), ["a/1", "a/2"]);
        assert_eq!(keys(store, ""), ["a", "a/1", "a/2", "b", "b/1"]);
        store
            .apply(&[delete("a/1"), delete("none"), put("a/2", "again")])
            .unwrap();
        assert_eq!(keys(store, "a/"), ["a/2"]);
        assert_eq!(store.get(b"a/2").unwrap().as_deref(), Some(&b"again"[..]));
    });
}

#[test]
fn within_a_batch_the_last_word_counts() {
    over_all(|store| {
        store
            .apply(&[
                put("k", "1"),
                delete("k"),
                put("k", "2"),
                put("l", "1"),
                delete("l"),
            ])
            .unwrap();
        assert_eq!(store.get(b"k").unwrap().as_deref(), Some(&b"2"[..]));
        assert_eq!(store.get(b"l").unwrap(), None);
        store.apply(&[]).unwrap();
    });
}

#[test]
fn large_and_odd_values_come_back() {
    over_all(|store| {
        let large = vec![0xa5; 3 << 20];
        let odd = [0, 255, 10, 13, 0];
        store
            .apply(&[
                Write::Put(b"large".to_vec(), large.clone()),
                Write::Put(odd.to_vec(), odd.to_vec()),
            ])
            .unwrap();
        store.apply(&[Write::Put(b"empty".to_vec(), Vec::new())]).unwrap();
        assert_eq!(store.get(b"large").unwrap(), Some(large));
        assert_eq!(store.get(&odd).unwrap().as_deref(), Some(&odd[..]));
        assert_eq!(store.get(b"empty").unwrap(), Some(Vec::new()));
    });
}

#[test]
fn readers_see_a_batch_wholly_or_not_at_all_while_it_is_written() {
    over_all(|store| {
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for n in 0..200 {
                    let value = n.to_string();
                    store.apply(&[put("p/1", &value), put("p/2", &value)]).unwrap();
                }
            });
            while !writer.is_finished() {
                let pair: Vec<_> = store.scan(b"p/").map(|pair| pair.unwrap().1).collect();
                assert!(
                    pair.is_empty() || (pair.len() == 2 && pair[0] == pair[1]),
                    "{pair:?}"
                );
            }
        });
    });
}

fn reopened(backend: Backend, folder: &Path, check: impl Fn(&dyn Store)) {
    let store = open(backend, folder).unwrap();
    check(&*store);
}

#[test]
fn what_was_flushed_is_there_after_opening_again() {
    for backend in [Backend::Sled, Backend::Redb] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        reopened(backend, &path, |store| {
            store
                .apply(
                    &(0..500)
                        .map(|n| put(&format!("k/{n:04}"), "v"))
                        .collect::<Vec<_>>(),
                )
                .unwrap();
            store.apply(&[delete("k/0007")]).unwrap();
            store.flush().unwrap();
        });
        reopened(backend, &path, |store| {
            assert_eq!(keys(store, "k/").len(), 499, "{backend:?}");
        });
    }
}

#[test]
fn one_back_end_reads_what_the_other_wrote_out() {
    let records = [
        ("g/1", "\u{1}{\"a\":1}"),
        ("m/applied", "\u{1}{\"seq\":18446744073709551615}"),
        ("u/an", "\u{1}\"Ế\""),
    ];
    let batch: Vec<_> = records.iter().map(|(key, value)| put(key, value)).collect();
    over_all(|from| {
        from.apply(&batch).unwrap();
        let mut lines = Vec::new();
        assert_eq!(export(from, &mut lines).unwrap(), 3);
        over_all(|to| {
            assert_eq!(import(to, &mut &lines[..]).unwrap(), 3);
            for (key, value) in records {
                assert_eq!(to.get(key.as_bytes()).unwrap().as_deref(), Some(value.as_bytes()));
            }
        });
    });
}

#[test]
fn a_line_that_is_no_record_is_named() {
    let lines = b"{\"key\":\"g/1\",\"version\":1,\"record\":{}}\n{\"key\":5}\n";
    let error = import(&MemoryStore::default(), &mut &lines[..]).unwrap_err();
    assert!(error.to_string().starts_with("line 2 of the export"), "{error}");
}

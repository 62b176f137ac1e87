//! The committed OpenAPI document is the one that the routes give.

use std::io::Write as _;
use std::path::Path;

/// `SAOLA_WRITE_OPENAPI=1 cargo test openapi` writes the file anew.
#[test]
fn web_openapi_json_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/openapi.json");
    let now = saola::api::openapi_json();
    if std::env::var_os("SAOLA_WRITE_OPENAPI").is_some() {
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(now.as_bytes()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == now,
        "web/openapi.json is stale: run SAOLA_WRITE_OPENAPI=1 cargo test openapi"
    );
}

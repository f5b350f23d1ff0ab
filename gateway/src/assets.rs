//! Files of the pages, inside the program: each is served under a name that holds its hash, so that it is kept for ever.

use aws_lc_rs::digest;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, Response, header};
use std::sync::LazyLock;

use crate::trouble::Trouble;

/// Hexadecimal digits of the hash in a name.
const HASH_DIGITS: usize = 16;

struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const ASSETS: [Asset; 4] = [
    Asset {
        name: "style.css",
        kind: "text/css; charset=utf-8",
        bytes: include_bytes!("../assets/style.css"),
    },
    Asset {
        name: "page.js",
        kind: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../assets/page.js"),
    },
    Asset {
        name: "htmx.js",
        kind: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../assets/htmx.min.js"),
    },
    Asset { name: "icon.svg", kind: "image/svg+xml", bytes: include_bytes!("../assets/icon.svg") },
];

static HASHES: LazyLock<Vec<String>> =
    LazyLock::new(|| ASSETS.iter().map(|asset| hash(asset.bytes)).collect());

fn hash(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, bytes);
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    hex[..HASH_DIGITS].to_owned()
}

/// The address of a file; empty for one that is not there (a test asks for each).
pub(crate) fn address(name: &str) -> String {
    let place = ASSETS.iter().position(|asset| asset.name == name);
    place.map(|place| format!("/fichiers/{}/{name}", HASHES[place])).unwrap_or_default()
}

/// Serves a file under its hashed name.
pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Result<Response<Body>, Trouble> {
    let place = ASSETS.iter().position(|asset| asset.name == name).ok_or(Trouble::NotFound)?;
    if HASHES[place] != hash {
        return Err(Trouble::NotFound);
    }
    let mut response = Response::new(Body::from(ASSETS[place].bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(ASSETS[place].kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_an_address_of_its_own() {
        for asset in ASSETS {
            assert!(address(asset.name).ends_with(asset.name));
        }
        assert_eq!(address("none"), "");
    }
}

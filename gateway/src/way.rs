//! Ways back: addresses of this gateway that a form or a link may name. Whatever a visitor writes there, it leads to no
//! other site, and nothing typed stands in it.

use axum::http::{Method, Uri};

/// The address if it is one of this gateway's pages, else the first page.
pub(crate) fn within(address: &str) -> &str {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let plain = |text: &str, more: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    let is_path = path.starts_with('/') && !path.starts_with("//") && plain(path, "/-_");
    if is_path && plain(query, "-_.~=&%+") { address } else { "/" }
}

/// The page that a request asks for, with what follows its path; of a posted form, its path: its page is there, or
/// [`above`].
pub(crate) fn of(method: &Method, uri: &Uri) -> String {
    let whole = uri.path_and_query().map_or("/", |whole| whole.as_str());
    within(if method.is_safe() { whole } else { uri.path() }).to_owned()
}

/// The page above an address: one that only takes forms shows nothing by itself.
pub(crate) fn above(uri: &Uri) -> &str {
    let (above, _) = uri.path().rsplit_once('/').unwrap_or_default();
    within(if above.is_empty() { "/" } else { above })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        for good in ["/", "/orientations/abc-1", "/orientations?voir=recues&page=25", "/a?suite=%2Fpersonnes"]
        {
            assert_eq!(within(good), good);
        }
        for evil in [
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "",
            "javascript:x",
            "/%0d%0a",
            "?a=b",
            "//?a",
            "/a?b=<c>",
            "/a?b#c",
            "/a?b?c",
            "/a?b=//evil",
            "/a\r\nb",
            "/é",
            "/a?é",
        ] {
            assert_eq!(within(evil), "/", "{evil}");
        }
    }

    #[test]
    fn a_form_comes_back_to_its_page() {
        let of = |method, address: &'static str| of(&method, &Uri::from_static(address));
        assert_eq!(of(Method::GET, "/orientations?voir=recues"), "/orientations?voir=recues");
        assert_eq!(of(Method::POST, "/orientations/a/refuser?x=y"), "/orientations/a/refuser");
        assert_eq!(of(Method::GET, "/a%0d%0ab"), "/");
        for (form, page) in [("/structure/services/accueil", "/structure/services"), ("/deconnexion", "/")] {
            assert_eq!(above(&Uri::from_static(form)), page);
        }
    }
}

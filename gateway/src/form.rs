//! A posted form: names and values as typed, within limits.

use crate::trouble::Trouble;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use std::collections::BTreeMap;

/// Most fields of one form.
pub(crate) const FIELDS_MAX: usize = 400;
/// The only content type of a form.
const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// The fields of a form, each with its values in the order they were sent.
#[derive(Clone, Default)]
pub(crate) struct Form {
    fields: BTreeMap<String, Vec<String>>,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Form").field("fields", &self.fields.len()).finish()
    }
}

impl Form {
    /// Reads `a=b&c=d`.
    ///
    /// # Errors
    /// [`Trouble::BadForm`] when it is no form or has too many fields.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Trouble> {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let pairs = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        for (count, pair) in pairs.enumerate() {
            if count >= FIELDS_MAX {
                return Err(Trouble::BadForm);
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default()).ok_or(Trouble::BadForm)?;
            let value = decode(halves.next().unwrap_or_default()).ok_or(Trouble::BadForm)?;
            fields.entry(name).or_default().push(value);
        }
        Ok(Self { fields })
    }

    /// The field's first value without the spaces around it; empty when it was not sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(|values| values.first()).map_or("", |value| value.trim())
    }

    /// The field's first value exactly as typed.
    pub(crate) fn exact(&self, name: &str) -> &str {
        self.fields.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// Every value of a field.
    pub(crate) fn all(&self, name: &str) -> &[String] {
        self.fields.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a box of this name and value is ticked.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).iter().any(|one| one == value)
    }

    /// Sets a field to one value.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.fields.insert(name.to_owned(), vec![value.to_owned()]);
    }

    /// Adds a value to a field.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.fields.entry(name.to_owned()).or_default().push(value.to_owned());
    }

    /// Takes every field of `newer` in the place of its own of the same name.
    pub(crate) fn take_over(&mut self, newer: Self) {
        self.fields.extend(newer.fields);
    }

    /// Forgets a field.
    pub(crate) fn remove(&mut self, name: &str) {
        self.fields.remove(name);
    }

    /// Every field with each of its values.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .flat_map(|(name, values)| values.iter().map(move |value| (name.as_str(), value.as_str())))
    }

    /// The fields whose names begin so, under what follows.
    pub(crate) fn under(&self, beginning: &str) -> Self {
        let rest = |(name, values): (&String, &Vec<String>)| {
            Some((name.strip_prefix(beginning)?.to_owned(), values.clone()))
        };
        Self { fields: self.fields.iter().filter_map(rest).collect() }
    }

    /// Whether nothing was sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The form as it is sent: what a draft keeps.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let pairs = self.pairs().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        pairs.collect::<Vec<_>>().join("&").into_bytes()
    }
}

fn decode(bytes: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
                let value = digit(rest.next())? * 16 + digit(rest.next())?;
                u8::try_from(value).ok()?
            }
            other => *other,
        });
    }
    String::from_utf8(decoded).ok()
}

/// Writes a value so that it can stand in a form or an address: never shorter than a browser does, but for the ends of lines.
pub(crate) fn encode(text: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.bytes()
        .map(|byte| if safe(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        if kind.as_deref() != Some(CONTENT_TYPE) {
            return Err(Trouble::BadForm);
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Trouble::TooBig)?;
        Self::parse(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_comes_back() {
        let form =
            Form::parse("prénom=No%C3%A9mie+L.&note=a%26b%3Dc%2B&case=1&case=2&vide=".as_bytes()).unwrap();
        assert_eq!(form.text("prénom"), "Noémie L.");
        assert_eq!(form.text("note"), "a&b=c+");
        assert_eq!(form.all("case"), ["1", "2"]);
        assert!(form.has("case", "2") && !form.has("case", "3"));
        assert_eq!((form.text("vide"), form.text("absent")), ("", ""));
        assert_eq!(Form::parse(&form.encode()).unwrap().encode(), form.encode());
        assert_eq!(encode("a-Z_0.*~ \n"), "a-Z_0.%2A%7E%20%0A", "a browser writes ~ so");
        let under = form.under("ca");
        assert_eq!(under.pairs().collect::<Vec<_>>(), [("se", "1"), ("se", "2")]);
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for bad in ["a=%", "a=%4", "a=%zz", "a=%ff%fe"] {
            assert!(matches!(Form::parse(bad.as_bytes()), Err(Trouble::BadForm)), "{bad}");
        }
        let many = vec!["a=1"; FIELDS_MAX + 1].join("&");
        assert!(matches!(Form::parse(many.as_bytes()), Err(Trouble::BadForm)));
        assert!(Form::parse(vec!["a=1"; FIELDS_MAX].join("&").as_bytes()).is_ok());
    }

    #[test]
    fn a_form_prints_nothing_of_what_was_typed() {
        let form = Form::parse(b"name=MARKER").unwrap();
        assert!(!format!("{form:?}").contains("MARKER"));
    }
}

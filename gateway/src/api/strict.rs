//! Reading JSON strictly: no name twice in one object, and no deeper than anything here is.

use super::problem::Problem;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// How deeply objects and lists may stand within each other. A referral needs five levels.
pub(super) const LEVELS_MAX: usize = 12;

/// Reads a body.
///
/// # Errors
/// A [`Problem`] that names what is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Problem> {
    let fault = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Strict { levels: LEVELS_MAX, fault: &fault }.deserialize(&mut reader);
    read.and_then(|value| reader.end().map(|()| value)).map_err(|error| {
        let place = format!("see line {}, column {}", error.line(), error.column());
        fault.take().unwrap_or_else(|| Problem::json(&place))
    })
}

/// A value with some levels left.
#[derive(Clone, Copy)]
struct Strict<'a> {
    levels: usize,
    fault: &'a RefCell<Option<Problem>>,
}

impl Strict<'_> {
    /// One level further in.
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.levels.checked_sub(1) {
            Some(levels) => Ok(Self { levels, ..self }),
            None => Err(self.stop(Problem::too_deep(LEVELS_MAX))),
        }
    }

    fn stop<E: serde::de::Error>(self, problem: Problem) -> E {
        self.fault.replace(Some(problem));
        E::custom("stopped")
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("no number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(self.stop(Problem::twice(&name)));
            }
            let value = members.next_value_seed(inner)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_json_is_read() {
        let text = r#" {"a": [1, -2, 1.5, "é\n", null, true], "b": {}} "#;
        assert_eq!(read(text.as_bytes()).unwrap(), json!({"a": [1, -2, 1.5, "é\n", null, true], "b": {}}));
        let deep = format!("{}1{}", "[".repeat(LEVELS_MAX), "]".repeat(LEVELS_MAX));
        assert!(read(deep.as_bytes()).is_ok());
    }

    #[test]
    fn what_is_no_json_is_refused_by_its_place_alone() {
        for bad in ["", "{", "{} x", "{'a': 1}", "[1,]", "NaN", "01", "\"\u{1}\"", "\"\\ud800\""] {
            let problem = read(bad.as_bytes()).unwrap_err();
            assert!(format!("{problem:?}").contains("\"json\""), "{bad}: {problem:?}");
        }
        assert!(read(b"\"\xff\"").is_err());
        let told = format!("{:?}", read(br#"{"given": "MARKER" "#).unwrap_err());
        assert!(told.contains("line 1") && !told.contains("MARKER"));
    }

    #[test]
    fn a_name_stands_once() {
        assert_eq!(read(br#"{"a": {"b": 1, "b": 1}}"#).unwrap_err(), Problem::twice("b"));
        assert!(read(br#"{"a": {"b": 1}, "b": 1}"#).is_ok());
    }

    #[test]
    fn what_is_nested_too_deeply_is_refused_before_it_is_read() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(LEVELS_MAX + 1), close.repeat(LEVELS_MAX + 1));
            assert_eq!(read(deep.as_bytes()).unwrap_err(), Problem::too_deep(LEVELS_MAX));
            assert_eq!(read(open.repeat(100_000).as_bytes()).unwrap_err(), Problem::too_deep(LEVELS_MAX));
        }
    }
}

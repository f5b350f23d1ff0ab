//! Reads JSON that someone wrote, so that every error names its field by path (`consent.classes[1]`) and the mend, and
//! never repeats a value.

use crate::codes::{self, Code};
use crate::exit::Failure;
use crate::when::When;
use serde_json::{Map, Value};
use std::cell::RefCell;

/// An object of a JSON file, and where it stands in it.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    path: String,
    map: &'a Map<String, Value>,
    known: RefCell<Vec<&'static str>>,
}

/// Reads JSON text.
///
/// # Errors
/// [`Failure`] with line and column when it is not JSON.
pub(crate) fn json(field: &str, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Failure::input(field, format!("is not JSON: see line {line}, column {column}"))
    })
}

impl<'a> Object<'a> {
    /// The object a whole file holds.
    ///
    /// # Errors
    /// [`Failure`] when it holds something else.
    pub(crate) fn whole(value: &'a Value) -> Result<Self, Failure> {
        Self::at(String::new(), value)
    }

    fn at(path: String, value: &'a Value) -> Result<Self, Failure> {
        let place = if path.is_empty() { "the file" } else { &path };
        let map = value.as_object().ok_or_else(|| Failure::input(place, "must be an object, { … }"))?;
        Ok(Self { path, map, known: RefCell::default() })
    }

    /// The path of one of its fields.
    pub(crate) fn field(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn value(&self, key: &'static str) -> Option<&'a Value> {
        self.known.borrow_mut().push(key);
        self.map.get(key).filter(|value| !value.is_null())
    }

    fn wrong<T>(&self, key: &str, problem: impl Into<String>) -> Result<T, Failure> {
        Err(Failure::input(self.field(key), problem))
    }

    /// A text; `None` when left out.
    ///
    /// # Errors
    /// [`Failure`] when it is no text.
    pub(crate) fn text(&self, key: &'static str) -> Result<Option<String>, Failure> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => self.wrong(key, "must be a text, in quotes"),
        }
    }

    /// A number from 0 up; `None` when left out.
    ///
    /// # Errors
    /// [`Failure`] when it is no such number.
    pub(crate) fn number(&self, key: &'static str) -> Result<Option<u32>, Failure> {
        match self.value(key) {
            None => Ok(None),
            Some(value) => match value.as_u64().and_then(|number| u32::try_from(number).ok()) {
                Some(number) => Ok(Some(number)),
                None => self.wrong(key, "must be a whole number"),
            },
        }
    }

    /// A word of a closed list; `None` when left out.
    ///
    /// # Errors
    /// [`Failure`] with the words of the list.
    pub(crate) fn code<T: Code>(&self, key: &'static str) -> Result<Option<T>, Failure> {
        match self.text(key)? {
            None => Ok(None),
            Some(text) => match codes::parse(&text, &T::list()) {
                Some(code) => Ok(Some(code)),
                None => self.wrong(key, format!("not one of {}", codes::choices(&T::list()))),
            },
        }
    }

    /// Words of a closed list; none when left out.
    ///
    /// # Errors
    /// [`Failure`] that names the entry, with the words of the list.
    pub(crate) fn codes<T: Code>(&self, key: &'static str) -> Result<Vec<T>, Failure> {
        let parse = |text: &str| codes::parse(text, &T::list());
        let entries = self.texts(key)?.into_iter().enumerate();
        let read = entries.map(|(index, text)| {
            parse(&text).ok_or_else(|| {
                let entry = format!("{}[{index}]", self.field(key));
                Failure::input(entry, format!("not one of {}", codes::choices(&T::list())))
            })
        });
        read.collect()
    }

    /// Texts; none when left out.
    ///
    /// # Errors
    /// [`Failure`] that names the entry that is no text.
    pub(crate) fn texts(&self, key: &'static str) -> Result<Vec<String>, Failure> {
        let entries = self.list(key)?.iter().enumerate();
        let read = entries.map(|(index, value)| {
            let text = value.as_str().map(str::to_owned);
            text.ok_or_else(|| {
                Failure::input(format!("{}[{index}]", self.field(key)), "must be a text, in quotes")
            })
        });
        read.collect()
    }

    fn list(&self, key: &'static str) -> Result<&'a [Value], Failure> {
        match self.value(key) {
            None => Ok(&[]),
            Some(Value::Array(values)) => Ok(values),
            Some(_) => self.wrong(key, "must be a list, [ … ]"),
        }
    }

    /// Objects; none when left out.
    ///
    /// # Errors
    /// [`Failure`] that names the entry that is no object.
    pub(crate) fn objects(&self, key: &'static str) -> Result<Vec<Object<'a>>, Failure> {
        let entries = self.list(key)?.iter().enumerate();
        entries.map(|(index, value)| Self::at(format!("{}[{index}]", self.field(key)), value)).collect()
    }

    /// An object; `None` when left out.
    ///
    /// # Errors
    /// [`Failure`] when it is none.
    pub(crate) fn object(&self, key: &'static str) -> Result<Option<Object<'a>>, Failure> {
        self.value(key).map(|value| Self::at(self.field(key), value)).transpose()
    }

    /// An object whose keys are words of a closed list and whose values are words of another.
    ///
    /// # Errors
    /// [`Failure`] that names the entry.
    pub(crate) fn pairs<K: Code, V: Code>(&self, key: &'static str) -> Result<Vec<(K, V)>, Failure> {
        let Some(object) = self.object(key)? else { return Ok(Vec::new()) };
        let read = object.map.iter().map(|(name, value)| {
            let name_code = codes::parse(name, &K::list()).ok_or_else(|| {
                Failure::input(object.path.clone(), format!("its keys are {}", codes::choices(&K::list())))
            })?;
            let value_code =
                value.as_str().and_then(|text| codes::parse(text, &V::list())).ok_or_else(|| {
                    let entry = format!("{}.{}", object.path, name_code.word());
                    Failure::input(entry, format!("not one of {}", codes::choices(&V::list())))
                })?;
            Ok((name_code, value_code))
        });
        read.collect()
    }

    /// A date; `None` when left out.
    ///
    /// # Errors
    /// [`Failure`] that says what can be written.
    pub(crate) fn when(&self, key: &'static str) -> Result<Option<When>, Failure> {
        match self.text(key)? {
            None => Ok(None),
            Some(text) => When::parse(&text).map(Some).or_else(|problem| self.wrong(key, problem)),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Failure`] when the object holds a field that was not asked for.
    pub(crate) fn done(self) -> Result<(), Failure> {
        let known = self.known.borrow();
        let strange = self.map.keys().filter(|key| !known.contains(&key.as_str())).count();
        if strange == 0 {
            return Ok(());
        }
        let place = if self.path.is_empty() { "the file" } else { &self.path };
        let message = format!("holds a field that does not exist; its fields are {}", known.join(", "));
        Err(Failure::input(place, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::class::DataClass;
    use relais_domain::content::{Statement, Urgency, YesNo};
    use serde_json::json;

    fn field(failure: &Failure) -> &str {
        failure.field.as_deref().unwrap_or_default()
    }

    #[test]
    fn a_wrong_word_names_its_place_and_the_choices_but_not_itself() {
        let value = json!({ "consent": { "classes": ["need", "Amina"] }, "urgency": "Amina" });
        let whole = Object::whole(&value).expect("an object");
        let consent = whole.object("consent").expect("read").expect("there");
        let failure = consent.codes::<DataClass>("classes").expect_err("no such class");
        assert_eq!(field(&failure), "consent.classes[1]");
        assert!(failure.message.contains("need, constraints, level"));
        let urgency = whole.code::<Urgency>("urgency").expect_err("no such urgency");
        assert!(!failure.line().contains("Amina") && !urgency.line().contains("Amina"));
    }

    #[test]
    fn pairs_name_the_key_that_is_wrong() {
        let value = json!({ "eligibility": { "student": "perhaps" }, "other": { "Amina": "yes" } });
        let whole = Object::whole(&value).expect("an object");
        let failure = whole.pairs::<Statement, YesNo>("eligibility").expect_err("no such answer");
        assert_eq!(field(&failure), "eligibility.student");
        let failure = whole.pairs::<Statement, YesNo>("other").expect_err("no such statement");
        assert_eq!(field(&failure), "other");
        assert!(!failure.line().contains("Amina"));
    }

    #[test]
    fn shapes_are_checked() {
        let value = json!({ "a": 1, "b": "x", "c": ["x", 2], "d": [3], "n": -1, "w": "soon", "none": null });
        let whole = Object::whole(&value).expect("an object");
        assert_eq!(field(&whole.text("a").expect_err("a number")), "a");
        assert_eq!(field(&whole.texts("b").expect_err("a text")), "b");
        assert_eq!(field(&whole.texts("c").expect_err("a number inside")), "c[1]");
        assert_eq!(field(&whole.objects("d").expect_err("a number inside")), "d[0]");
        assert_eq!(field(&whole.object("b").expect_err("a text")), "b");
        assert_eq!(field(&whole.number("n").expect_err("below zero")), "n");
        assert_eq!(field(&whole.when("w").expect_err("no date")), "w");
        assert_eq!(whole.text("none"), Ok(None));
        assert!(whole.done().is_ok());
        assert!(Object::whole(&json!([])).is_err());
    }

    #[test]
    fn unknown_fields_are_refused_with_the_known_ones() {
        let value = json!({ "urgency": "soon", "ugrency": "now" });
        let whole = Object::whole(&value).expect("an object");
        whole.code::<Urgency>("urgency").expect("read");
        let failure = whole.done().expect_err("a field too many");
        assert_eq!(
            failure.line(),
            "error: the file: holds a field that does not exist; its fields are urgency"
        );
    }

    #[test]
    fn what_is_no_json_is_told_by_line() {
        let failure = json("referral.json", "{\n  \"a\": Amina }").expect_err("no JSON");
        assert_eq!(failure.message, "is not JSON: see line 2, column 8");
    }
}

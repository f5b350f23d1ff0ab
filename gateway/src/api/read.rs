//! From JSON to a message of the protocol. What is not understood is refused, with the path that leads to it.

use super::known::Known;
use super::problem::Problem;
use super::schema::{Count, Field, Kind, Schema, Shape};
use super::wire::{put_bytes, put_number};
use crate::hex;
use jiff::civil::Date;
use jiff::{Timestamp, Unit};
use serde_json::Value;

/// Longest list, in items: longer than any the node takes.
const ITEMS_MAX: usize = 100;
/// Characters of a day as it is written.
const DAY_CHARS: usize = 10;

/// Reads a request: members that stand elsewhere, in the address or a header, are not there.
///
/// # Errors
/// A [`Problem`] that names the member.
pub(super) fn read<M: Known>(value: &Value) -> Result<M, Problem> {
    let bytes = object(M::shape(), value, "", M::ASIDE)?;
    M::decode(bytes.as_slice()).map_err(|_| Problem::failed())
}

/// Reads the parameters of an address: each is a member of the request, as text.
///
/// # Errors
/// A [`Problem`] that names the parameter.
pub(super) fn read_query<M: Known>(pairs: Vec<(String, String)>) -> Result<M, Problem> {
    let mut members = serde_json::Map::new();
    for (name, text) in pairs {
        let field = M::shape().fields.iter().find(|field| field.member == name);
        let is_number = matches!(field.map(|field| &field.kind), Some(Kind::Whole(_)));
        let number = text.parse::<u64>().ok().filter(|_| is_number).map(Value::from);
        if members.insert(name.clone(), number.unwrap_or(Value::String(text))).is_some() {
            return Err(Problem::twice(&name));
        }
    }
    read(&Value::Object(members))
}

/// Writes an object as a message; names `aside` are not its members.
pub(super) fn object(shape: &Shape, value: &Value, path: &str, aside: &[&str]) -> Result<Vec<u8>, Problem> {
    let Value::Object(members) = value else { return Err(Problem::form(path, "an object")) };
    let mut out = Vec::new();
    let mut group = None;
    for (name, value) in members {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let field = shape.fields.iter().find(|field| field.member == *name);
        let field = field.filter(|field| !aside.contains(&field.name.as_str()));
        let field = field.ok_or_else(|| Problem::unknown_member(&path))?;
        if value.is_null() {
            continue;
        }
        if field.group.is_some() && group.replace(field.group) == Some(field.group) {
            return Err(Problem::form(&path, "one of these at most"));
        }
        member(field, value, &path, &mut out)?;
    }
    Ok(out)
}

fn member(field: &Field, value: &Value, path: &str, out: &mut Vec<u8>) -> Result<(), Problem> {
    if field.count != Count::Many {
        return item(field, value, path, out);
    }
    let Value::Array(items) = value else { return Err(Problem::form(path, "a list")) };
    if items.len() > ITEMS_MAX {
        return Err(Problem::form(path, &format!("{ITEMS_MAX} items at most")));
    }
    for (place, value) in items.iter().enumerate() {
        item(field, value, &format!("{path}.{place}"), out)?;
    }
    Ok(())
}

fn item(field: &Field, value: &Value, path: &str, out: &mut Vec<u8>) -> Result<(), Problem> {
    match &field.kind {
        Kind::Text => put_bytes(out, field.number, text(value, path, "a text")?.as_bytes()),
        Kind::Whole(most) => put_number(out, field.number, whole(value, path, *most)?),
        Kind::Instant => put_number(out, field.number, instant(value, path)?.cast_unsigned()),
        Kind::Day => put_number(out, field.number, day(value, path)?.cast_unsigned()),
        Kind::Bytes => {
            let wanted = "an even number of hexadecimal digits, at most 128";
            let bytes = hex::bytes(text(value, path, wanted)?).ok_or_else(|| Problem::form(path, wanted))?;
            put_bytes(out, field.number, &bytes);
        }
        Kind::Code(list) => put_number(out, field.number, code(list, value, path)?),
        Kind::Shape(name) => {
            let shape = Schema::get().shape(name).ok_or_else(Problem::failed)?;
            put_bytes(out, field.number, &object(shape, value, path, &[])?);
        }
        Kind::Unknown => return Err(Problem::unknown_member(path)),
    }
    Ok(())
}

fn text<'a>(value: &'a Value, path: &str, wanted: &str) -> Result<&'a str, Problem> {
    value.as_str().ok_or_else(|| Problem::form(path, wanted))
}

fn whole(value: &Value, path: &str, most: u64) -> Result<u64, Problem> {
    let number = value.as_u64().filter(|number| *number <= most);
    number.ok_or_else(|| Problem::form(path, &format!("a whole number from 0 to {most}")))
}

fn instant(value: &Value, path: &str) -> Result<i64, Problem> {
    let wanted = "an instant such as 2026-11-24T13:30:00Z";
    let text = text(value, path, wanted)?;
    let read = text.parse::<Timestamp>().ok().filter(|_| text.get(DAY_CHARS..=DAY_CHARS) == Some("T"));
    read.map(Timestamp::as_millisecond).ok_or_else(|| Problem::form(path, wanted))
}

fn day(value: &Value, path: &str) -> Result<i64, Problem> {
    let wanted = "a day such as 2026-11-24";
    let text = text(value, path, wanted)?;
    let read = text.parse::<Date>().ok().filter(|_| text.len() == DAY_CHARS);
    let days = read.and_then(|day| Date::new(1970, 1, 1).ok()?.until((Unit::Day, day)).ok());
    days.map(|span| i64::from(span.get_days())).ok_or_else(|| Problem::form(path, wanted))
}

fn code(list: &str, value: &Value, path: &str) -> Result<u64, Problem> {
    let list = Schema::get().list(list).ok_or_else(Problem::failed)?;
    let number = value.as_str().and_then(|word| list.number(word));
    number.ok_or_else(|| {
        Problem::form(path, &format!("one of {}", list.words().collect::<Vec<_>>().join(", ")))
    })
}

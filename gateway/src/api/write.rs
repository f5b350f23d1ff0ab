//! From a message of the protocol to JSON. Every member is there; what is absent is `null`.

use super::known::Known;
use super::problem::Problem;
use super::schema::{Count, Field, Kind, Schema, Shape};
use super::wire::{Held, take_field, take_varint};
use crate::hex;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Map, Value};

/// Writes an answer.
///
/// # Errors
/// The message contradicts the protocol.
pub(super) fn write<M: Known>(message: &M) -> Result<Value, Problem> {
    let bytes = message.encode_to_vec();
    object(M::shape(), &bytes, M::ASIDE).ok_or_else(Problem::failed)
}

/// Reads a message as an object; names `aside` are not its members.
pub(super) fn object(shape: &Shape, mut bytes: &[u8], aside: &[&str]) -> Option<Value> {
    let fields = || shape.fields.iter().filter(|field| !aside.contains(&field.name.as_str()));
    let mut members: Map<String, Value> =
        fields().map(|field| (field.member.clone(), unsaid(field))).collect();
    while !bytes.is_empty() {
        let (number, held) = take_field(&mut bytes)?;
        let Some(field) = fields().find(|field| field.number == number) else { continue };
        let place = members.get_mut(&field.member)?;
        match place.as_array_mut() {
            Some(list) => items(field, held, list)?,
            None => *place = item(field, held)?,
        }
    }
    Some(Value::Object(members))
}

/// What a field is that is not on the wire.
fn unsaid(field: &Field) -> Value {
    match (field.count, &field.kind) {
        (Count::Many, _) => Value::Array(Vec::new()),
        (Count::Always, Kind::Text) => Value::from(""),
        (Count::Always, Kind::Whole(_)) => Value::from(0),
        (
            Count::Always | Count::Maybe,
            Kind::Text
            | Kind::Whole(_)
            | Kind::Instant
            | Kind::Day
            | Kind::Bytes
            | Kind::Code(_)
            | Kind::Shape(_)
            | Kind::Unknown,
        ) => Value::Null,
    }
}

/// Adds what stands in one field of a list: numbers may stand one after the other.
fn items(field: &Field, held: Held<'_>, list: &mut Vec<Value>) -> Option<()> {
    let are_numbers = matches!(field.kind, Kind::Whole(_) | Kind::Instant | Kind::Day | Kind::Code(_));
    if let (Held::Bytes(mut bytes), true) = (held, are_numbers) {
        while !bytes.is_empty() {
            let value = item(field, Held::Varint(take_varint(&mut bytes)?))?;
            list.push(value);
        }
        return Some(());
    }
    list.push(item(field, held)?);
    Some(())
}

fn item(field: &Field, held: Held<'_>) -> Option<Value> {
    Some(match (&field.kind, held) {
        (Kind::Text, Held::Bytes(bytes)) => Value::from(std::str::from_utf8(bytes).ok()?),
        (Kind::Whole(_), Held::Varint(number)) => Value::from(number),
        (Kind::Instant, Held::Varint(number)) => instant(number.cast_signed()),
        (Kind::Day, Held::Varint(number)) => day(number.cast_signed()),
        (Kind::Bytes, Held::Bytes([])) => Value::Null,
        (Kind::Bytes, Held::Bytes(bytes)) => Value::from(hex::encode(bytes)),
        (Kind::Code(list), Held::Varint(number)) => {
            let word = Schema::get().list(list)?.word(number.cast_signed());
            word.map_or(Value::Null, Value::from)
        }
        (Kind::Shape(name), Held::Bytes(bytes)) => object(Schema::get().shape(name)?, bytes, &[])?,
        (Kind::Unknown, _) => Value::Null,
        _ => return None,
    })
}

fn instant(ms: i64) -> Value {
    Timestamp::from_millisecond(ms).map_or(Value::Null, |at| Value::from(at.to_string()))
}

fn day(days: i64) -> Value {
    let day = Date::new(1970, 1, 1).ok().zip(i32::try_from(days).ok());
    let day = day.and_then(|(start, days)| start.checked_add(days.days()).ok());
    day.map_or(Value::Null, |day| Value::from(day.to_string()))
}

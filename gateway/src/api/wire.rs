//! The few bytes of protobuf's wire format that the translation writes and reads.

/// Longest varint, bytes.
const VARINT_BYTES_MAX: usize = 10;
/// Bits of a key that tell the wire type.
const TYPE_BITS: u32 = 3;

const VARINT: u64 = 0;
const FIXED_64: u64 = 1;
const DELIMITED: u64 = 2;
const FIXED_32: u64 = 5;

/// What one field holds on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Held<'a> {
    /// A number.
    Varint(u64),
    /// A text, bytes, a message, or numbers one after the other.
    Bytes(&'a [u8]),
    /// Of a type that no message here uses.
    Other,
}

/// Appends a number.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Appends a field that holds a number.
pub(super) fn put_number(out: &mut Vec<u8>, field: u32, value: u64) {
    put_varint(out, u64::from(field) << TYPE_BITS | VARINT);
    put_varint(out, value);
}

/// Appends a field that holds bytes.
pub(super) fn put_bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    put_varint(out, u64::from(field) << TYPE_BITS | DELIMITED);
    put_varint(out, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    out.extend_from_slice(bytes);
}

/// Takes a number from the front.
pub(super) fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for place in 0..VARINT_BYTES_MAX {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f).checked_shl(u32::try_from(7 * place).ok()?)?;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Takes a field from the front: its number and what it holds.
pub(super) fn take_field<'a>(bytes: &mut &'a [u8]) -> Option<(u32, Held<'a>)> {
    let key = take_varint(bytes)?;
    let field = u32::try_from(key >> TYPE_BITS).ok()?;
    let held = match key & 0b111 {
        VARINT => Held::Varint(take_varint(bytes)?),
        FIXED_64 => skip(bytes, 8)?,
        FIXED_32 => skip(bytes, 4)?,
        DELIMITED => {
            let length = usize::try_from(take_varint(bytes)?).ok()?;
            let (held, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Held::Bytes(held)
        }
        _ => return None,
    };
    Some((field, held))
}

fn skip<'a>(bytes: &mut &'a [u8], length: usize) -> Option<Held<'a>> {
    let (_, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(Held::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            let mut rest = bytes.as_slice();
            assert_eq!((take_varint(&mut rest), rest.len()), (Some(value), 0));
        }
        assert_eq!(take_varint(&mut [0x80; 11].as_slice()), None);
        assert_eq!(take_varint(&mut [0x80].as_slice()), None);
    }

    #[test]
    fn fields_come_back_and_what_is_cut_short_does_not() {
        let mut bytes = Vec::new();
        put_number(&mut bytes, 300, 5);
        put_bytes(&mut bytes, 2, b"ab");
        let mut rest = bytes.as_slice();
        assert_eq!(take_field(&mut rest), Some((300, Held::Varint(5))));
        assert_eq!(take_field(&mut rest), Some((2, Held::Bytes(b"ab"))));
        assert!(rest.is_empty());
        let mut cut = &bytes[bytes.len() - 4..bytes.len() - 1];
        assert_eq!(take_field(&mut cut), None);
    }
}

//! Crockford base32 for what people type from paper: no I, L, O, U; case, hyphens and spaces do not matter; a Luhn
//! mod 32 check symbol notices any one mistyped symbol. Source: <https://www.crockford.com/base32.html>.

use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many symbols hold `bytes` bytes.
pub(crate) const fn symbols_for(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}

/// The symbols of `bytes`, most significant bit first; spare bits of the last symbol are zero.
pub(crate) fn encode(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let bit = |position: usize| bytes.get(position / 8).map_or(0, |byte| byte >> (7 - position % 8) & 1);
    let value = |index: usize| (0..5).fold(0, |value, offset| value << 1 | bit(index * 5 + offset));
    Zeroizing::new((0..symbols_for(bytes.len())).map(value).collect())
}

/// The bytes of symbol values; `None` when they are not the symbols of exactly `N` bytes.
pub(crate) fn decode<const N: usize>(values: &[u8]) -> Option<Zeroizing<[u8; N]>> {
    if values.len() != symbols_for(N) {
        return None;
    }
    let mut bytes = Zeroizing::new([0; N]);
    for (index, value) in values.iter().enumerate() {
        for offset in 0..5 {
            let (position, bit) = (index * 5 + offset, value >> (4 - offset) & 1);
            match bytes.get_mut(position / 8) {
                Some(byte) => *byte |= bit << (7 - position % 8),
                None if bit != 0 => return None,
                None => {}
            }
        }
    }
    Some(bytes)
}

/// The Luhn mod 32 check symbol's value over symbol values.
pub(crate) fn check_value(values: &[u8]) -> u8 {
    let sum: usize = values
        .iter()
        .rev()
        .enumerate()
        .map(|(index, value)| {
            let weighted = usize::from(*value) * if index % 2 == 0 { 2 } else { 1 };
            weighted / 32 + weighted % 32
        })
        .sum();
    u8::try_from((32 - sum % 32) % 32).unwrap_or(0)
}

/// The character of a symbol value (its lowest five bits).
pub(crate) fn symbol(value: u8) -> char {
    char::from(ALPHABET[usize::from(value & 31)])
}

/// The values of typed text: hyphens and spaces are skipped, `O` reads as 0, `I` and `L` as 1; `None` when another
/// character stands in it.
pub(crate) fn values(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let typed = text.chars().filter(|c| !matches!(c, '-' | ' '));
    typed.map(value_of).collect::<Option<Vec<u8>>>().map(Zeroizing::new)
}

fn value_of(character: char) -> Option<u8> {
    let upper = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|symbol| char::from(*symbol) == upper).and_then(|index| u8::try_from(index).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        encode(bytes).iter().map(|value| symbol(*value)).collect()
    }

    #[test]
    fn bytes_come_back() {
        for seed in 0u8..40 {
            let bytes = [seed.wrapping_mul(37); 16];
            let typed = text(&bytes).to_lowercase();
            assert_eq!(*decode::<16>(&values(&typed).expect("symbols")).expect("16 bytes"), bytes);
        }
        assert_eq!(text(b"foobar"), "CSQPYRK1E8");
    }

    #[test]
    fn look_alikes_read_as_digits() {
        assert_eq!(values("oO iI-lL"), values("001111"));
        assert_eq!(values("U"), None);
        assert_eq!(values("é"), None);
    }

    #[test]
    fn spare_bits_and_wrong_lengths_are_refused() {
        assert!(decode::<1>(&[31, 28]).is_some());
        assert!(decode::<1>(&[31, 31]).is_none());
        assert!(decode::<1>(&[31]).is_none());
    }

    #[test]
    fn the_check_notices_any_one_symbol() {
        let good = encode(&[0x5a; 8]);
        for index in 0..good.len() {
            for value in (0..32).filter(|value| *value != good[index]) {
                let mut typed = good.clone();
                typed[index] = value;
                assert_ne!(check_value(&typed), check_value(&good));
            }
        }
    }
}

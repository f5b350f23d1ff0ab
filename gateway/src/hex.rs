//! Ids as addresses and forms hold them: 32 hexadecimal digits.

/// Bytes of an id.
pub(crate) const ID_BYTES: usize = 16;

/// The digits of an id.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The id of some digits; `None` when they are none, or too few or many.
pub(crate) fn id(text: &str) -> Option<Vec<u8>> {
    bytes(text).filter(|bytes| bytes.len() == ID_BYTES)
}

/// The bytes of some digits, at most 64.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || digits.len() > 128 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = digits.chunks_exact(2).map(|pair| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    });
    pairs.collect()
}

/// A fresh id.
pub(crate) fn fresh() -> Vec<u8> {
    let mut bytes = [0; ID_BYTES];
    // The system always has randomness; without it the node refuses the id as used before, and nothing is doubled.
    aws_lc_rs::rand::fill(&mut bytes).unwrap_or(());
    bytes.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_and_nothing_else_is_one() {
        let drawn = fresh();
        assert_eq!(id(&encode(&drawn)), Some(drawn.clone()));
        assert_ne!(drawn, fresh());
        for bad in ["", "00", &"0".repeat(33), &"g".repeat(32), &"0".repeat(34), "é"] {
            assert_eq!(id(bad), None, "{bad}");
        }
    }
}

//! Tokens as they stand in a link or a header: 32 bytes as 52 Crockford symbols.

use crate::crockford;
use zeroize::Zeroizing;

/// Bytes of a token.
pub const TOKEN_BYTES: usize = 32;
/// Symbols of a written token.
pub const TOKEN_SYMBOLS: usize = crockford::symbols_for(TOKEN_BYTES);
/// Longest text that is read as a token, in bytes: every symbol apart.
const TEXT_BYTES_MAX: usize = 2 * TOKEN_SYMBOLS;

/// The symbols of a token.
pub fn write(token: &[u8; TOKEN_BYTES]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(TOKEN_SYMBOLS));
    text.extend(crockford::encode(token).iter().map(|value| crockford::symbol(*value)));
    text
}

/// The token of a typed text; `None` when it is none. Case, hyphens and spaces do not matter.
pub fn read(text: &str) -> Option<Zeroizing<[u8; TOKEN_BYTES]>> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    crockford::decode(&crockford::values(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back_and_others_do_not() {
        let token = [0xa5; TOKEN_BYTES];
        let text = write(&token);
        assert_eq!(text.len(), TOKEN_SYMBOLS);
        assert_eq!(TOKEN_SYMBOLS, 52);
        for typed in [text.to_string(), text.to_lowercase(), format!("{}-{}", &text[..26], &text[26..])] {
            assert_eq!(*read(&typed).expect("a token"), token);
        }
        for wrong in
            ["", &text[1..], &format!("{}0", *text), &"0".repeat(1_000), "é", &text.replace('5', "U")]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

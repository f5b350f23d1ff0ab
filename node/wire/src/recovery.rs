//! The recovery sheet: the next root key on paper, typed back once in many years.
//!
//! Four lines of 13 Crockford symbols hold the 32 bytes, each with a check symbol; a fifth line checks the whole, so that
//! swapped lines show as well. The sheet is printed once and never kept.

use crate::{
    crockford,
    keys::{KEY_BYTES, SigningSecret},
};
use relais_domain::{digest::Digest, structure_id::StructureId};
use secrecy::SecretString;
use zeroize::Zeroizing;

/// Lines that hold the key.
const KEY_LINES: usize = 4;
/// Symbols of the key in a line, without the check symbol.
const LINE_SYMBOLS: usize = 13;
/// Symbols in the last line, without the check symbol: 30 bits of a hash over the key.
const WHOLE_SYMBOLS: usize = 6;
/// Says what the last line's hash is for.
const WHOLE_LABEL: &[u8] = b"relais/recovery-sheet/v1";
/// Longest text that is read as a sheet, in bytes.
pub const SHEET_BYTES_MAX: usize = 4 * 1024;

/// Why a typed text is not a recovery sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SheetError {
    /// Longer than any sheet.
    #[error("this is too long for a recovery sheet")]
    Oversize,
    /// A numbered line is missing.
    #[error("line {line} is missing")]
    MissingLine {
        /// The line's number, from 1.
        line: usize,
    },
    /// A numbered line stands twice.
    #[error("line {line} stands twice")]
    RepeatedLine {
        /// The line's number, from 1.
        line: usize,
    },
    /// A line has too few or too many symbols, or one that is none.
    #[error("line {line} has not the right symbols")]
    Shape {
        /// The line's number, from 1.
        line: usize,
    },
    /// A symbol of a line is mistyped.
    #[error("a symbol of line {line} is mistyped")]
    Check {
        /// The line's number, from 1.
        line: usize,
    },
    /// Each line is right in itself but they do not belong together: lines swapped, or of two sheets.
    #[error("the lines do not belong together: swapped, or of two sheets")]
    Whole,
}

/// Writes the sheet of `secret` for the structure, in French, 7 symbols a group.
pub fn write_sheet(secret: &SigningSecret, structure: StructureId) -> SecretString {
    let key = secret.expose_secret_bytes();
    let mut sheet = Zeroizing::new(String::with_capacity(SHEET_BYTES_MAX));
    sheet.push_str("RELAIS - FEUILLE DE SECOURS (prochaine clé racine)\n");
    sheet.push_str("À imprimer, à garder sous clé, à ne jamais photographier ni envoyer.\n");
    sheet.push_str(&format!("Structure {structure}\n\n"));
    for (index, symbols) in crockford::encode(key.as_ref()).chunks(LINE_SYMBOLS).enumerate() {
        write_line(&mut sheet, index + 1, symbols);
    }
    write_line(&mut sheet, KEY_LINES + 1, &whole_symbols(&key));
    SecretString::from(sheet.as_str())
}

/// Reads a typed sheet: the five numbered lines in any order, other lines passed over; case, spaces and hyphens do not
/// matter.
///
/// # Errors
/// [`SheetError`] names the line to look at again.
pub fn read_sheet(text: &str) -> Result<SigningSecret, SheetError> {
    if text.len() > SHEET_BYTES_MAX {
        return Err(SheetError::Oversize);
    }
    let mut symbols = Zeroizing::new(Vec::with_capacity(KEY_LINES * LINE_SYMBOLS));
    for line in 1..=KEY_LINES {
        symbols.extend_from_slice(&read_line(text, line, LINE_SYMBOLS)?);
    }
    let whole = read_line(text, KEY_LINES + 1, WHOLE_SYMBOLS)?;
    let key = crockford::decode::<KEY_BYTES>(&symbols).ok_or(SheetError::Shape { line: KEY_LINES })?;
    if *whole == whole_symbols(&key) { Ok(SigningSecret::from_bytes(&key)) } else { Err(SheetError::Whole) }
}

fn whole_symbols(key: &[u8; KEY_BYTES]) -> Vec<u8> {
    let hash = Digest::of_parts(&[WHOLE_LABEL, key]);
    crockford::encode(hash.as_bytes())[..WHOLE_SYMBOLS].to_vec()
}

fn write_line(sheet: &mut String, number: usize, symbols: &[u8]) {
    sheet.push_str(&format!("{number}: "));
    let checked = symbols.iter().copied().chain([crockford::check_value(symbols)]);
    for (index, value) in checked.enumerate() {
        if index == 7 {
            sheet.push('-');
        }
        sheet.push(crockford::symbol(value));
    }
    sheet.push('\n');
}

fn read_line(text: &str, line: usize, length: usize) -> Result<Zeroizing<Vec<u8>>, SheetError> {
    let number = line.to_string();
    let typed = |row| typed_after(row, &number);
    let mut found = text.lines().filter_map(typed);
    let typed = found.next().ok_or(SheetError::MissingLine { line })?;
    if found.next().is_some() {
        return Err(SheetError::RepeatedLine { line });
    }
    let mut symbols = crockford::values(typed).ok_or(SheetError::Shape { line })?;
    if symbols.len() != length + 1 {
        return Err(SheetError::Shape { line });
    }
    let check = symbols.pop();
    if check == Some(crockford::check_value(&symbols)) {
        Ok(symbols)
    } else {
        Err(SheetError::Check { line })
    }
}

/// What follows `number` and a colon, full stop or closing parenthesis in a row.
fn typed_after<'a>(row: &'a str, number: &str) -> Option<&'a str> {
    let rest = row.trim().strip_prefix(number)?.trim_start();
    rest.strip_prefix([':', '.', ')']).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn secret(seed: u8) -> SigningSecret {
        SigningSecret::from_bytes(Digest::of(&[seed]).as_bytes())
    }

    fn sheet(seed: u8) -> String {
        let structure = StructureId::of_root_spki(b"spki");
        write_sheet(&secret(seed), structure).expose_secret().to_owned()
    }

    fn lines(seed: u8) -> Vec<String> {
        sheet(seed).lines().skip_while(|line| !line.starts_with('1')).map(str::to_owned).collect()
    }

    fn error(lines: &[String]) -> SheetError {
        read_sheet(&lines.join("\n")).expect_err("must be refused")
    }

    #[test]
    fn a_sheet_comes_back_however_it_is_typed() {
        for seed in 0..20 {
            let read = read_sheet(&sheet(seed)).expect("as printed");
            assert_eq!(read.expose_secret_bytes(), secret(seed).expose_secret_bytes());
            let typed = lines(seed).join("\n").to_lowercase().replace('0', "o").replace('-', " ");
            let typed = typed.replace("\n", "\r\n\r\n");
            assert_eq!(read_sheet(&typed).expect("typed").verify_key(), secret(seed).verify_key());
        }
    }

    #[test]
    fn the_mistyped_line_is_named() {
        for (index, good) in lines(1).iter().enumerate() {
            for position in 3..good.len() {
                let typed = good.as_bytes()[position];
                let other = if typed == b'7' { "8" } else { "7" };
                if typed == b'-' {
                    continue;
                }
                let mut bad = lines(1);
                bad[index].replace_range(position..=position, other);
                assert_eq!(error(&bad), SheetError::Check { line: index + 1 });
            }
        }
    }

    #[test]
    fn missing_repeated_and_short_lines_are_named() {
        let mut missing = lines(1);
        missing.remove(2);
        assert_eq!(error(&missing), SheetError::MissingLine { line: 3 });
        let mut repeated = lines(1);
        repeated.push(repeated[1].clone());
        assert_eq!(error(&repeated), SheetError::RepeatedLine { line: 2 });
        let mut short = lines(1);
        short[3].pop();
        assert_eq!(error(&short), SheetError::Shape { line: 4 });
        let mut foreign = lines(1);
        foreign[0].push('U');
        assert_eq!(error(&foreign), SheetError::Shape { line: 1 });
        assert_eq!(read_sheet(&"x".repeat(SHEET_BYTES_MAX + 1)).expect_err("long"), SheetError::Oversize);
    }

    #[test]
    fn lines_of_two_sheets_do_not_belong_together() {
        let mut mixed = lines(1);
        mixed[1] = lines(2)[1].clone();
        assert_eq!(error(&mixed), SheetError::Whole);
        let (mut swapped, good) = (lines(1), lines(1));
        swapped[0] = format!("1{}", &good[1][1..]);
        swapped[1] = format!("2{}", &good[0][1..]);
        assert_eq!(error(&swapped), SheetError::Whole);
    }
}

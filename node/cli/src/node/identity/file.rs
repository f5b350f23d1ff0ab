//! The file of a structure's manifests: a header, then each signed manifest as hexadecimal digits, the first one first.

use crate::ids::hex;
use relais_wire::manifest::Manifest;
use relais_wire::manifest::chain::Chain;

/// First line of the file.
const HEADER: &str = "relais.manifests/1";

/// The text of the file.
pub(super) fn write(chain: &Chain) -> String {
    let manifests = chain.manifests().map(|manifest| hex(&manifest.signed().encode()));
    let lines: Vec<String> = std::iter::once(HEADER.to_owned()).chain(manifests).collect();
    lines.join("\n") + "\n"
}

/// Reads the file: manifests that follow each other from the first.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(super) fn read(text: &str) -> Result<Chain, String> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if lines.next() != Some(HEADER) {
        return Err(format!("does not begin with `{HEADER}`: it is no file of manifests"));
    }
    let manifests = lines.enumerate().map(|(index, line)| {
        let wrong = |problem: &str| format!("manifest {}: {problem}; ask for the file again", index + 1);
        let bytes = unhex(line).ok_or_else(|| wrong("not hexadecimal digits"))?;
        Manifest::admit(&bytes).map_err(|error| wrong(&error.to_string()))
    });
    let manifests = manifests.collect::<Result<Vec<_>, _>>()?;
    Chain::from_manifests(manifests).map_err(|error| format!("{error}; ask for the file again"))
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let nibble = |digit: &u8| char::from(*digit).to_digit(16);
    let pairs = digits.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(nibble(high)? * 16 + nibble(low)?).ok(),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::time::Timestamp;
    use relais_server::own::{Profile, claims};
    use relais_wire::keys::{SealSecret, SigningSecret};
    use relais_wire::manifest::StructureKind;

    fn chain() -> Chain {
        let (root, seal) = (SigningSecret::from_bytes(&[1; 32]), SealSecret::from_bytes(&[2; 32]));
        let next = SigningSecret::from_bytes(&[3; 32]).verify_key().spki_hash();
        let profile = Profile {
            name: "Essai".to_owned(),
            kind: StructureKind::DigitalHub,
            endpoints: Vec::new(),
            pairing_endpoints: Vec::new(),
        };
        let said = |hour: i64| claims(&profile, b"ca", &root, &seal, Timestamp(1_795_305_600_000 + hour));
        let chain =
            Chain::found(Manifest::first(&said(0), &root, next).expect("a manifest")).expect("the first");
        let second = chain.next(&said(1), &root).expect("a manifest");
        chain.accept(second).expect("accepted").chain
    }

    #[test]
    fn manifests_come_back_from_their_file() {
        assert_eq!(read(&write(&chain())), Ok(chain()));
        assert_eq!(
            read(
                &write(&chain())
                    .replace('\n', "\r\n\r\n")
                    .to_uppercase()
                    .replace("RELAIS.MANIFESTS", "relais.manifests")
            ),
            Ok(chain())
        );
    }

    #[test]
    fn what_is_no_file_of_manifests_is_told() {
        let good = write(&chain());
        let refused = |text: &str| read(text).expect_err("refused");
        assert!(refused("").contains(HEADER) && refused("hello").contains(HEADER));
        assert!(refused(HEADER).contains("1 to"));
        assert!(refused(&format!("{HEADER}\nxyz")).contains("manifest 1"));
        let altered = format!("{}0\n", &good[..good.len() - 2]);
        assert!(altered == good || refused(&altered).contains("manifest 2"));
        let second = good.lines().nth(2).expect("two manifests");
        assert!(refused(&format!("{HEADER}\n{second}")).contains("missing"));
    }
}

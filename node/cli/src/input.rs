//! Texts and files that commands read. What concerns a person comes in here, from a file or from standard input, never
//! as an argument: other users of the machine can see arguments.

use crate::exit::Failure;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Largest file read, in bytes.
pub(crate) const FILE_BYTES_MAX: u64 = 1_000_000;
/// The argument that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// [`Failure`] when it cannot be read, is too large, or is no text.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = read_file(path)?;
    String::from_utf8(bytes).map_err(|_| Failure::input(named(path), "is not UTF-8 text: save it as UTF-8"))
}

/// Reads the bytes of a file, or of standard input for `-`.
///
/// # Errors
/// [`Failure`] when it cannot be read, or is too large.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = named(path);
    if is_standard_input(path) {
        return read_bytes(&name, io::stdin().lock());
    }
    let file = File::open(path).map_err(|error| Failure::io(&name, &error))?;
    read_bytes(&name, file)
}

fn named(path: &Path) -> String {
    if is_standard_input(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// Whether an argument stands for standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == STANDARD_INPUT
}

fn read_bytes(name: &str, source: impl Read) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    source.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| Failure::io(name, &error))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Failure::input(name, format!("is larger than {FILE_BYTES_MAX} bytes: split it")));
    }
    Ok(bytes)
}

/// Writes a file that nobody else may read; never over another one.
///
/// # Errors
/// [`Failure`] when there is a file already, or it cannot be written.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let shown = path.display();
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.map_err(|error| {
        Failure::new(crate::exit::Exit::CannotCreate, format!("{shown}: {error}; choose another name"))
    })?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| Failure::io(shown, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_are_read_within_their_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("note");
        fs::write(&path, "Libre le matin").expect("written");
        assert_eq!(read_text(&path).as_deref(), Ok("Libre le matin"));
        fs::write(&path, vec![b'a'; 1_000_001]).expect("written");
        assert_eq!(read_text(&path).expect_err("too large").exit.number(), 65);
        fs::write(&path, [0xff, 0xfe]).expect("written");
        assert!(read_text(&path).expect_err("no text").message.contains("UTF-8"));
        assert_eq!(read_text(&folder.path().join("none")).expect_err("no file").exit.number(), 74);
    }

    #[test]
    fn a_file_is_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("proof");
        write_new(&path, "one").expect("written");
        assert_eq!(write_new(&path, "two").expect_err("it is there").exit.number(), 73);
        assert_eq!(fs::read_to_string(&path).expect("read"), "one");
    }
}

//! Where the demo stands: a folder with one folder for each node, and the logs.

use super::cast::Structure;
use crate::exit::{Exit, Failure};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Mode of the folder: the owner's alone.
const FOLDER_MODE: u32 = 0o700;

/// The demo's folder; a temporary one goes with it.
#[derive(Debug)]
pub(crate) struct Ground {
    folder: PathBuf,
    temporary: Option<TempDir>,
}

impl Ground {
    /// Makes the folder; without one, a temporary place.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be made, or holds something already.
    pub(crate) fn prepare(folder: Option<PathBuf>) -> Result<Self, Failure> {
        let Some(folder) = folder else {
            let temporary = tempfile::Builder::new().prefix("relais-demo-").tempdir();
            let temporary = temporary.map_err(|error| cannot(&std::env::temp_dir(), &error))?;
            return Ok(Self { folder: temporary.path().to_owned(), temporary: Some(temporary) });
        };
        let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(&folder);
        made.map_err(|error| cannot(&folder, &error))?;
        let mut entries = folder.read_dir().map_err(|error| cannot(&folder, &error))?;
        if entries.next().is_some() {
            let message = format!("{}: is not empty; the demo wants a folder of its own", folder.display());
            return Err(Failure::new(Exit::CannotCreate, message));
        }
        let folder = folder.canonicalize().map_err(|error| cannot(&folder, &error))?;
        Ok(Self { folder, temporary: None })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of one node.
    pub(crate) fn node(&self, structure: &Structure) -> PathBuf {
        self.folder.join(structure.folder)
    }

    /// The log of one node.
    pub(crate) fn log(&self, structure: &Structure) -> PathBuf {
        self.folder.join(format!("{}.log", structure.folder))
    }

    /// Leaves: a temporary folder is removed, any other stays. What became of it, in words.
    pub(crate) fn leave(self) -> String {
        let Self { folder, temporary } = self;
        let shown = folder.display();
        match temporary.map(TempDir::close) {
            None => format!("{shown} stays"),
            Some(Ok(())) => format!("{shown} is removed"),
            Some(Err(error)) => format!("{shown} could not be removed ({error})"),
        }
    }
}

fn cannot(folder: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::CannotCreate, format!("{}: {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_someone_else_is_not_touched() {
        let place = tempfile::tempdir().expect("a folder");
        std::fs::write(place.path().join("letter"), "dear").expect("written");
        let refused = Ground::prepare(Some(place.path().to_owned())).expect_err("it is not empty");
        assert_eq!(refused.exit, Exit::CannotCreate);
        assert!(refused.message.contains("not empty"), "{}", refused.message);
    }

    #[test]
    fn a_temporary_folder_goes_and_a_given_one_stays() {
        let ground = Ground::prepare(None).expect("made");
        let folder = ground.folder().to_owned();
        assert!(folder.exists() && ground.leave().contains("removed") && !folder.exists());
        let place = tempfile::tempdir().expect("a folder");
        let given = place.path().join("demo");
        let ground = Ground::prepare(Some(given.clone())).expect("made");
        assert!(ground.leave().contains("stays") && given.exists());
    }
}

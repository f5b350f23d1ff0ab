//! The node's folder: secret keys, one file each, readable by their owner alone; and where the rest lies.

mod desk;
mod next;

pub(crate) use desk::DeskLock;
pub use next::FormerCa;

use relais_wire::keys::{SealSecret, SigningSecret};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Mode of a key file.
const KEY_MODE: u32 = 0o400;
/// Mode of the folders.
const FOLDER_MODE: u32 = 0o700;
/// Largest key file read.
const KEY_BYTES_MAX: u64 = 4 * 1024;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// There is a node here already.
    #[error("{0}: there is a node here already; start it with `relais serve`")]
    Taken(PathBuf),
    /// There is no node here.
    #[error("{0}: there is no node here; make one with `relais init`")]
    NoNode(PathBuf),
    /// A key file can be read by others.
    #[error("{path}: others can read this key (mode {mode:o}); run `chmod 400 {path}`")]
    KeyReadable {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A key file has the wrong length.
    #[error("{0}: is not a key of this program; restore it from your backup")]
    KeyShape(PathBuf),
    /// The database says that another root signs for this structure than the one in the folder.
    #[error(
        "{0}: the keys and the database are of two structures or of two times; restore both from one backup"
    )]
    OtherKeys(PathBuf),
    /// The system said no.
    #[error("{path}: {error}")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> HomeError + '_ {
    move |error| HomeError::Io { path: path.to_owned(), error }
}

/// The folder of one node.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
}

/// Every secret of a node but the next root, which is on the recovery sheet alone.
#[derive(Debug)]
pub struct Secrets {
    /// Signs manifests.
    pub root: SigningSecret,
    /// Signs envelopes, receipts, consents, checkpoints.
    pub signing: SigningSecret,
    /// Opens what is sealed to this node.
    pub sealing: SealSecret,
    /// The TLS CA: certificate and PKCS#8 key, both DER.
    pub ca_certificate: Vec<u8>,
    /// Its key.
    pub ca_key: Zeroizing<Vec<u8>>,
    /// Wraps the data keys at rest.
    pub node_key: Zeroizing<[u8; 32]>,
}

impl Home {
    /// The folder at `folder`, which need not exist yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The configuration file.
    pub fn configuration(&self) -> PathBuf {
        self.folder.join("relais.toml")
    }

    /// The Desk's socket.
    pub fn desk_socket(&self) -> PathBuf {
        self.folder.join("desk.sock")
    }

    /// The folder of the database.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn keys(&self) -> PathBuf {
        self.folder.join("keys")
    }

    /// Whether a node was made here.
    pub fn holds_node(&self) -> bool {
        self.keys().join("root.key").exists()
    }

    /// Makes the folders and writes the keys of a new node.
    ///
    /// # Errors
    /// [`HomeError::Taken`] when there is one already; [`HomeError::Io`] when the folder cannot be written.
    pub fn create(&self, secrets: &Secrets) -> Result<(), HomeError> {
        if self.holds_node() {
            return Err(HomeError::Taken(self.folder.clone()));
        }
        for folder in [self.folder.clone(), self.keys(), self.data()] {
            make_folder(&folder)?;
        }
        self.write_key("signing.key", secrets.signing.expose_secret_bytes().as_slice())?;
        self.write_key("sealing.key", secrets.sealing.expose_secret_bytes().as_slice())?;
        self.write_key("tls-ca.key", &secrets.ca_key)?;
        self.write_key("tls-ca.der", &secrets.ca_certificate)?;
        self.write_key("node.key", secrets.node_key.as_slice())?;
        // The root comes last: a folder that holds it is complete.
        self.write_key("root.key", secrets.root.expose_secret_bytes().as_slice())?;
        sync_folder(&self.keys())
    }

    /// Reads the keys, and refuses any that others can read.
    ///
    /// # Errors
    /// [`HomeError`] names the file and the mend.
    pub fn secrets(&self) -> Result<Secrets, HomeError> {
        if !self.holds_node() {
            return Err(HomeError::NoNode(self.folder.clone()));
        }
        Ok(Secrets {
            root: SigningSecret::from_bytes(&*self.read_seed("root.key")?),
            signing: SigningSecret::from_bytes(&*self.read_seed("signing.key")?),
            sealing: SealSecret::from_bytes(&*self.read_seed("sealing.key")?),
            ca_certificate: self.read_key("tls-ca.der")?.to_vec(),
            ca_key: self.read_key("tls-ca.key")?,
            node_key: self.read_seed("node.key")?,
        })
    }

    fn write_key(&self, name: &str, bytes: &[u8]) -> Result<(), HomeError> {
        write_key(&self.keys().join(name), bytes)
    }

    fn read_key(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, HomeError> {
        read_key(&self.keys().join(name))
    }

    fn read_seed(&self, name: &str) -> Result<Zeroizing<[u8; 32]>, HomeError> {
        read_seed(&self.keys().join(name))
    }
}

fn write_key(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let open = OpenOptions::new().write(true).create_new(true).mode(KEY_MODE).open(path);
    let mut file = open.map_err(io_error(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io_error(path))
}

fn read_key(path: &Path) -> Result<Zeroizing<Vec<u8>>, HomeError> {
    let metadata = fs::metadata(path).map_err(io_error(path))?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(HomeError::KeyReadable { path: path.to_owned(), mode });
    }
    if metadata.len() > KEY_BYTES_MAX {
        return Err(HomeError::KeyShape(path.to_owned()));
    }
    fs::read(path).map(Zeroizing::new).map_err(io_error(path))
}

fn read_seed(path: &Path) -> Result<Zeroizing<[u8; 32]>, HomeError> {
    let bytes = read_key(path)?;
    let seed = bytes.as_slice().try_into().map_err(|_| HomeError::KeyShape(path.to_owned()))?;
    Ok(Zeroizing::new(seed))
}

fn make_folder(path: &Path) -> Result<(), HomeError> {
    fs::DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path).map_err(io_error(path))
}

fn sync_folder(path: &Path) -> Result<(), HomeError> {
    fs::File::open(path).and_then(|folder| folder.sync_all()).map_err(io_error(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    pub(super) fn secrets() -> Secrets {
        Secrets {
            root: SigningSecret::from_bytes(&[1; 32]),
            signing: SigningSecret::from_bytes(&[2; 32]),
            sealing: SealSecret::from_bytes(&[3; 32]),
            ca_certificate: vec![4],
            ca_key: Zeroizing::new(vec![5]),
            node_key: Zeroizing::new([6; 32]),
        }
    }

    #[test]
    fn keys_come_back_and_are_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path().join("node"));
        assert!(matches!(home.secrets(), Err(HomeError::NoNode(_))));
        home.create(&secrets()).unwrap();
        assert_eq!(home.secrets().unwrap().root.verify_key(), secrets().root.verify_key());
        let mode = fs::metadata(home.keys().join("root.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o400);
        assert!(matches!(home.create(&secrets()), Err(HomeError::Taken(_))));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        home.create(&secrets()).unwrap();
        let path = home.keys().join("signing.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
        let error = home.secrets().unwrap_err();
        assert!(matches!(error, HomeError::KeyReadable { .. }));
        assert!(error.to_string().contains("chmod 400"));
    }
}

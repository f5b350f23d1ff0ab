//! What the folder holds for gateways on other machines: the Desk CA, and the roll of credentials given out.

use super::next::unless_absent;
use super::{Home, HomeError, io_error, read_key, sync_folder, write_key};
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The Desk CA, certificate and key.
const DESK_CA: &str = "desk-ca.pem";
/// The same while it is being written.
const DESK_CA_NEXT: &str = "desk-ca.pem.next";
/// Mode of the roll.
const ROLL_MODE: u32 = 0o600;
/// Largest roll read, in bytes.
const ROLL_BYTES_MAX: u64 = 256 * 1024;

/// Whoever holds it is alone with the Desk CA and the roll, among all programs on this folder.
#[derive(Debug)]
pub(crate) struct DeskLock {
    /// The system lets go of the lock when this is closed.
    _folder: File,
}

impl Home {
    /// The roll of credentials given to gateways.
    pub(crate) fn gateway_roll(&self) -> PathBuf {
        self.folder().join("gateways.json")
    }

    /// Waits until nobody else changes the Desk CA or the roll.
    ///
    /// # Errors
    /// [`HomeError::NoNode`] or [`HomeError::Io`].
    pub(crate) fn lock_desk(&self) -> Result<DeskLock, HomeError> {
        if !self.holds_node() {
            return Err(HomeError::NoNode(self.folder().to_owned()));
        }
        let keys = self.keys();
        let folder = File::open(&keys).map_err(io_error(&keys))?;
        flock(&folder, FlockOperation::LockExclusive)
            .map_err(|errno| io_error(&keys)(io::Error::from(errno)))?;
        Ok(DeskLock { _folder: folder })
    }

    /// The certificate (DER) of the TLS CA in use: whose folder this is.
    pub(crate) fn ca_certificate(&self) -> Result<Vec<u8>, HomeError> {
        self.read_key("tls-ca.der").map(|bytes| bytes.to_vec())
    }

    /// The Desk CA's file, if there is one.
    pub(crate) fn desk_ca(&self, _alone: &DeskLock) -> Result<Option<Zeroizing<Vec<u8>>>, HomeError> {
        let path = self.keys().join(DESK_CA);
        if path.exists() { read_key(&path).map(Some) } else { Ok(None) }
    }

    /// Writes the Desk CA's file, whole or not at all.
    pub(crate) fn write_desk_ca(&self, _alone: &DeskLock, pem: &str) -> Result<(), HomeError> {
        let (next, path) = (self.keys().join(DESK_CA_NEXT), self.keys().join(DESK_CA));
        unless_absent(&next, |left| fs::remove_file(left))?;
        write_key(&next, pem.as_bytes())?;
        fs::rename(&next, &path).map_err(io_error(&path))?;
        sync_folder(&self.keys())
    }

    /// Removes the Desk CA and the roll: no credentials given so far open the Desk any more.
    pub(super) fn forget_desk_ca(&self) -> Result<(), HomeError> {
        unless_absent(&self.keys().join(DESK_CA), |path| fs::remove_file(path))?;
        unless_absent(&self.gateway_roll(), |path| fs::remove_file(path))?;
        sync_folder(&self.keys())
    }

    /// The roll's text; empty when nothing was given out yet.
    pub(crate) fn read_gateway_roll(&self) -> Result<String, HomeError> {
        let path = self.gateway_roll();
        let mut text = String::new();
        match File::open(&path) {
            Ok(file) => file.take(ROLL_BYTES_MAX).read_to_string(&mut text).map_err(io_error(&path))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(io_error(&path)(error)),
        };
        Ok(text)
    }

    /// Writes the roll, whole or not at all.
    pub(crate) fn write_gateway_roll(&self, _alone: &DeskLock, text: &str) -> Result<(), HomeError> {
        let path = self.gateway_roll();
        let next = path.with_extension("json.next");
        unless_absent(&next, |left| fs::remove_file(left))?;
        let open = OpenOptions::new().write(true).create_new(true).mode(ROLL_MODE).open(&next);
        let mut file = open.map_err(io_error(&next))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io_error(&next))?;
        fs::rename(&next, &path).map_err(io_error(&path))?;
        sync_folder(self.folder())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::secrets;
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_desk_ca_is_the_owners_alone_and_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        assert!(matches!(home.lock_desk(), Err(HomeError::NoNode(_))));
        home.create(&secrets()).unwrap();
        let alone = home.lock_desk().unwrap();
        assert!(home.desk_ca(&alone).unwrap().is_none());
        for pem in ["one", "two"] {
            home.write_desk_ca(&alone, pem).unwrap();
            assert_eq!(home.desk_ca(&alone).unwrap().unwrap().as_slice(), pem.as_bytes());
        }
        let path = home.keys().join(DESK_CA);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o400);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
        assert!(matches!(home.desk_ca(&alone), Err(HomeError::KeyReadable { .. })));
    }
}

//! A change of keys that a crash cannot halve.
//!
//! The new keys are written whole into a folder beside those in use; then the manifest that names them is stored, in one
//! transaction: that is the change. Only then do they take their places, one rename each. Whatever the moment of a crash,
//! the stored manifest says whose turn it is, and [`Home::settle`] finishes what was begun or clears it away.

use super::{Home, HomeError, Secrets, io_error, make_folder, read_key, sync_folder, write_key};
use relais_wire::keys::{SigningSecret, VerifyKey};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The certificate of the former TLS CA, and its key.
const FORMER_CA: &str = "former-tls-ca.der";
const FORMER_CA_KEY: &str = "former-tls-ca.key";
/// The root comes last: a folder that holds it is complete, and until it has moved the change is not over.
const ROOT: &str = "root.key";
/// Every file of a change, in the order in which it is written and put in its place.
const FILES: [&str; 7] =
    [FORMER_CA, FORMER_CA_KEY, "signing.key", "sealing.key", "tls-ca.key", "tls-ca.der", ROOT];

/// The TLS CA before the last change of keys: partners that have not heard of it know this node by that one alone.
#[derive(Debug)]
pub struct FormerCa {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// Its PKCS#8 key, DER.
    pub key: Zeroizing<Vec<u8>>,
}

impl Home {
    fn next(&self) -> PathBuf {
        self.keys().join("next")
    }

    /// Writes the keys of a change beside those in use; nothing is changed yet.
    ///
    /// # Errors
    /// [`HomeError`]: the keys in use are as they were.
    pub fn write_next(&self, next: &Secrets, former: &FormerCa) -> Result<(), HomeError> {
        let folder = self.next();
        self.discard_next()?;
        make_folder(&folder)?;
        let contents: [Zeroizing<Vec<u8>>; FILES.len()] = [
            former.certificate.clone().into(),
            former.key.clone(),
            next.signing.expose_secret_bytes().to_vec().into(),
            next.sealing.expose_secret_bytes().to_vec().into(),
            next.ca_key.clone(),
            next.ca_certificate.clone().into(),
            next.root.expose_secret_bytes().to_vec().into(),
        ];
        for (name, bytes) in FILES.into_iter().zip(&contents) {
            write_key(&folder.join(name), bytes)?;
        }
        sync_folder(&folder)?;
        sync_folder(&self.keys())
    }

    /// Makes the keys in use those of the root that signed the current manifest: finishes a change that was made, clears
    /// away one that was not.
    ///
    /// # Errors
    /// [`HomeError::OtherKeys`] when the folder holds no keys of this root.
    pub fn settle(&self, current: &VerifyKey) -> Result<(), HomeError> {
        let next = self.next();
        if next.exists() {
            if root_in(&next)?.as_ref() == Some(current) {
                // Whoever had the former keys may have had this one: gateways get new credentials.
                self.forget_desk_ca()?;
                self.put_in_place(FILES.len())?;
            }
            self.discard_next()?;
        }
        if root_in(&self.keys())?.as_ref() == Some(current) {
            Ok(())
        } else {
            Err(HomeError::OtherKeys(self.folder().to_owned()))
        }
    }

    /// The former TLS CA, if one is kept.
    ///
    /// # Errors
    /// [`HomeError`] names the file and the mend.
    pub fn former_ca(&self) -> Result<Option<FormerCa>, HomeError> {
        let (certificate, key) = (self.keys().join(FORMER_CA), self.keys().join(FORMER_CA_KEY));
        if !certificate.exists() || !key.exists() {
            return Ok(None);
        }
        Ok(Some(FormerCa { certificate: read_key(&certificate)?.to_vec(), key: read_key(&key)? }))
    }

    /// Removes the former TLS CA.
    ///
    /// # Errors
    /// [`HomeError::Io`].
    pub fn forget_former_ca(&self) -> Result<(), HomeError> {
        for name in [FORMER_CA_KEY, FORMER_CA] {
            unless_absent(&self.keys().join(name), |path| fs::remove_file(path))?;
        }
        sync_folder(&self.keys())
    }

    /// Puts the first `count` files of a change that are still beside in their places.
    fn put_in_place(&self, count: usize) -> Result<(), HomeError> {
        for name in FILES.into_iter().take(count) {
            let place = self.keys().join(name);
            unless_absent(&self.next().join(name), |file| fs::rename(file, &place))?;
        }
        sync_folder(&self.keys())
    }

    fn discard_next(&self) -> Result<(), HomeError> {
        unless_absent(&self.next(), |path| fs::remove_dir_all(path))?;
        sync_folder(&self.keys())
    }
}

/// The root key in a folder of keys, if one lies there.
fn root_in(folder: &Path) -> Result<Option<VerifyKey>, HomeError> {
    let path = folder.join(ROOT);
    if !path.exists() {
        return Ok(None);
    }
    let seed = super::read_seed(&path)?;
    Ok(Some(SigningSecret::from_bytes(&seed).verify_key()))
}

pub(super) fn unless_absent(
    path: &Path,
    touch: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), HomeError> {
    match touch(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error(path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::secrets;
    use super::*;
    use relais_wire::keys::SealSecret;
    use std::os::unix::fs::PermissionsExt as _;

    fn next() -> Secrets {
        Secrets {
            root: SigningSecret::from_bytes(&[11; 32]),
            signing: SigningSecret::from_bytes(&[12; 32]),
            sealing: SealSecret::from_bytes(&[13; 32]),
            ca_certificate: vec![14],
            ca_key: Zeroizing::new(vec![15]),
            node_key: Zeroizing::new([6; 32]),
        }
    }

    fn former() -> FormerCa {
        FormerCa { certificate: vec![4], key: Zeroizing::new(vec![5]) }
    }

    fn made() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        home.create(&secrets()).unwrap();
        (folder, home)
    }

    /// The keys in use are all of these, and nothing of a change is left.
    fn holds(home: &Home, expected: &Secrets) {
        let held = home.secrets().unwrap();
        assert_eq!(held.root.verify_key(), expected.root.verify_key());
        assert_eq!(held.signing.verify_key(), expected.signing.verify_key());
        assert_eq!(held.sealing.seal_key(), expected.sealing.seal_key());
        assert_eq!((&held.ca_certificate, &held.ca_key), (&expected.ca_certificate, &expected.ca_key));
        assert_eq!(*held.node_key, *expected.node_key);
        assert!(!home.next().exists());
    }

    #[test]
    fn a_change_cut_before_the_manifest_leaves_the_old_keys() {
        for written in 0..=FILES.len() {
            let (_folder, home) = made();
            home.write_next(&next(), &former()).unwrap();
            for name in &FILES[written..] {
                fs::remove_file(home.next().join(name)).unwrap();
            }
            home.settle(&secrets().root.verify_key()).unwrap();
            holds(&home, &secrets());
            assert!(home.former_ca().unwrap().is_none());
        }
    }

    #[test]
    fn a_change_of_keys_forgets_the_desk_ca_and_the_roll() {
        let (_folder, home) = made();
        let alone = home.lock_desk().unwrap();
        home.write_desk_ca(&alone, "ca").unwrap();
        home.write_gateway_roll(&alone, "[]").unwrap();
        home.write_next(&next(), &former()).unwrap();
        home.settle(&secrets().root.verify_key()).unwrap();
        assert!(home.desk_ca(&alone).unwrap().is_some(), "nothing was changed");
        home.write_next(&next(), &former()).unwrap();
        home.settle(&next().root.verify_key()).unwrap();
        assert!(home.desk_ca(&alone).unwrap().is_none());
        assert_eq!(home.read_gateway_roll().unwrap(), "");
    }

    #[test]
    fn a_change_cut_after_the_manifest_leaves_the_new_keys() {
        for moved in 0..=FILES.len() {
            let (_folder, home) = made();
            home.write_next(&next(), &former()).unwrap();
            home.put_in_place(moved).unwrap();
            assert!(
                home.holds_node() && *home.secrets().unwrap().node_key == [6; 32],
                "no node after {moved}"
            );
            home.settle(&next().root.verify_key()).unwrap();
            holds(&home, &next());
            let kept = home.former_ca().unwrap().unwrap();
            assert_eq!((kept.certificate, kept.key.to_vec()), (vec![4], vec![5]));
            let mode = fs::metadata(home.keys().join(FORMER_CA_KEY)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o400);
            home.settle(&next().root.verify_key()).unwrap();
            home.forget_former_ca().unwrap();
            home.forget_former_ca().unwrap();
            assert!(home.former_ca().unwrap().is_none());
        }
    }

    #[test]
    fn keys_of_another_root_are_refused_and_stay() {
        let (_folder, home) = made();
        let stranger = SigningSecret::from_bytes(&[99; 32]).verify_key();
        let refused = home.settle(&stranger).unwrap_err();
        assert!(matches!(refused, HomeError::OtherKeys(_)) && refused.to_string().contains("backup"));
        home.settle(&secrets().root.verify_key()).unwrap();
        holds(&home, &secrets());
    }
}

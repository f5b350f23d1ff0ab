//! Where the node's folder is and who asks: flags, then environment, then the configuration file, then defaults.
//!
//! The environment is read here and nowhere else.

use crate::exit::Failure;
use config::{Config, File, FileFormat};
use serde::Deserialize;
use std::env;
use std::path::{Path, PathBuf};

/// Environment variable that names the node's folder.
pub(crate) const FOLDER_VARIABLE: &str = "RELAIS_FOLDER";
/// Name of the socket in the node's folder.
const SOCKET: &str = "desk.sock";

/// What of the environment concerns this program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// `RELAIS_FOLDER`.
    pub(crate) folder: Option<PathBuf>,
    /// `XDG_DATA_HOME`, when absolute.
    pub(crate) data_home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`, when absolute.
    pub(crate) config_home: Option<PathBuf>,
    /// `HOME`.
    pub(crate) home: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment of the process.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub(crate) fn read() -> Self {
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let absolute = |name| path(name).filter(|path| path.is_absolute());
        Self {
            folder: path(FOLDER_VARIABLE),
            data_home: absolute("XDG_DATA_HOME"),
            config_home: absolute("XDG_CONFIG_HOME"),
            home: path("HOME"),
        }
    }

    /// Where this user's configuration file may be.
    pub(crate) fn configuration_file(&self) -> Option<PathBuf> {
        let under_home = || self.home.as_ref().map(|home| home.join(".config"));
        self.config_home.clone().or_else(under_home).map(|folder| folder.join("relais").join("relais.toml"))
    }

    fn default_folder(&self) -> Option<PathBuf> {
        let under_home = || self.home.as_ref().map(|home| home.join(".local").join("share"));
        self.data_home.clone().or_else(under_home).map(|folder| folder.join("relais"))
    }
}

/// The configuration file of this user; every key may be left out.
#[derive(Clone, PartialEq, Eq, Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
struct Configuration {
    /// The node's folder.
    folder: Option<PathBuf>,
    /// The user to act as, when a uid has several.
    user: Option<String>,
}

/// What commands run with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Settings {
    /// The node's folder.
    pub(crate) folder: PathBuf,
    /// The user to act as.
    pub(crate) user: Option<String>,
}

impl Settings {
    /// Settles flags, environment, file and defaults.
    ///
    /// # Errors
    /// [`Failure`] when the file is wrong, or no folder follows from anything.
    pub(crate) fn settle(
        flags: (Option<PathBuf>, Option<String>),
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let file = environment.configuration_file();
        let file = file.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let folder = flags.0.or_else(|| environment.folder.clone()).or(file.folder);
        let folder = folder.or_else(|| environment.default_folder()).ok_or_else(|| {
            Failure::usage(format!("no folder: give --folder FOLDER, or set {FOLDER_VARIABLE}"))
        })?;
        Ok(Self { folder, user: flags.1.or(file.user) })
    }

    /// The node's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join(SOCKET)
    }
}

fn read_file(path: &Path) -> Result<Configuration, Failure> {
    if !path.exists() {
        return Ok(Configuration::default());
    }
    let source = File::from(path).format(FileFormat::Toml);
    let read = Config::builder().add_source(source).build().and_then(Config::try_deserialize);
    read.map_err(|error| Failure::usage(format!("{}: {error}; its keys are folder and user", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn environment(home: &Path) -> Environment {
        Environment { home: Some(home.to_owned()), ..Environment::default() }
    }

    #[test]
    fn flags_come_before_environment_before_file_before_default() {
        let home = tempfile::tempdir().expect("a folder");
        let mut environment = environment(home.path());
        let settle = |flag: Option<&str>, environment: &Environment| {
            Settings::settle((flag.map(PathBuf::from), None), environment).expect("settled").folder
        };
        assert_eq!(settle(None, &environment), home.path().join(".local/share/relais"));
        environment.data_home = Some(PathBuf::from("/data"));
        assert_eq!(settle(None, &environment), PathBuf::from("/data/relais"));
        let file = environment.configuration_file().expect("a place");
        fs::create_dir_all(file.parent().expect("a parent")).expect("made");
        fs::write(&file, "folder = \"/from/file\"\nuser = \"claire\"\n").expect("written");
        assert_eq!(settle(None, &environment), PathBuf::from("/from/file"));
        environment.folder = Some(PathBuf::from("/from/environment"));
        assert_eq!(settle(None, &environment), PathBuf::from("/from/environment"));
        assert_eq!(settle(Some("/from/flag"), &environment), PathBuf::from("/from/flag"));
        let settings = Settings::settle((None, None), &environment).expect("settled");
        assert_eq!(settings.user.as_deref(), Some("claire"));
        assert_eq!(settings.socket(), PathBuf::from("/from/environment/desk.sock"));
    }

    #[test]
    fn a_wrong_file_is_a_usage_error_that_names_it() {
        let home = tempfile::tempdir().expect("a folder");
        let environment = environment(home.path());
        let file = environment.configuration_file().expect("a place");
        fs::create_dir_all(file.parent().expect("a parent")).expect("made");
        fs::write(&file, "fodler = \"/x\"\n").expect("written");
        let failure = Settings::settle((None, None), &environment).expect_err("no such key");
        assert_eq!(failure.exit.number(), 64);
        assert!(
            failure.message.contains("relais.toml") && failure.message.contains("fodler"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn without_any_folder_the_flag_is_asked_for() {
        let failure = Settings::settle((None, None), &Environment::default()).expect_err("nothing is known");
        assert!(failure.message.contains("--folder") && failure.message.contains(FOLDER_VARIABLE));
    }
}

//! Passwords: which ones are good enough, and the slow function that guards them.
//!
//! There is no rule of composition: length is what counts (NIST SP 800-63B §3.1.1.2). Refused is what is tried first:
//! common ones, one's own name and the structure's, repetitions, rows of the keyboard.

use super::AccountError;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Longest password, in bytes.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// How many passwords are computed at once: each takes 19 MiB.
pub const HASHES_AT_ONCE_MAX: usize = 2;
/// How many may wait for their turn, a second or two in all.
pub const HASHES_WAITING_MAX: usize = 64;
/// Memory of one computation, KiB (OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane).
const MEMORY_KIB: u32 = 19 * 1_024;
/// Passes over it.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Room that is asked of the system for one computation, in blocks of 1 KiB; only [`MEMORY_KIB`] are touched. Common
/// allocators give back at once what is larger than 32 MiB, and keep what is smaller: the node is to stay small.
const BLOCKS_RESERVED: usize = 33 * 1_024;
/// Bytes of a salt.
const SALT_BYTES: usize = 16;
/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// Fewest characters that must be left of a password without the names of its owner and their structure.
const BEYOND_NAMES_MIN: usize = 8;
/// Shortest part of a name that is looked for.
const NAME_PART_MIN: usize = 3;
/// Fewest different characters.
const DIFFERENT_MIN: usize = 5;
/// Fewest steps from one character to the next that no keyboard row, alphabet or repetition foretells.
const SURPRISES_MIN: usize = 4;
/// What lies side by side.
const ROWS: [&str; 8] = [
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "&é\"'(-è_çà)=",
];

static COMMON: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

/// Why a password is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Weak {
    /// Too short.
    #[error("12 characters at least: four words are easy to keep in mind")]
    Short,
    /// Too long.
    #[error("{PASSWORD_BYTES_MAX} bytes at most")]
    Long,
    /// On the list of common ones.
    #[error("many people use this one: choose another")]
    Common,
    /// Little but names that anyone knows.
    #[error("it is little more than a name that others know: choose another")]
    Names,
    /// A repetition or a row.
    #[error("it repeats itself or follows the keyboard: choose another")]
    Pattern,
}

/// Judges a new password of someone whom and whose structure these names are known of.
pub(super) fn judge(password: &SecretString, names: &[&str]) -> Result<(), Weak> {
    let password = password.expose_secret();
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(Weak::Short);
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(Weak::Long);
    }
    let folded: Vec<char> = password.chars().flat_map(char::to_lowercase).map(plain).collect();
    if is_pattern(&folded) {
        return Err(Weak::Pattern);
    }
    let plain: String = folded.iter().filter(|c| c.is_alphanumeric()).collect();
    let letters: String = folded.iter().filter(|c| c.is_alphabetic()).collect();
    if COMMON.contains(plain.as_str()) || COMMON.contains(letters.as_str()) {
        return Err(Weak::Common);
    }
    if is_names(&plain, names) { Err(Weak::Names) } else { Ok(()) }
}

/// A letter without its accent.
fn plain(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ÿ' | 'ý' => 'y',
        other => other,
    }
}

fn is_pattern(text: &[char]) -> bool {
    let different: BTreeSet<char> = text.iter().copied().collect();
    let surprises = text.windows(2).filter(|pair| !is_foretold(pair)).count();
    let repeats = (1..PASSWORD_CHARS_MIN)
        .any(|period| period < text.len() && text.iter().zip(text.iter().skip(period)).all(|(a, b)| a == b));
    different.len() < DIFFERENT_MIN || surprises < SURPRISES_MIN || repeats
}

fn is_foretold(pair: &[char]) -> bool {
    let &[a, b] = pair else { return false };
    let beside = |row: &&str| {
        let place = |wanted| row.chars().position(|c| c == wanted);
        place(a).zip(place(b)).is_some_and(|(a, b)| a.abs_diff(b) <= 1)
    };
    u32::from(a).abs_diff(u32::from(b)) <= 1 || ROWS.iter().any(beside)
}

fn is_names(plain_text: &str, names: &[&str]) -> bool {
    let fold = |name: &str| name.chars().flat_map(char::to_lowercase).map(plain).collect::<String>();
    let mut parts: Vec<String> = names.iter().map(|name| fold(name)).chain(["relais".to_owned()]).collect();
    let words =
        |name: &String| name.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
    let words: Vec<String> = parts.iter().flat_map(words).collect();
    parts.extend(words);
    parts.retain(|part| part.chars().count() >= NAME_PART_MIN);
    // The longest first: a name within a name leaves nothing behind.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let left = parts.iter().fold(plain_text.to_owned(), |left, part| left.replace(part.as_str(), ""));
    left.len() < plain_text.len() && left.chars().count() < BEYOND_NAMES_MIN
}

/// What is kept of a password, with what it was computed with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PasswordHash {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: [u8; SALT_BYTES],
    hash: [u8; HASH_BYTES],
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

impl PasswordHash {
    /// What nobody's password has: computed for those who are not there, so that they take the same time.
    const NOBODYS: Self = Self {
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
        salt: [0x5a; SALT_BYTES],
        hash: [0; HASH_BYTES],
    };

    fn fitted(self, password: &SecretString) -> Result<Self, AccountError> {
        let corrupt = |_| AccountError::Corrupt;
        let params =
            Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_BYTES)).map_err(corrupt)?;
        let wanted = params.block_count();
        let mut blocks: Vec<Block> = Vec::with_capacity(wanted.max(BLOCKS_RESERVED));
        blocks.resize(wanted, Block::new());
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut hash = [0; HASH_BYTES];
        let password = password.expose_secret().as_bytes();
        argon
            .hash_password_into_with_memory(password, &self.salt, &mut hash, &mut blocks[..])
            .map_err(corrupt)?;
        Ok(Self { hash, ..self })
    }
}

/// Whether a password is the right one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fits {
    Yes,
    No,
}

/// Computes passwords, few at a time, on threads that may wait.
pub(super) struct Hasher {
    waiting: Semaphore,
    running: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self {
            waiting: Semaphore::new(HASHES_AT_ONCE_MAX + HASHES_WAITING_MAX),
            running: Arc::new(Semaphore::new(HASHES_AT_ONCE_MAX)),
        }
    }
}

impl Hasher {
    /// What is to be kept of a new password.
    pub(super) async fn hash(
        &self,
        password: SecretString,
        salt: [u8; SALT_BYTES],
    ) -> Result<PasswordHash, AccountError> {
        self.run(move || PasswordHash { salt, ..PasswordHash::NOBODYS }.fitted(&password)).await
    }

    /// Whether this is the password of which that is kept. Nobody's takes as long as someone's.
    pub(super) async fn check(
        &self,
        password: SecretString,
        kept: Option<PasswordHash>,
    ) -> Result<Fits, AccountError> {
        let someones = kept.is_some();
        let kept = kept.unwrap_or(PasswordHash::NOBODYS);
        self.run(move || {
            let computed = kept.clone().fitted(&password)?;
            let same = verify_slices_are_equal(&computed.hash, &kept.hash).is_ok();
            Ok(if same && someones { Fits::Yes } else { Fits::No })
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        compute: impl FnOnce() -> Result<T, AccountError> + Send + 'static,
    ) -> Result<T, AccountError> {
        let _place = self.waiting.try_acquire().map_err(|_| AccountError::Busy)?;
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(|_| AccountError::Busy)?;
        let computed = tokio::task::spawn_blocking(move || {
            // Goes with the computation: a caller that hangs up makes no room for another.
            let _permit = permit;
            compute()
        });
        computed.await.map_err(|_| AccountError::Busy)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["Emmaüs Connect Limoges", "claire.martin"];

    fn judged(password: &str) -> Result<(), Weak> {
        judge(&SecretString::from(password), &NAMES)
    }

    #[test]
    fn length_alone_makes_a_password() {
        for good in [
            "cheval correct pile agrafe",
            "quatre mots faciles",
            "éàüïœ çâêîôû",
            "三十六計走為上計と申します也",
            "   trois  espaces   ",
            "rue du Clos en 1987",
            "Tr0ub4dor&3xyz",
            &"une longue phrase à moi ".repeat(40),
        ] {
            assert_eq!(judged(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn too_short_and_too_long_are_refused() {
        assert_eq!(judged(""), Err(Weak::Short));
        assert_eq!(judged("k8#Lq2!vTz9"), Err(Weak::Short));
        assert_eq!(judged("éèàùçéèàùçx"), Err(Weak::Short), "characters count, not bytes");
        let most = "une longue phrase à moi ".repeat(40) + &"x".repeat(64 - 40);
        assert!(most.len() <= PASSWORD_BYTES_MAX);
        assert_eq!(judged(&"mot ".repeat(257)), Err(Weak::Long));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for common in [
            "motdepasse2026!",
            "MonMotDePasse",
            "Bienvenue2026",
            "bonjour-le-monde",
            "Je T'aime Fort",
            "1motdepasse!!",
            "administrateur",
            "a1z2e3r4t5y6",
            "Février-2026!!",
        ] {
            assert_eq!(judged(common), Err(Weak::Common), "{common}");
        }
    }

    #[test]
    fn repetitions_and_rows_are_refused() {
        for pattern in [
            "aaaaaaaaaaaa",
            "abababababab",
            "123456789012",
            "azertyuiopqs",
            "qwertyuiop123",
            "abcdefghijkl",
            "x7Kqx7Kqx7Kq",
            "poiuytrezaml",
            "zaqzaqzaqzaq",
            "tresbien!tresbien!",
            "111111222222333333",
            "AZERTYUIOP12",
            "            ",
        ] {
            assert_eq!(judged(pattern), Err(Weak::Pattern), "{pattern}");
        }
    }

    #[test]
    fn names_that_anyone_knows_are_refused() {
        for names in [
            "ClaireMartin1987",
            "connect-emmaus-87",
            "Relais-Limoges-26",
            "martin.claire!",
            "Limoges2026relais",
            "EmmaüsConnectLimoges",
        ] {
            assert_eq!(judged(names), Err(Weak::Names), "{names}");
        }
        assert_eq!(judged("claire aime les figues"), Ok(()));
    }

    #[test]
    fn the_list_is_sorted_folded_and_of_use() {
        let lines: Vec<&str> = COMMON.iter().copied().collect();
        assert!(lines.len() >= 300, "{}", lines.len());
        let text = include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#'));
        assert!(text.eq(lines.iter().copied()), "sorted, without doubles");
        assert!(lines.iter().all(|line| line.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())));
    }

    #[tokio::test]
    async fn the_right_password_fits_and_no_other() {
        let hasher = Hasher::default();
        let secret = || SecretString::from("cheval correct pile agrafe");
        let kept = hasher.hash(secret(), [1; SALT_BYTES]).await.unwrap();
        assert_ne!(kept, hasher.hash(secret(), [2; SALT_BYTES]).await.unwrap(), "salted");
        let check = |password: &str, kept| hasher.check(SecretString::from(password), kept);
        assert_eq!(check("cheval correct pile agrafe", Some(kept.clone())).await.unwrap(), Fits::Yes);
        for wrong in ["cheval correct pile agrafes", "Cheval correct pile agrafe", ""] {
            assert_eq!(check(wrong, Some(kept.clone())).await.unwrap(), Fits::No, "{wrong}");
        }
        assert_eq!(check("cheval correct pile agrafe", None).await.unwrap(), Fits::No, "nobody's");
        assert_eq!(format!("{kept:?}"), "PasswordHash");
    }

    #[test]
    fn the_function_is_argon2id() {
        // Computed by another program (OpenSSL's): 2 passes, 19,456 KiB, 1 lane.
        let expected = "2b5dc4054886ec957ef59c73b661c54dd6fb274590b278f657c6d96aac8fa6d1";
        let salt = *b"somesaltsomesalt";
        let kept =
            PasswordHash { salt, ..PasswordHash::NOBODYS }.fitted(&SecretString::from("password")).unwrap();
        assert_eq!(format!("{}", relais_domain::digest::Digest(kept.hash)), expected);
    }

    #[tokio::test]
    async fn few_are_computed_at_once_and_a_crowd_is_sent_away() {
        let hasher = Arc::new(Hasher::default());
        let (begin, begun) = std::sync::mpsc::channel::<()>();
        let begun = Arc::new(std::sync::Mutex::new(begun));
        let wait = |hasher: Arc<Hasher>| {
            let begun = Arc::clone(&begun);
            tokio::spawn(async move {
                let wait = move || begun.lock().unwrap().recv().map_err(|_| AccountError::Busy);
                hasher.run(wait).await
            })
        };
        let crowd = HASHES_AT_ONCE_MAX + HASHES_WAITING_MAX;
        let waiting: Vec<_> = (0..crowd).map(|_| wait(Arc::clone(&hasher))).collect();
        while hasher.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(hasher.running.available_permits(), 0);
        assert!(matches!(hasher.run(|| Ok(())).await, Err(AccountError::Busy)), "one too many");
        for _ in 0..crowd {
            begin.send(()).unwrap();
        }
        for task in waiting {
            task.await.unwrap().unwrap();
        }
        assert!(hasher.run(|| Ok(())).await.is_ok(), "there is room again");
    }
}

//! Pages of lists: how much one holds, and where the next one begins.

use super::answer;
use tonic::Status;

/// Most that one page holds.
pub(super) const PAGE_SIZE_MAX: u32 = 100;
/// What one page holds when nothing is said.
const PAGE_SIZE: u32 = 50;

/// How much a page is to hold.
///
/// # Errors
/// `page_size`, when it is more than [`PAGE_SIZE_MAX`].
pub(super) fn size(asked: u32) -> Result<usize, Status> {
    let size = match asked {
        0 => PAGE_SIZE,
        1..=PAGE_SIZE_MAX => asked,
        _ => return Err(answer::field("page_size", &format!("{PAGE_SIZE_MAX} at most"))),
    };
    Ok(usize::try_from(size).unwrap_or(usize::MAX))
}

/// The place that a token names; none before the first page.
///
/// # Errors
/// `page_token`, when no page said it.
pub(super) fn place<P>(token: &str, read: impl FnOnce(&str) -> Option<P>) -> Result<Option<P>, Status> {
    match token {
        "" => Ok(None),
        token => {
            read(token).map(Some).ok_or_else(|| answer::field("page_token", "give back what a page said"))
        }
    }
}

/// A page of a list that is read whole.
pub(super) struct Page {
    /// How many stand before it.
    skip: usize,
    size: usize,
}

impl Page {
    /// The page that a call asks for.
    ///
    /// # Errors
    /// `page_size` and `page_token`.
    pub(super) fn asked(page_size: u32, page_token: &str) -> Result<Self, Status> {
        let size = size(page_size)?;
        let skip = place(page_token, |token| token.parse().ok())?.unwrap_or(0);
        Ok(Self { skip, size })
    }

    /// What of a list is on it, and the token of the page behind it; empty for the last.
    pub(super) fn of<T>(&self, all: Vec<T>) -> (Vec<T>, String) {
        let count = all.len();
        let page: Vec<T> = all.into_iter().skip(self.skip).take(self.size).collect();
        let next = self.skip.saturating_add(page.len());
        let token = if next < count { next.to_string() } else { String::new() };
        (page, token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let all: Vec<u32> = (0..7).collect();
        let (mut token, mut seen) = (String::new(), Vec::new());
        loop {
            let (page, next) = Page::asked(3, &token).unwrap().of(all.clone());
            assert!(page.len() <= 3);
            seen.extend(page);
            token = next;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, all);
        let (behind, next) = Page::asked(3, &usize::MAX.to_string()).unwrap().of(all);
        assert_eq!((behind.len(), next.as_str()), (0, ""), "behind the end is nothing");
    }

    #[test]
    fn a_page_has_a_size_and_a_token_that_a_page_said() {
        assert_eq!((size(0).unwrap(), size(100).unwrap()), (50, 100));
        assert_eq!(size(PAGE_SIZE_MAX + 1).unwrap_err().message(), "page_size: 100 at most");
        for token in ["x", "-1", " 3", "99999999999999999999999"] {
            let refused = Page::asked(1, token).map(|_| ()).unwrap_err();
            assert_eq!(refused.message(), "page_token: give back what a page said", "{token}");
        }
    }
}

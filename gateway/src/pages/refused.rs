//! A no of the node to a form: beside the field it is about, in the visitor's words.

use crate::page::Mistakes;
use crate::tongue::Tongue;
use crate::trouble::{Refusal, Trouble};
use crate::visit::Session;
use tonic::Status;

/// The mistakes of a form that the node refused; `field_of` tells which field of the page a field of the node is. A room
/// may say a field's no in words of its own: `STEM-FIELD`, or `STEM` when no field is named.
///
/// # Errors
/// [`Trouble`] when it was no refusal.
pub(crate) fn mistakes(
    session: &Session,
    status: Status,
    stem: &str,
    field_of: impl Fn(&str) -> &'static str,
) -> Result<Mistakes, Trouble> {
    match Trouble::refused(status) {
        Ok(refusal) => {
            let mut mistakes = Mistakes::default();
            let field = refusal.field.replace(['.', '_'], "-");
            let own = if field.is_empty() { stem.to_owned() } else { format!("{stem}-{field}") };
            let words = session.tongue().maybe(&own).unwrap_or_else(|| refusal.words(session.tongue()));
            mistakes.add(field_of(&refusal.field), words);
            Ok(mistakes)
        }
        Err(other) => Err(other),
    }
}

/// Whether the node says that someone changed it since the page was shown.
pub(crate) fn is_stale(status: &Status) -> bool {
    Refusal::of(status).code == "changed"
}

/// A page's title: it says first that something is to be mended.
pub(crate) fn title(tongue: Tongue, key: &str, mistakes: &Mistakes) -> String {
    let title = tongue.say(key);
    if mistakes.is_empty() { title } else { tongue.with("error-title", &[("title", &title)]) }
}

//! Finding a service.

use super::Context;
use crate::answer::Answer;
use crate::exit::Failure;
use crate::views::directory;
use clap::Args;
use relais_domain::theme::Theme;
use relais_proto::desk::v1::FindServicesRequest;

/// Themes named when one is not known.
const THEMES_NAMED_MAX: usize = 5;

/// Finds services.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  relais find --theme numerique--acceder-a-une-connexion-internet --commune 17300"
)]
pub(crate) struct FindArgs {
    /// The need, as data·inclusion code; a few words get the nearest codes named
    #[arg(long, value_name = "THEME")]
    theme: String,
    /// Where the person lives: code of the commune, present or former
    #[arg(long, value_name = "CODE")]
    commune: String,
    /// How many at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
}

/// Does it.
///
/// # Errors
/// [`Failure`] when the need or the place is not known.
pub(crate) async fn run(args: FindArgs, context: &Context) -> Result<Answer, Failure> {
    let theme = known_theme(&args.theme)?;
    let request = FindServicesRequest { theme, commune: args.commune, limit: args.limit };
    let found = context.desk().await?.find_services(request).await?.into_inner();
    Ok(directory::found(&found))
}

/// The code of a need; a few words get the nearest codes named.
///
/// # Errors
/// [`Failure`] when it is no code.
pub(super) fn known_theme(typed: &str) -> Result<String, Failure> {
    if let Some(theme) = Theme::parse(typed.trim()) {
        return Ok(theme.code().to_owned());
    }
    let near: Vec<String> = Theme::closest(typed, THEMES_NAMED_MAX)
        .into_iter()
        .map(|theme| format!("{} ({})", theme.code(), theme.label()))
        .collect();
    let message = if near.is_empty() {
        "no need has this code; try a few words in French".to_owned()
    } else {
        format!("no need has this code; near it: {}", near.join(", "))
    };
    Err(Failure::input("theme", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_get_the_nearest_codes() {
        assert!(known_theme("numerique--acceder-a-une-connexion-internet").is_ok());
        let failure = known_theme("connexion internet").expect_err("no code");
        assert!(
            failure.message.contains("numerique--acceder-a-une-connexion-internet"),
            "{}",
            failure.message
        );
        assert!(known_theme("qqqq").expect_err("nothing near").message.contains("a few words"));
    }
}

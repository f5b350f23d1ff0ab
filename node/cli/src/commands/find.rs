//! Finding a service.

use super::Context;
use crate::answer::Answer;
use crate::exit::Failure;
use crate::views::directory;
use clap::{Args, ValueEnum};
use relais_domain::theme::Theme;
use relais_proto::desk::v1::{FindDoors, FindHours, FindMode, FindPrice, FindServicesRequest};

/// Themes named when one is not known.
const THEMES_NAMED_MAX: usize = 5;

/// Finds services.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  relais find --theme numerique--acceder-a-une-connexion-internet --commune 17300\n  relais find --theme lecture-ecriture-calcul--maitriser-le-francais --commune 17300 --language ar --free --all"
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
    /// A language that must be spoken there, ISO 639 code
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// Whom it must be for, as data·inclusion code
    #[arg(long, value_name = "CODE")]
    audience: Option<String>,
    /// Only what costs nothing, or does not say
    #[arg(long)]
    free: bool,
    /// How the person wants to be received
    #[arg(long, value_enum, value_name = "WAY")]
    mode: Option<Way>,
    /// How far the person can go, metres; 0 for nowhere
    #[arg(long, value_name = "METRES")]
    reach: Option<u32>,
    /// When the person can come
    #[arg(long, value_enum, value_name = "WHEN")]
    hours: Option<When>,
    /// Those included that no referral can be sent to: no partners, open data
    #[arg(long)]
    all: bool,
    /// The next page, as the last one said
    #[arg(long, value_name = "TOKEN")]
    page: Option<String>,
}

/// How someone is received.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub(super) enum Way {
    /// In person
    #[value(alias = "en-presentiel")]
    InPerson,
    /// By telephone or online
    #[value(alias = "a-distance")]
    Remote,
}

/// When someone can come.
#[derive(ValueEnum, Clone, Copy, Debug)]
enum When {
    /// On a weekday before noon
    Morning,
    /// On a weekday between noon and 18:00
    Afternoon,
    /// After 18:00
    Evening,
    /// On a Saturday
    Saturday,
}

impl Way {
    /// The code of data·inclusion.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::InPerson => "en-presentiel",
            Self::Remote => "a-distance",
        }
    }
}

impl FindArgs {
    fn request(self) -> Result<FindServicesRequest, Failure> {
        let mode = self.mode.map_or(FindMode::Unspecified, |way| match way {
            Way::InPerson => FindMode::InPerson,
            Way::Remote => FindMode::Remote,
        });
        let hours = self.hours.map_or(FindHours::Unspecified, |when| match when {
            When::Morning => FindHours::Morning,
            When::Afternoon => FindHours::Afternoon,
            When::Evening => FindHours::Evening,
            When::Saturday => FindHours::Saturday,
        });
        let price = if self.free { FindPrice::Free } else { FindPrice::Unspecified };
        let doors = if self.all { FindDoors::All } else { FindDoors::Unspecified };
        Ok(FindServicesRequest {
            theme: known_theme(&self.theme)?,
            commune: self.commune,
            limit: self.limit,
            language: self.language.unwrap_or_default(),
            audience: self.audience.unwrap_or_default(),
            price: price.into(),
            mode: mode.into(),
            reach_m: self.reach,
            hours: hours.into(),
            doors: doors.into(),
            page_token: self.page.unwrap_or_default(),
        })
    }
}

/// Does it.
///
/// # Errors
/// [`Failure`] when the need or the place is not known.
pub(crate) async fn run(args: FindArgs, context: &Context) -> Result<Answer, Failure> {
    let found = context.desk().await?.find_services(args.request()?).await?.into_inner();
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

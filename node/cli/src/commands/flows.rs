//! Counts of one quarter.

use super::Context;
use crate::answer::Answer;
use crate::codes::{Code as _, Words};
use crate::exit::Failure;
use crate::views::ledger;
use clap::Args;
use relais_domain::territory::Level;
use relais_proto::desk::v1::FlowsRequest;

/// Counts.
#[derive(Args, Debug)]
#[command(after_help = "\
Counts up to 10 print as \"0–10\", and there are no totals: a total would tell what a small count hides.

Examples:
  relais flows
  relais flows --quarter 2026-Q4 --level departement --territory 17")]
pub(crate) struct FlowsArgs {
    /// The quarter (the current one when left out)
    #[arg(long, value_name = "YEAR-QN", value_parser = parse_quarter)]
    quarter: Option<Quarter>,
    /// The size of the territories
    #[arg(long, default_value = "epci", value_parser = Words::<Level>::any())]
    level: Level,
    /// Code of one territory of that size
    #[arg(long, value_name = "CODE")]
    territory: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Quarter {
    year: u32,
    number: u32,
}

fn parse_quarter(text: &str) -> Result<Quarter, String> {
    let read = || {
        let (year, quarter) = text.trim().split_once("-Q").or_else(|| text.trim().split_once("-q"))?;
        let (year, number) = (year.parse().ok()?, quarter.parse().ok()?);
        let fits = (2_000..=9_999).contains(&year) && (1..=4).contains(&number);
        fits.then_some(Quarter { year, number })
    };
    read().ok_or_else(|| "write a quarter like 2026-Q4".to_owned())
}

/// Does it.
///
/// # Errors
/// [`Failure`] when the territory is not known.
pub(crate) async fn run(args: FlowsArgs, context: &Context) -> Result<Answer, Failure> {
    let request = FlowsRequest {
        year: args.quarter.map_or(0, |quarter| quarter.year),
        quarter: args.quarter.map_or(0, |quarter| quarter.number),
        level: args.level.wire(),
        territory: args.territory.unwrap_or_default(),
    };
    let found = context.desk().await?.flows(request).await?.into_inner();
    Ok(ledger::flows(&found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_are_read_or_refused() {
        assert_eq!(parse_quarter("2026-Q4"), Ok(Quarter { year: 2026, number: 4 }));
        assert_eq!(parse_quarter(" 2026-q1"), Ok(Quarter { year: 2026, number: 1 }));
        for text in ["", "2026", "2026-Q0", "2026-Q5", "26-Q1", "2026-4", "-Q1"] {
            assert!(parse_quarter(text).is_err(), "{text}");
        }
    }
}

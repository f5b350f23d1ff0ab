//! How the two files came to look as they do: dated steps, appended to, never changed.

use super::OpenError;
use crate::fault::Fault;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnection;
use std::path::Path;

/// One step.
pub(super) struct Written {
    /// Its date and its number on that day.
    number: i64,
    name: &'static str,
    sql: &'static str,
}

/// The steps of `data.db`.
pub(super) const DATA: &[Written] = &[
    Written {
        number: 202_611_220_001,
        name: "first",
        sql: include_str!("../../migrations/data/20261122_0001_first.sql"),
    },
    Written {
        number: 202_611_220_002,
        name: "tally_cell",
        sql: include_str!("../../migrations/data/20261122_0002_tally_cell.sql"),
    },
];

/// The steps of `keys.db`.
pub(super) const KEYS: &[Written] = &[Written {
    number: 202_611_220_001,
    name: "first",
    sql: include_str!("../../migrations/keys/20261122_0001_first.sql"),
}];

/// Takes the steps that a file has not taken yet.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    path: &Path,
    steps: &[Written],
) -> Result<(), OpenError> {
    let migrations = steps.iter().map(|step| {
        Migration::new(step.number, step.name.into(), MigrationType::Simple, step.sql.into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    migrator.run_direct(None, connection, false).await.map_err(|error| refused(error, path))
}

fn refused(error: MigrateError, path: &Path) -> OpenError {
    let known = |number: i64| [DATA, KEYS].iter().any(|steps| steps.iter().any(|step| step.number == number));
    if let MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) = error {
        return OpenError::of(Fault::from(error), path);
    }
    if let MigrateError::VersionMissing(number) = error
        && !known(number)
    {
        return OpenError::Newer(path.to_owned());
    }
    OpenError::Foreign(path.to_owned())
}

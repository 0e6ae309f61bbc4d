//! The database's schema and its migrations. One is never changed after a release; another is added after it.

use rusqlite_migration::{M, Migrations};

const V1: &str = "
CREATE TABLE event (
    id     INTEGER PRIMARY KEY,
    uuid   BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    device BLOB NOT NULL CHECK (length(device) = 16),
    seq    INTEGER NOT NULL,
    at     TEXT NOT NULL,
    kind   TEXT NOT NULL,
    v      INTEGER NOT NULL,
    json   TEXT NOT NULL
) STRICT;
CREATE INDEX event_device_seq ON event (device, seq);

-- A device is a machine: a copied database must not go on counting under the other machine's id.
CREATE TABLE device (
    machine TEXT PRIMARY KEY,
    id      BLOB NOT NULL CHECK (length(id) = 16)
) STRICT;

-- What is worked out from the events, to be thrown away whenever it does not match them.
CREATE TABLE cache (
    name   TEXT PRIMARY KEY,
    fold   INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    events INTEGER NOT NULL,
    digest TEXT NOT NULL,
    json   TEXT NOT NULL
) STRICT;

CREATE TABLE upkeep (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
";

const STEPS: &[M<'static>] = &[M::up(V1)];

/// All migrations, oldest first.
pub(super) const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// The version that a database has after all of them.
pub(super) const LATEST: i64 = STEPS.len() as i64;

#[cfg(test)]
mod tests {
    #[test]
    fn the_migrations_are_sound() {
        super::MIGRATIONS.validate().unwrap();
    }
}

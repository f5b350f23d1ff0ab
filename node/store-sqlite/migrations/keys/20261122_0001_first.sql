-- The data keys, each wrapped by the node key. This file never goes into a backup of the data.

CREATE TABLE store (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    id BLOB NOT NULL CHECK (length(id) = 16),
    proof BLOB NOT NULL
) STRICT;

-- A destroyed key keeps its number, with nothing in `wrapped`: so a row that comes back from an old backup is known
-- to be erased, and not taken for damaged. Numbers are never used twice.
CREATE TABLE data_key (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    subject BLOB NOT NULL,
    wrapped BLOB
) STRICT;
CREATE UNIQUE INDEX data_key_by_subject ON data_key (subject) WHERE wrapped IS NOT NULL;

-- What the tally rows of a closed quarter come to: counts that name no thread.
-- `quarter` counts from the first one of 1970, UTC. No label and no outcome are 0.

CREATE TABLE tally_cell (
    number INTEGER PRIMARY KEY,
    quarter INTEGER NOT NULL,
    side INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    peer BLOB NOT NULL CHECK (length(peer) = 32),
    territory TEXT NOT NULL,
    theme TEXT NOT NULL,
    label INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    UNIQUE (quarter, side, kind, peer, territory, theme, label, outcome)
) STRICT;

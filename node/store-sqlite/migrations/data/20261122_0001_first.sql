-- Everything a node keeps but its data keys, which lie in keys.db.
-- Instants are milliseconds since 1970. Codes are the numbers of the domain. What concerns a person is in a column
-- named `sealed`, or in the body of a document that names a data key.

CREATE TABLE store (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    id BLOB NOT NULL CHECK (length(id) = 16)
) STRICT;

CREATE TABLE thread (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind INTEGER NOT NULL,
    side INTEGER NOT NULL,
    peer BLOB NOT NULL CHECK (length(peer) = 32),
    consent BLOB NOT NULL CHECK (length(consent) = 32),
    valid_until INTEGER NOT NULL,
    standing INTEGER NOT NULL,
    signing INTEGER NOT NULL,
    freeze INTEGER NOT NULL,
    follow_up BLOB CHECK (length(follow_up) = 16),
    version INTEGER NOT NULL CHECK (version > 0),
    opened_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    wake_at INTEGER,
    label INTEGER,
    step INTEGER NOT NULL,
    due_kind INTEGER,
    due_owner INTEGER,
    due_at INTEGER,
    attention INTEGER NOT NULL,
    CHECK ((due_kind IS NULL) = (due_owner IS NULL) AND (due_kind IS NULL) = (due_at IS NULL))
) STRICT;
CREATE INDEX thread_by_change ON thread (changed_at, id);
CREATE INDEX thread_by_wake ON thread (wake_at, id) WHERE wake_at IS NOT NULL;

CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    thread BLOB NOT NULL REFERENCES thread (id),
    side INTEGER NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    message BLOB NOT NULL UNIQUE CHECK (length(message) = 16),
    kind INTEGER NOT NULL,
    identity BLOB NOT NULL CHECK (length(identity) = 32),
    payload BLOB NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    counts INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    part INTEGER NOT NULL,
    UNIQUE (thread, side, sequence)
) STRICT;

CREATE TABLE content (
    number INTEGER PRIMARY KEY,
    thread BLOB NOT NULL REFERENCES thread (id),
    side INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    part INTEGER NOT NULL,
    data_key INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (thread, side, sequence)
) STRICT;

CREATE TABLE step (
    number INTEGER PRIMARY KEY,
    thread BLOB NOT NULL REFERENCES thread (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    kind INTEGER NOT NULL,
    after INTEGER NOT NULL CHECK (after >= 0),
    data_key INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (thread, position)
) STRICT;

CREATE TABLE prepared (
    number INTEGER PRIMARY KEY,
    thread BLOB NOT NULL UNIQUE REFERENCES thread (id),
    data_key INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE outbox (
    number INTEGER PRIMARY KEY,
    message BLOB NOT NULL UNIQUE CHECK (length(message) = 16),
    peer BLOB NOT NULL CHECK (length(peer) = 32),
    thread BLOB NOT NULL REFERENCES thread (id),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    next_at INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    first_failed_at INTEGER,
    last_code INTEGER NOT NULL,
    UNIQUE (thread, sequence)
) STRICT;
CREATE INDEX outbox_by_peer ON outbox (peer, enqueued_at);

CREATE TABLE inbox (
    number INTEGER PRIMARY KEY,
    message BLOB NOT NULL UNIQUE CHECK (length(message) = 16),
    peer BLOB NOT NULL CHECK (length(peer) = 32),
    thread BLOB NOT NULL CHECK (length(thread) = 16),
    identity BLOB NOT NULL CHECK (length(identity) = 32),
    receipt BLOB NOT NULL,
    stored_at INTEGER NOT NULL
) STRICT;

CREATE TABLE ack (
    number INTEGER PRIMARY KEY,
    thread BLOB NOT NULL CHECK (length(thread) = 16),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    message BLOB NOT NULL CHECK (length(message) = 16),
    receipt BLOB NOT NULL,
    names_sequence INTEGER,
    names_hash BLOB CHECK (length(names_hash) = 32),
    stored_at INTEGER NOT NULL,
    UNIQUE (thread, sequence),
    CHECK ((names_sequence IS NULL) = (names_hash IS NULL))
) STRICT;

CREATE TABLE document (
    number INTEGER PRIMARY KEY,
    shelf INTEGER NOT NULL,
    key BLOB NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    data_key INTEGER,
    body BLOB NOT NULL,
    UNIQUE (shelf, key)
) STRICT;

CREATE TABLE ledger_leaf (
    position INTEGER PRIMARY KEY CHECK (position >= 0),
    kind INTEGER NOT NULL,
    subject BLOB NOT NULL CHECK (length(subject) = 32),
    salt BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT;
CREATE INDEX ledger_leaf_by_subject ON ledger_leaf (subject);

CREATE TABLE ledger_node (
    number INTEGER PRIMARY KEY,
    level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 63),
    position INTEGER NOT NULL CHECK (position >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (level, position)
) STRICT;

CREATE TABLE tally (
    number INTEGER PRIMARY KEY,
    thread BLOB NOT NULL UNIQUE REFERENCES thread (id),
    side INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    peer BLOB NOT NULL CHECK (length(peer) = 32),
    opened_at INTEGER NOT NULL,
    territory TEXT NOT NULL,
    theme TEXT NOT NULL,
    label INTEGER,
    outcome INTEGER
) STRICT;
CREATE INDEX tally_by_opening ON tally (opened_at, thread);

-- An unverified peer is the empty blob.
CREATE TABLE refusal (
    number INTEGER PRIMARY KEY,
    peer BLOB NOT NULL CHECK (length(peer) IN (0, 32)),
    code TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    last_at INTEGER NOT NULL,
    UNIQUE (peer, code)
) STRICT;

-- Data keys whose rows are deleted and that are not known to be destroyed yet.
CREATE TABLE doomed (
    data_key INTEGER PRIMARY KEY
) STRICT;

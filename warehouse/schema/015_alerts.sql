-- Alerts: one row per episode, from the moment at which a condition began to the moment at which it
-- ended; and the messages that tell of both, each until it is sent.
create table raw.alerts (
    alert_id varchar not null,         -- digest of condition, subject and the moment it was opened
    condition_code varchar not null,
    subject_kind varchar not null
        check (subject_kind in ('source', 'channel', 'organization', 'project')),
    subject_id varchar not null,
    organization_id varchar,           -- NULL: it is about no single organization
    severity varchar not null check (severity in ('serious', 'warning', 'notice')),
    opened_at timestamp not null,
    opened_run_id varchar not null,    -- '' when it was found between runs
    last_seen_at timestamp not null,   -- when the condition was last found to hold
    recovered_at timestamp,            -- NULL: it is open
    recovered_run_id varchar not null, -- '' while it is open, or when it ended between runs
    ending varchar not null            -- '' while it is open
        check (ending in ('', 'recovered', 'unwatched', 'lapsed', 'switched_off')),
    value double,                      -- at the last look; NULL where the condition has no number
    limit_value double,                -- the limit that it crossed when it was opened
    title varchar not null,
    text varchar not null              -- as it was told when it was opened
);

-- What is to be sent, written in the transaction that opens or ends the alert.
create table raw.alert_messages (
    message_id varchar not null,       -- digest of alert, kind and channel
    alert_id varchar not null,
    kind varchar not null check (kind in ('opened', 'recovered')),
    channel varchar not null check (channel in ('log', 'email', 'webhook', 'prefect')),
    batch_id varchar not null,         -- what was found at one look goes out together
    created_at timestamp not null,
    not_before timestamp not null,     -- earliest moment of the next try
    sent_at timestamp,                 -- NULL: not yet
    attempts integer not null,
    last_error varchar not null,       -- '' without a failure
    title varchar not null,
    text varchar not null
);

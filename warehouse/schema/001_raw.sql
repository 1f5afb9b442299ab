-- Tables that keep state. Times are UTC TIMESTAMP. '' = none, NULL = not known.
-- No primary key on large tables (stack measurements: keys cost four times the file); a check
-- in checks/ holds their uniqueness.
create schema if not exists raw;
create schema if not exists estimates;

create table raw.organizations (
    organization_id varchar not null,
    name varchar not null,
    industry varchar not null,
    size_class varchar not null,
    country varchar not null,
    timezone varchar not null,         -- IANA name; '' when the country has several and none is given
    homepage varchar not null,
    first_listed_at timestamp not null,
    last_listed_at timestamp not null  -- an organization taken off the list keeps its rows
);

create table raw.channels (
    channel_id varchar not null,
    organization_id varchar not null,
    source varchar not null,
    address varchar not null,
    role varchar not null,
    function varchar not null,
    region varchar not null,
    first_listed_at timestamp not null,
    last_listed_at timestamp not null
);

create table raw.runs (
    run_id varchar not null,
    started_at timestamp not null,
    ended_at timestamp,                -- NULL while it runs, or when it was killed
    state varchar not null,            -- running, completed, completed_with_failures, failed, interrupted
    command varchar not null,
    as_of timestamp not null,
    is_invented boolean not null,
    barograph_version varchar not null,
    channel_count integer not null,    -- listed
    due_count integer not null,        -- asked in this run
    held_count integer not null,       -- not asked: a server's hold
    failed_count integer,
    error varchar not null
);

-- One row per landed file: its presence means that every row of the file is in.
create table raw.landed_files (
    file_id varchar not null,
    run_id varchar not null,
    loaded_at timestamp not null
);

create table raw.attempts (
    page_id varchar not null,
    run_id varchar not null,
    channel_id varchar not null,
    organization_id varchar not null,
    requested_url varchar not null,
    url varchar not null,
    redirects varchar[] not null,
    status_code integer not null,      -- 0: no answer
    outcome varchar not null,
    error varchar not null,
    is_conditional boolean not null,
    fetched_at timestamp not null,
    elapsed_ms integer not null,
    byte_count bigint not null,
    archive_file varchar not null
);

-- What each seen page showed of its channel.
create table raw.listings (
    page_id varchar not null,
    channel_id varchar not null,
    observed_at timestamp not null,
    entry_count integer not null,
    new_entry_count integer not null,
    listed_from timestamp,             -- oldest trustworthy date; NULL: an empty or undated listing
    is_overflow boolean not null,      -- all entries are new: some were probably missed
    document_format varchar not null,
    document_encoding varchar not null,
    parser varchar not null,           -- '' when the document was not parsed again (304, same bytes)
    is_malformed boolean not null,
    malformed_reason varchar not null,
    time_to_live_minutes integer
);

create table raw.activities (
    activity_id varchar not null,
    channel_id varchar not null,
    organization_id varchar not null,
    kind varchar not null,
    direction varchar not null,
    occurred_at timestamp,             -- NULL when the document's date is flagged
    published_at timestamp,
    updated_at timestamp,
    first_seen_at timestamp not null,
    last_listed_at timestamp not null, -- when a parsed page last listed it
    time_precision varchar not null,
    date_flag varchar not null,
    identity_basis varchar not null,
    is_repeated boolean not null,
    author_key varchar not null,
    parent_id varchar not null,
    thread_id varchar not null,
    is_question boolean,
    language varchar not null,
    text_length integer not null,
    link_host varchar not null,
    content_fingerprint varchar not null,
    edit_count integer not null,       -- changes of the fingerprint seen between two pages
    like_count bigint,
    reply_count bigint,
    repost_count bigint,
    page_id varchar not null,          -- the page that first showed it
    last_page_id varchar not null,     -- the page that last listed it
    connector_version varchar not null
);

create table raw.presences (
    channel_id varchar not null,
    organization_id varchar not null,
    observed_at timestamp not null,
    page_id varchar not null,
    follower_count bigint,
    member_count bigint,
    active_member_count bigint,
    post_count bigint,
    is_verified boolean
);

create table raw.cursors (
    channel_id varchar not null,
    url varchar not null,
    etag varchar not null,
    last_modified varchar not null,
    body_sha256 varchar not null,
    document_page_id varchar not null,
    listed_from timestamp,
    entry_count integer not null,
    last_attempt_at timestamp,
    last_seen_at timestamp,
    last_outcome varchar not null,
    last_error varchar not null,
    failure_count integer not null,
    not_before timestamp,
    next_due_at timestamp,
    connector_state varchar not null
);

create table raw.claims (
    organization_id varchar not null,
    instrument varchar not null,
    stage_code integer not null check (stage_code between 1 and 6),
    claimed_on date,
    respondent_role varchar not null,
    note varchar not null,
    imported_at timestamp not null
);

create table estimates.stages (
    organization_id varchar not null,
    as_of_week date not null,
    stage_code integer check (stage_code between 1 and 6),
    probability_1 double,
    probability_2 double,
    probability_3 double,
    probability_4 double,
    probability_5 double,
    probability_6 double,
    set80_low integer,
    set80_high integer,
    set90_low integer,
    set90_high integer,
    is_abstained boolean not null,
    abstention_reason varchar not null,
    abstention_text varchar not null,
    model_version varchar not null,
    estimated_at timestamp not null
);

create table estimates.gaps (
    organization_id varchar not null,
    as_of_week date not null,
    claimed_stage_code integer not null,
    stage_code integer,
    gap_stages integer,                -- claim minus observed median; NULL when the estimate abstains
    gap_low_stages integer,            -- claim minus upper end of the 90 % set
    gap_high_stages integer,           -- claim minus lower end
    claim_position varchar not null    -- above, below, within the 90 % set; '' without an estimate
);

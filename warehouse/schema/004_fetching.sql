-- What the fetcher learned to remember: why it asked, rhythms, and addresses that changed.
-- The tables are made anew: DuckDB cannot add several columns that are never NULL to a table with
-- rows in one transaction, and a half-done migration would be worse than a slow one.
create table raw.newer_attempts (
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
    archive_file varchar not null,
    purpose varchar not null            -- read, discovery
);
insert into raw.newer_attempts by name select *, 'read' as purpose from raw.attempts;
drop table raw.attempts;
alter table raw.newer_attempts rename to attempts;

create table raw.newer_listings (
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
    time_to_live_minutes integer,
    is_delta boolean not null          -- only new entries (226)
);
insert into raw.newer_listings by name select *, false as is_delta from raw.listings;
drop table raw.listings;
alter table raw.newer_listings rename to listings;

create table raw.newer_cursors (
    channel_id varchar not null,
    url varchar not null,
    etag varchar not null,
    last_modified varchar not null,
    body_sha256 varchar not null,
    document_page_id varchar not null,
    listed_from timestamp,
    entry_count integer not null,
    listed_ids blob not null,          -- 8 bytes an entry
    time_to_live_minutes integer,
    last_attempt_at timestamp,
    last_seen_at timestamp,
    last_whole_at timestamp,
    last_outcome varchar not null,
    last_error varchar not null,
    failure_count integer not null,
    not_before timestamp,
    next_due_at timestamp,
    rhythm varchar not null,           -- JSON: how often it is asked
    adoption varchar not null,         -- JSON: the address in use
    connector_state varchar not null
);
insert into raw.newer_cursors by name
select *, ''::blob as listed_ids, '{}' as rhythm, '{}' as adoption from raw.cursors;
drop table raw.cursors;
alter table raw.newer_cursors rename to cursors;

-- The history of where a channel was really read.
create table raw.address_changes (
    channel_id varchar not null,
    changed_at timestamp not null,
    reason varchar not null,           -- moved, discovered, or reverted to the listed address
    from_url varchar not null,
    to_url varchar not null,
    page_id varchar not null           -- the answer that decided it
);

-- What the fetcher learned to remember: why it asked, rhythms, and addresses that changed.
alter table raw.attempts add column purpose varchar default 'read';        -- read, discovery
alter table raw.attempts alter column purpose set not null;

alter table raw.listings add column is_delta boolean default false;        -- only new entries (226)
alter table raw.listings alter column is_delta set not null;

alter table raw.cursors add column listed_ids blob default ''::blob;       -- 8 bytes an entry
alter table raw.cursors alter column listed_ids set not null;
alter table raw.cursors add column time_to_live_minutes integer;
alter table raw.cursors add column last_whole_at timestamp;
alter table raw.cursors add column rhythm varchar default '{}';            -- JSON: how often it is asked
alter table raw.cursors alter column rhythm set not null;
alter table raw.cursors add column adoption varchar default '{}';          -- JSON: the address in use
alter table raw.cursors alter column adoption set not null;

-- The history of where a channel was really read.
create table raw.address_changes (
    channel_id varchar not null,
    changed_at timestamp not null,
    reason varchar not null,           -- moved, discovered, or reverted to the listed address
    from_url varchar not null,
    to_url varchar not null,
    page_id varchar not null           -- the answer that decided it
);

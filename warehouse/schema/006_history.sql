-- What was known when. The tables of schema `raw` hold what is known now; what a later look
-- replaced stands in `former_*` with the moment of that look, so that every past state can be
-- read again (`warehouse/asof`). Tables with new columns are made anew (see 004_fetching.sql).
create table raw.newer_activities (
    activity_id varchar not null,
    channel_id varchar not null,
    organization_id varchar not null,
    kind varchar not null,
    direction varchar not null,        -- by_organization, to_organization, among_others
    occurred_at timestamp,             -- NULL when the document's date is flagged
    published_at timestamp,
    updated_at timestamp,
    first_seen_at timestamp not null,
    last_listed_at timestamp not null, -- when a parsed page last listed it
    time_precision varchar not null,
    date_flag varchar not null,
    identity_basis varchar not null,
    is_repeated boolean not null,
    author_key varchar not null,       -- keyed hash; '' for the organization's own accounts
    author_role varchar not null,      -- organization, staff, outsider, unknown
    author_evidence varchar not null,  -- what the role rests on
    parent_id varchar not null,
    thread_id varchar not null,
    thread_shape varchar not null,     -- tree: an answer is a reply to it; list: whatever comes later
    listed_in varchar not null,        -- the list of its channel that it stands in
    found_through varchar not null,    -- listing, thread, answer
    is_question boolean,
    is_accepted_answer boolean,
    language varchar not null,
    text_length integer not null,
    link_host varchar not null,
    link_key varchar not null,         -- of the organization's own: the page that it links to
    content_fingerprint varchar not null,
    text_sketch varchar not null,      -- of the organization's own: to find like texts
    edit_count integer not null,       -- changes of the fingerprint seen between two pages
    like_count bigint,
    reply_count bigint,
    repost_count bigint,
    page_id varchar not null,          -- the page that first showed it
    last_page_id varchar not null,     -- the page that last listed it
    connector_version varchar not null
);
insert into raw.newer_activities by name
select
    *,
    '' as link_key,
    '' as text_sketch,
from raw.activities;
drop table raw.activities;
alter table raw.newer_activities rename to activities;

-- What an activity was until `known_until`. What its source has deleted is here without its
-- identity: keys are hashed once more with a secret that lies outside of this file.
create table raw.former_activities as
select
    *,
    last_listed_at as known_until,
    false as is_withdrawn,
from raw.activities
limit 0;

-- Counters move at every look; they are kept apart from what an activity is.
create table raw.former_counts (
    activity_id varchar not null,
    like_count bigint,
    reply_count bigint,
    repost_count bigint,
    known_until timestamp not null
);

-- The moments at which a list of organizations was read. A row of `organizations` or `channels`
-- stands on a list when no later reading has left it out.
create table raw.list_readings (
    listed_at timestamp not null
);
insert into raw.list_readings
select distinct last_listed_at from raw.organizations
union
select distinct first_listed_at from raw.organizations;

create table raw.newer_organizations (
    organization_id varchar not null,
    name varchar not null,
    industry varchar not null,
    size_class varchar not null,
    country varchar not null,
    timezone varchar not null,         -- IANA name; '' when the country has several and none is given
    homepage varchar not null,
    listed_by varchar not null,        -- list; import: stays listed, for no list names it
    first_listed_at timestamp not null,
    last_listed_at timestamp not null  -- an organization taken off the list keeps its rows
);
insert into raw.newer_organizations by name select *, 'list' as listed_by from raw.organizations;
drop table raw.organizations;
alter table raw.newer_organizations rename to organizations;
create table raw.former_organizations as
select *, last_listed_at as known_until from raw.organizations limit 0;

create table raw.newer_channels (
    channel_id varchar not null,
    organization_id varchar not null,
    source varchar not null,
    address varchar not null,
    role varchar not null,
    function varchar not null,
    region varchar not null,
    evidence varchar not null,         -- what it rests on that this is the organization's
    listed_by varchar not null,        -- list; import: stays listed, for no list names it
    first_listed_at timestamp not null,
    last_listed_at timestamp not null
);
insert into raw.newer_channels by name select *, 'list' as listed_by from raw.channels;
drop table raw.channels;
alter table raw.newer_channels rename to channels;
create table raw.former_channels as
select *, last_listed_at as known_until from raw.channels limit 0;

-- Every look at a conversation; `raw.threads` is what they add up to.
create table raw.thread_views (
    thread_id varchar not null,
    channel_id varchar not null,
    observed_at timestamp not null,
    reply_count bigint,
    shown_count bigint,                -- NULL: a list mentions it
    is_truncated boolean not null,
    withheld_count bigint not null,
    page_id varchar not null
);
insert into raw.thread_views
select
    thread_id,
    channel_id,
    read_at,
    read_reply_count,
    coalesce(shown_count, 0),
    is_truncated,
    withheld_count,
    listed_page_id,
from raw.threads
where read_at is not null
union all
select
    thread_id,
    channel_id,
    listed_at,
    listed_reply_count,
    null,
    false,
    0,
    listed_page_id,
from raw.threads
where listed_at is not null and listed_at is distinct from read_at;

-- Spans of a channel that an import vouches for: whatever happened in them is in.
create table raw.periods (
    channel_id varchar not null,
    from_at timestamp not null,
    until_at timestamp not null,       -- the period ends before it
    observed_at timestamp not null,    -- when it was imported
    is_dialogue_whole boolean not null, -- also what was said to the organization, and its answers
    page_id varchar not null
);

create table raw.newer_listings (
    page_id varchar not null,
    channel_id varchar not null,
    observed_at timestamp not null,
    entry_count integer not null,
    new_entry_count integer not null,
    listed_from timestamp,             -- oldest trustworthy date; NULL: an empty or undated listing
    seen_from timestamp not null,      -- the channel is known from here to `observed_at`
    is_overflow boolean not null,      -- all entries are new: it does not reach the one before
    document_format varchar not null,
    document_encoding varchar not null,
    parser varchar not null,           -- '' when the document was not parsed again (304, same bytes)
    is_malformed boolean not null,
    malformed_reason varchar not null,
    time_to_live_minutes integer,
    is_delta boolean not null,         -- only new entries (226), or an older page
    is_continued boolean not null      -- older pages follow, so that an overflow is no loss
);
insert into raw.newer_listings by name
select
    *,
    least(
        observed_at,
        listed_from,
        case
            when not is_overflow
                then lag(observed_at) over (partition by channel_id order by observed_at)
        end
    ) as seen_from,
from raw.listings;
drop table raw.listings;
alter table raw.newer_listings rename to listings;

-- Days of a channel that were seen, as spans that neither touch nor overlap.
create table raw.seen_spans (
    channel_id varchar not null,
    from_day date not null,
    until_day date not null
);

-- What changed since the last build: only that is built again. A NULL week means all weeks.
create table raw.touched_weeks (
    organization_id varchar not null,
    week date
);
insert into raw.touched_weeks select organization_id, null from raw.organizations;

-- Measurements: what a build found, and what it was built from.
create table signals.newer_measurements (
    organization_id varchar not null,
    as_of_week date not null,          -- Monday of the last full week in the window
    window_weeks integer not null,
    signal_code varchar not null,
    value double,                      -- NULL exactly when missing_reason says why
    numerator double,
    denominator double,
    n bigint not null,
    lower double,                      -- 95 % interval where the signal has one
    upper double,
    coverage_share double,             -- channel-days seen of those in the window
    is_pooled boolean not null,        -- drawn towards the peers' mean: its own exposure is small
    missing_reason varchar not null
        check (missing_reason in ('', 'absent', 'unobserved', 'undefined')),
    unseen_reason varchar not null     -- of what is unobserved; '' for anything else
        check (unseen_reason in ('', 'blocked', 'failed', 'out_of_window', 'mixed')),
    method_version varchar not null,
    known_at timestamp not null        -- what had been learned by then went in
);
insert into signals.newer_measurements by name
select
    *,
    false as is_pooled,
    '' as unseen_reason,
    as_of_week::timestamp as known_at,
from signals.measurements;
drop table signals.measurements;
alter table signals.newer_measurements rename to measurements;
-- A measurement that a later build of the same week replaced.
create table signals.former_measurements as
select *, known_at as known_until from signals.measurements limit 0;
-- One row per build: with the same moments, a build gives the same measurements.
create table signals.builds (
    as_of_week date not null,
    as_of timestamp not null,
    known_at timestamp not null,
    engine_version varchar not null    -- hashes of identifiers hold within one
);

-- What was built before does not know all this: build again before anything is exported.
drop schema if exists staging cascade;
drop schema if exists rollups cascade;

-- Since when a key is in use for the people of a source: across that moment nobody is known again.
create table raw.key_periods (
    source varchar not null,
    used_since timestamp not null
);

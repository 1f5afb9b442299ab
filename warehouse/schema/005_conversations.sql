-- Conversations: who said what to whom, in which thread, and what of it has been deleted since.
-- Tables with new columns are made anew (see 004_fetching.sql).
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
    content_fingerprint varchar not null,
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
    'organization' as author_role,
    'channel_account' as author_evidence,
    '' as thread_shape,
    '' as listed_in,
    'listing' as found_through,
from raw.activities;
drop table raw.activities;
alter table raw.newer_activities rename to activities;

create table raw.newer_listings (
    page_id varchar not null,
    channel_id varchar not null,
    observed_at timestamp not null,
    entry_count integer not null,
    new_entry_count integer not null,
    listed_from timestamp,             -- oldest trustworthy date; NULL: an empty or undated listing
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
insert into raw.newer_listings by name select *, false as is_continued from raw.listings;
drop table raw.listings;
alter table raw.newer_listings rename to listings;

create table raw.newer_presences (
    channel_id varchar not null,
    organization_id varchar not null,
    observed_at timestamp not null,
    page_id varchar not null,
    follower_count bigint,
    member_count bigint,
    active_member_count bigint,
    active_days integer,               -- the span that active_member_count is about
    contributor_count bigint,
    post_count bigint,
    is_verified boolean,               -- two-way proof with the organization's site
    verification varchar not null,     -- rel_me, domain_handle, organization_badge, own_site; ''
    has_description boolean,
    has_site_link boolean,
    has_avatar boolean,
    has_contact boolean,
    has_rules boolean,
    is_linked_back boolean
);
insert into raw.newer_presences by name select *, '' as verification from raw.presences;
drop table raw.presences;
alter table raw.newer_presences rename to presences;

-- What is known of each conversation: how much of it was read, and what lists said since.
create table raw.threads (
    thread_id varchar not null,
    channel_id varchar not null,
    read_at timestamp,                 -- when its replies were last read; NULL: never
    read_reply_count bigint,           -- replies there were then, as the platform counts
    shown_count bigint,                -- replies that we were shown
    is_truncated boolean not null,     -- some are hidden from us
    withheld_count bigint not null,    -- left out: their authors ask not to be indexed
    listed_at timestamp,               -- when a list last mentioned it
    listed_reply_count bigint,
    listed_page_id varchar not null
);

-- What the source has deleted: identities only, so that nothing comes back from an older page.
create table raw.deletions (
    activity_id varchar not null,
    channel_id varchar not null,
    observed_at timestamp not null,
    reason varchar not null,           -- tombstone: the source says so; absent: not where it was
    page_id varchar not null
);

-- Pages that are not as a connector knows them: each difference once a source.
create table raw.drifts (
    source varchar not null,
    kind varchar not null,             -- new_field, changed_type
    path varchar not null,
    found varchar not null,
    first_seen_at timestamp not null,
    last_seen_at timestamp not null,
    page_count bigint not null,
    channel_id varchar not null,       -- where it was first met
    page_id varchar not null
);

-- The terms register as the last run read it (rules R1, R17, R18).
create table raw.sources (
    source varchar not null,
    terms_url varchar not null,
    terms_dated date,
    reviewed_on date,
    next_review_on date,
    is_enabled boolean not null,
    may_derive boolean not null,       -- false: nothing of it enters signals
    shows_dialogue boolean not null,   -- whether what others say to an organization can be seen
    publishes boolean not null         -- whether organizations publish there
);

create table raw.newer_channels (
    channel_id varchar not null,
    organization_id varchar not null,
    source varchar not null,
    address varchar not null,
    role varchar not null,
    function varchar not null,
    region varchar not null,
    evidence varchar not null,         -- what it rests on that this is the organization's
    first_listed_at timestamp not null,
    last_listed_at timestamp not null
);
insert into raw.newer_channels by name select *, '' as evidence from raw.channels;
drop table raw.channels;
alter table raw.newer_channels rename to channels;

-- What was built before does not know conversations: build again before anything is exported.
create schema if not exists staging;
drop table if exists staging.clock;

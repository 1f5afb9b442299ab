-- What signals read of all that is known, narrow and sorted; kept up to date by `warehouse.facts`
-- (the SELECTs are in models/facts). Everything in here can be made again from schema `raw`.
-- A key is the 64-bit hash of an identifier. Words are enumerations within their tables: types with
-- names of their own are not found when what a killed process left is read again (DuckDB 1.5).
create schema if not exists facts;

create table facts.acts (
    organization_key ubigint not null,
    channel_key ubigint not null,
    week date not null,
    occurred_at timestamp not null,
    act_key ubigint not null,
    parent_key ubigint,
    thread_key ubigint,
    author_number ubigint,
    kind enum ('post', 'repost', 'reply', 'bot_reply', 'other') not null,
    direction enum ('by_organization', 'to_organization', 'among_others'),
    author_role enum ('organization', 'staff', 'outsider', 'unknown'),
    thread_shape enum ('', 'tree', 'list'),
    found_through enum ('listing', 'thread', 'answer'),
    time_precision enum ('second', 'day'),
    is_question boolean,
    like_count bigint,
    reply_count bigint,
    repost_count bigint
);

-- To what outsiders said, the first answer of the organization and of another outsider.
create table facts.answers (
    organization_key ubigint not null,
    week date not null,
    act_key ubigint not null,
    answer_key ubigint,
    answered_at timestamp,
    answered_by enum ('organization', 'staff', 'outsider', 'unknown'),
    peer_answered_at timestamp
);

create table facts.channel_weeks (
    organization_key ubigint not null,
    channel_key ubigint not null,
    week date not null,
    post_count bigint not null,
    reply_count bigint not null,
    repost_count bigint not null,
    like_count bigint,
    like_post_count bigint not null,
    comment_count bigint,
    comment_post_count bigint not null,
    share_count bigint,
    share_post_count bigint not null
);

create table facts.organization_weeks (
    organization_key ubigint not null,
    week date not null,
    post_count bigint not null,
    first_post_at timestamp not null,
    last_post_at timestamp not null,
    gap_sum_us hugeint not null,
    gap_square_sum hugeint not null,
    local_day_count bigint not null,
    weekend_count bigint not null,
    local_time_count bigint not null,
    office_hours_count bigint not null
);

-- Original posts of organizations with several channels, as numbers that can be compared.
create table facts.originals (
    organization_key ubigint not null,
    channel_key ubigint not null,
    week date not null,
    occurred_at timestamp not null,
    act_key ubigint not null,
    is_of_documents boolean not null,
    fingerprint ubigint,
    link ubigint,
    whole ubigint,
    beginning ubigint,
    dates uinteger not null,
    first_4 ubigint,
    first_6 ubigint,
    first_8 ubigint,
    first_10 ubigint,
    title ubigint
);

-- Two of these that may be one announcement, and in what they agree.
create table facts.pairs (
    organization_key ubigint not null,
    week date not null,
    later_week date not null,
    act_key ubigint not null,
    later_act_key ubigint not null,
    channel_key ubigint not null,
    later_channel_key ubigint not null,
    occurred_at timestamp not null,
    later_occurred_at timestamp not null,
    common_link ubigint,
    beginning ubigint,
    are_documents boolean not null,
    has_document boolean not null,
    may_be_one_link boolean not null,
    is_equal boolean not null,
    is_alike boolean not null,
    is_title boolean not null,
    is_long_start boolean not null,
    are_dates_equal boolean not null
);

-- When a channel last published in a week; the only fact that is kept of all time.
create table facts.post_weeks (
    organization_key ubigint not null,
    channel_key ubigint not null,
    week date not null,
    last_post_at timestamp not null
);

-- The moment that the last build was made for, and what had been learned by then.
create schema if not exists staging;
create table staging.clock (
    as_of timestamp not null,
    known_at timestamp not null,
    as_of_week date not null           -- Monday of the last full week before as_of
);

-- Since which week there are single acts; no row where nobody has asked for any.
create table facts.kept (
    since date not null
);

-- The organizations' weeks that the last build made anew, and those of its current step; and what
-- acts of other weeks in threads with these, whose answers may have changed.
create table facts.built (
    organization_key ubigint not null,
    week date not null
);
create table facts.touched (
    organization_key ubigint not null,
    week date not null
);
create table facts.changed (
    thread_key ubigint,
    parent_key ubigint
);
create table facts.affected (
    act_key ubigint not null
);

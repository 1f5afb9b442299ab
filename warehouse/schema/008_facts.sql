-- What signals read of all that is known, narrow and sorted; kept up to date by `warehouse.facts`
-- (the SELECTs are in models/facts). Everything in here can be made again from schema `raw`.
create schema if not exists facts;

create table facts.acts (
    organization_id varchar not null,
    channel_id varchar not null,
    week date not null,
    occurred_at timestamp not null,
    act_key ubigint not null,
    parent_key ubigint,
    thread_key ubigint,
    author_number ubigint,
    kind varchar not null,
    direction varchar not null,
    author_role varchar not null,
    thread_shape varchar not null,
    found_through varchar not null,
    time_precision varchar not null,
    is_question boolean,
    like_count bigint,
    reply_count bigint,
    repost_count bigint
);

create table facts.channel_weeks (
    organization_id varchar not null,
    channel_id varchar not null,
    week date not null,
    post_count bigint not null,
    reply_count bigint not null,
    repost_count bigint not null,
    last_post_at timestamp,
    like_count hugeint,
    like_post_count bigint not null,
    comment_count hugeint,
    comment_post_count bigint not null,
    share_count hugeint,
    share_post_count bigint not null
);

create table facts.organization_weeks (
    organization_id varchar not null,
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

-- The moment that the last build was made for, and what had been learned by then.
create schema if not exists staging;
create table staging.clock (
    as_of timestamp not null,
    known_at timestamp not null,
    as_of_week date not null           -- Monday of the last full week before as_of
);

-- The organizations' weeks that the last build made anew, and those of its current step.
create table facts.built (
    organization_id varchar not null,
    week date not null
);
create table facts.touched (
    organization_id varchar not null,
    week date not null
);

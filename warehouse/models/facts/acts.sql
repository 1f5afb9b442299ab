-- One row per act with a trustworthy date, repeats within a document left out: what signals read,
-- narrow and sorted. Keys are 64-bit hashes of identifiers; NULL stands for none. Kinds of which
-- no signal speaks are one.
-- Window: the weeks in `facts.touched`; times UTC.
-- NULL: parent_key, thread_key and author_number where there is none; counts and marks that the
-- platform does not show; counts of whatever is no original post of the organization.
with acts as (
    select
        touched.organization_key,
        touched.week,
        activities.* exclude (organization_id, week),
        activities.direction = 'by_organization' and activities.kind in ('post', 'release')
            as is_original,
    from (
        select
            *,
            date_trunc('week', occurred_at)::date as week,
        from raw.activities
    ) as activities
    join facts.touched
        on activities.organization_id = touched.organization_id
        and activities.week = touched.week
    where
        not activities.is_repeated
        and activities.occurred_at >= getvariable('touched_from')
        and activities.occurred_at < getvariable('touched_until')
)

select
    organization_key,
    hash(channel_id) as channel_key,
    week,
    occurred_at,
    hash(activity_id) as act_key,
    case when parent_id <> '' then hash(parent_id) end as parent_key,
    case when thread_id <> '' then hash(thread_id) end as thread_key,
    case when author_key <> '' then hash(author_key) end as author_number,
    case
        when kind in ('post', 'release') then 'post'
        when kind in ('reply', 'comment', 'answer', 'review') then 'reply'
        when kind in ('repost', 'bot_reply') then kind
        else 'other'
    end::facts.act_kind as kind,
    try_cast(direction as facts.direction) as direction,
    try_cast(author_role as facts.author_role) as author_role,
    try_cast(thread_shape as facts.thread_shape) as thread_shape,
    try_cast(found_through as facts.found_through) as found_through,
    try_cast(time_precision as facts.time_precision) as time_precision,
    is_question,
    case when is_original then like_count end as like_count,
    case when is_original then reply_count end as reply_count,
    case when is_original then repost_count end as repost_count,
from acts
order by week, organization_key, occurred_at

-- One row per act with a trustworthy date, repeats within a document left out: what signals read,
-- narrow and sorted. Keys are 64-bit hashes of identifiers; NULL stands for none. Kinds of which
-- no signal speaks are one.
-- Window: the weeks in `facts.touched`; times UTC.
-- NULL: parent_key, thread_key and author_number where there is none; words of no known list; counts
-- and marks that the platform does not show; counts of what is no original post.
with acts as (
    select
        *,
        hash(organization_id) as organization_key,
        date_trunc('week', occurred_at)::date as week,
        direction = 'by_organization' and kind in ('post', 'release') as is_original,
    from raw.activities
    where
        not is_repeated
        and occurred_at >= getvariable('touched_from')
        and occurred_at < getvariable('touched_until')
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
    end as kind,
    case
        when direction in ('by_organization', 'to_organization', 'among_others') then direction
    end as direction,
    case
        when author_role in ('organization', 'staff', 'outsider', 'unknown') then author_role
    end as author_role,
    case when thread_shape in ('', 'tree', 'list') then thread_shape end as thread_shape,
    case when found_through in ('listing', 'thread', 'answer') then found_through end
        as found_through,
    case when time_precision in ('second', 'day') then time_precision end as time_precision,
    is_question,
    case when is_original then like_count end as like_count,
    case when is_original then reply_count end as reply_count,
    case when is_original then repost_count end as repost_count,
from acts
semi join facts.touched
    on acts.organization_key = touched.organization_key
    and acts.week = touched.week
order by week, organization_key, occurred_at

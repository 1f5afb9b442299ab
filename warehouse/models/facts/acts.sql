-- One row per act with a trustworthy date, repeats within a document left out: what signals read,
-- narrow and sorted. Identifiers are 64-bit hashes; NULL stands for none.
-- Window: the weeks in `facts.touched`; times UTC.
-- NULL: parent_key, thread_key and author_number where there is none; counts and marks that the
-- platform does not show.
select
    activities.organization_id,
    activities.channel_id,
    date_trunc('week', activities.occurred_at)::date as week,
    activities.occurred_at,
    hash(activities.activity_id) as act_key,
    case when activities.parent_id <> '' then hash(activities.parent_id) end as parent_key,
    case when activities.thread_id <> '' then hash(activities.thread_id) end as thread_key,
    case when activities.author_key <> '' then hash(activities.author_key) end as author_number,
    activities.kind,
    activities.direction,
    activities.author_role,
    activities.thread_shape,
    activities.found_through,
    activities.time_precision,
    activities.is_question,
    activities.like_count,
    activities.reply_count,
    activities.repost_count,
from raw.activities
semi join facts.touched
    on activities.organization_id = touched.organization_id
    and date_trunc('week', activities.occurred_at)::date = touched.week
where
    not activities.is_repeated
    and activities.occurred_at >= getvariable('touched_from')
    and activities.occurred_at < getvariable('touched_until')
order by activities.organization_id, activities.occurred_at

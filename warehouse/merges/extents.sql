-- Runs after the activities are in: what a page shows completely and an act known within it,
-- last listed before that page, do not go together; the act has been deleted at the source.
insert into raw.deletions by name
select
    activities.activity_id,
    any_value(activities.channel_id) as channel_id,
    max(extents.observed_at) as observed_at,
    'absent' as reason,
    arg_max(extents.page_id, extents.observed_at) as page_id,
from raw.activities
join read_parquet($landed) as extents
    on activities.channel_id = extents.channel_id
    and activities.last_listed_at < extents.observed_at
    and activities.activity_id <> extents.exempt_id
    and (
        (
            extents.thread_id <> ''
            and activities.thread_id = extents.thread_id
            -- a list knows better: an answer may be cut off from the thread of a deleted question
            and activities.found_through <> 'listing'
            and (extents.from_at is null or activities.occurred_at > extents.from_at)
            and (extents.to_at is null or activities.occurred_at < extents.to_at)
        )
        or (
            extents.thread_id = ''
            and activities.listed_in = extents.listed_in
            -- the ends are entries of the page; others of that very moment may stand on the next
            and activities.occurred_at > extents.from_at
            and activities.occurred_at < extents.to_at
        )
    )
group by activities.activity_id

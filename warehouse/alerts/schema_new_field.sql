-- One row per source with fields that are new to us: did some come up within $fresh_days days?
-- What it showed within $known_days day of our first look is how it is, and no news.
-- Window: as said, before $moment.
-- NULL: never.
with first_looks as (
    select
        channels.source,
        min(attempts.fetched_at) as first_at,
    from raw.attempts
    join raw.channels on attempts.channel_id = channels.channel_id
    where channels.source in (select source from raw.drifts)
    group by channels.source
),

fields as (
    select
        drifts.source,
        count(*) filter (
            drifts.first_seen_at > $moment - $fresh_days::integer * interval 1 day
            and drifts.first_seen_at
                > first_looks.first_at + $known_days::integer * interval 1 day
        ) as field_count,
        arg_max(drifts.path, drifts.first_seen_at) as path,
    from raw.drifts
    join first_looks on drifts.source = first_looks.source
    where drifts.kind = 'new_field' and drifts.first_seen_at <= $moment
    group by drifts.source
)

select
    'source' as subject_kind,
    source as subject_id,
    null as organization_id,
    case when field_count > 0 then 'raised' else 'clear' end as state,
    field_count as value,
    0 as limit_value,
    path,
from fields
order by source

-- One row per source that has shown fields of another kind than the one that we read: did it do so
-- lately? They are left out of what is stored.
-- Window: $quiet_days days before the last document of the source that was parsed, by $moment.
-- NULL: never.
with parsed as (
    select
        channels.source,
        max(listings.observed_at) as last_at,
    from raw.listings
    join raw.channels on listings.channel_id = channels.channel_id
    where listings.parser <> '' and listings.observed_at <= $moment
    group by channels.source
),

changed as (
    select
        drifts.source,
        max(drifts.last_seen_at) as last_seen_at,
        count(*) filter (
            drifts.last_seen_at > parsed.last_at - $quiet_days::integer * interval 1 day
        ) as field_count,
        min(drifts.path) filter (
            drifts.last_seen_at > parsed.last_at - $quiet_days::integer * interval 1 day
        ) as path,
    from raw.drifts
    join parsed on drifts.source = parsed.source
    where drifts.kind = 'changed_type' and drifts.first_seen_at <= $moment
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
    last_seen_at,
from changed
order by source

-- One row per measured week: how much of it was seen, and what was estimated. Only organizations
-- and channels on the list count, and of a week those organizations that were measured in it.
-- Window: the seven days of the week itself, UTC.
-- NULL: never; '' = no model.
with seen as (
    select
        seen_spans.channel_id,
        weeks.as_of_week,
        sum(
            least(seen_spans.until_day, weeks.as_of_week + 6)
            - greatest(seen_spans.from_day, weeks.as_of_week) + 1
        ) as day_count,
    from raw.seen_spans
    join (select distinct as_of_week from marts.organizations) as weeks
        on seen_spans.from_day <= weeks.as_of_week + 6
        and seen_spans.until_day >= weeks.as_of_week
    group by all
),

reached as (
    select
        channels.organization_id,
        seen.as_of_week,
        sum(seen.day_count) as day_count,
    from seen
    join staging.channels on seen.channel_id = channels.channel_id
    group by all
)

select
    organizations.as_of_week,
    count(*)::integer as organization_count,
    count(reached.day_count)::integer as reached_count,
    coalesce(sum(reached.day_count), 0)::integer as seen_day_count,
    (7 * sum(organizations.channel_count))::integer as channel_day_count,
    count(organizations.model_version)::integer as estimate_count,
    count(*) filter (organizations.is_abstained)::integer as abstained_count,
    coalesce(max(organizations.model_version), '') as model_version,
from marts.organizations
left join reached
    on organizations.organization_id = reached.organization_id
    and organizations.as_of_week = reached.as_of_week
group by organizations.as_of_week
order by organizations.as_of_week

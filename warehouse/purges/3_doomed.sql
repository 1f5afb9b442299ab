-- The acts that go: what persons did in closed weeks, and of the organization's own what its source
-- has not shown since.
create or replace temp table doomed as
with dated as (
    select
        rowid as place,
        activity_id,
        organization_id,
        channel_id,
        date_trunc('week', coalesce(occurred_at, first_seen_at))::date as week,
        author_role <> 'organization' as is_of_person,
        last_listed_at,
        case
            when direction = 'by_organization' and kind in ('post', 'release') and not is_repeated
                then occurred_at
        end as posted_at,
        page_id,
    from raw.activities
    where
        last_listed_at < $latest::timestamp
        or coalesce(occurred_at, first_seen_at) < (select max(week) + 7 from closed)
)

select
    dated.*,
    bounds.is_limited,
from dated
join bounds on dated.channel_id = bounds.channel_id
left join closed on dated.channel_id = closed.channel_id and dated.week = closed.week
where
    (dated.is_of_person and closed.channel_id is not null)
    or (not dated.is_of_person and dated.last_listed_at < bounds.kept_since)

-- One row: how many acts of $kinds $organization_id did from $from_day to $until_day, as far as
-- known at $known_at, and how many its staff did, who are persons (rule R12).
-- NULL: staff_count where there are one to four.
with acts as (
    select
        count(*) filter (activities.author_role = 'organization') as own_count,
        count(*) filter (activities.author_role = 'staff') as staff_count,
    from raw.activities
    join raw.channels on activities.channel_id = channels.channel_id
    join raw.sources on channels.source = sources.source
    where
        activities.organization_id = $organization_id
        and activities.direction = 'by_organization'
        and activities.kind in (select unnest($kinds))
        and not activities.is_repeated
        and activities.first_seen_at <= $known_at
        and activities.occurred_at >= $from_day::date
        and activities.occurred_at < $until_day::date + 1
        and channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
        and sources.may_derive
)

select
    own_count,
    case when staff_count = 0 or staff_count >= 5 then staff_count end as staff_count,
from acts

-- The last look at each profile of $organization_id that was known at $known_at.
-- NULL: never.
select
    presences.channel_id,
    max(presences.observed_at)::date as occurred_on,
    arg_max(presences.page_id, (presences.observed_at, presences.page_id)) as page_id,
from raw.presences
join raw.channels on presences.channel_id = channels.channel_id
join raw.sources on channels.source = sources.source
where
    presences.organization_id = $organization_id
    and presences.observed_at <= $known_at
    and channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
    and sources.may_derive
group by presences.channel_id
order by presences.channel_id

-- One row per original post of an organization on the list, repeats within a document left out,
-- and only from channels in which it publishes and from which something may be derived (R18).
-- Window: what was known at `known_at` of the time before `as_of`; times UTC.
-- NULL: local_at is NULL when the organization's clock or the time of day is not known.
with listed as (
    select
        channels.channel_id,
        organizations.timezone,
    from raw.channels
    join raw.organizations on channels.organization_id = organizations.organization_id
    join raw.sources on channels.source = sources.source
    where
        sources.may_derive
        and sources.publishes
        and channels.role <> 'community'
        and channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
)

select
    activities.activity_id,
    activities.organization_id,
    activities.channel_id,
    activities.occurred_at,
    activities.occurred_at::date as occurred_on,
    activities.time_precision,
    case
        when activities.time_precision = 'day' then activities.occurred_at
        when listed.timezone <> ''
            then timezone(listed.timezone, timezone('UTC', activities.occurred_at))
    end as local_at,
from raw.activities
join listed on activities.channel_id = listed.channel_id
where
    activities.kind in ('post', 'release')
    and activities.direction = 'by_organization'
    and not activities.is_repeated
    and activities.occurred_at is not null
    and activities.occurred_at < getvariable('as_of')
    and activities.first_seen_at <= getvariable('known_at')

-- What is watched: sources, channels and organizations on the list, and the project itself.
with channels as (
    select
        channel_id,
        source,
    from raw.channels
    where last_listed_at = (select max(last_listed_at) from raw.organizations)
)

select
    'channel' as subject_kind,
    channel_id as subject_id,
from channels
union all
select distinct
    'source' as subject_kind,
    source as subject_id,
from channels
union all
select
    'organization' as subject_kind,
    organization_id as subject_id,
from raw.organizations
where last_listed_at = (select max(last_listed_at) from raw.organizations)
union all
select
    'project' as subject_kind,
    'project' as subject_id

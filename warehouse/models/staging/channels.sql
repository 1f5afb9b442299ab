-- One row per channel on the current list. A channel is one of publishing when the organization
-- is expected to speak there: its silence tells something. Questions under its name at a
-- question-and-answer site, and communities of others, are no such channels. In one of dialogue
-- it can be seen what others say to the organization.
-- Window: none; the list as last given.
-- NULL: never; '' = not given.
select
    channels.channel_id,
    channels.organization_id,
    hash(channels.channel_id) as channel_key,
    hash(channels.organization_id) as organization_key,
    channels.source,
    channels.address,
    channels.role,
    channels.function,
    channels.region,
    channels.role <> 'community'
        and coalesce(sources.publishes and sources.may_derive, false) as is_publishing,
    coalesce(sources.shows_dialogue and sources.may_derive, false) as is_dialogue,
    coalesce(sources.may_derive, false) as may_derive,
from raw.channels
left join raw.sources on channels.source = sources.source
where channels.last_listed_at = (select max(last_listed_at) from raw.organizations)

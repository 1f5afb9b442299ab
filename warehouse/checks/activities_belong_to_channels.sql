-- No activity without its channel, in the weeks that the build made anew.
select distinct
    acts.organization_key,
    acts.channel_key,
from facts.acts
semi join facts.built
    on acts.organization_key = built.organization_key
    and acts.week = built.week
where acts.channel_key not in (select hash(channel_id) from raw.channels)

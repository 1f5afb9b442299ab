-- No activity without its channel, in the weeks that the build made anew.
select distinct
    acts.organization_id,
    acts.channel_id,
from facts.acts
semi join facts.built
    on acts.organization_id = built.organization_id
    and acts.week = built.week
anti join raw.channels on acts.channel_id = channels.channel_id

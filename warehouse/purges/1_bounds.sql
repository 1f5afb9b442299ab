-- Of each channel, since when what is kept may be kept: `kept_since`, or less where its source has
-- a limit of its own.
create or replace temp table bounds as
select
    channels.channel_id,
    greatest(
        $kept_since::timestamp,
        coalesce($moment::timestamp - to_days(sources.kept_days), $kept_since::timestamp)
    ) as kept_since,
    sources.kept_days is not null as is_limited,
from raw.channels
left join raw.sources on channels.source = sources.source

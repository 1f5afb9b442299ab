-- The acts themselves; and where the source has a limit of its own, what it told of the channel.
create or replace temp table doomed_presences as
select presences.rowid as place
from raw.presences
join bounds on presences.channel_id = bounds.channel_id
where bounds.is_limited and presences.observed_at < bounds.kept_since;

delete from raw.presences where rowid in (select place from doomed_presences);

delete from raw.activities where rowid in (select place from doomed);

-- Where conversations were read: an address of one names an act.
update raw.attempts
set requested_url = '', url = '', redirects = cast([] as varchar[])
from bounds
where
    attempts.channel_id = bounds.channel_id
    and attempts.purpose = 'detail'
    and attempts.fetched_at < bounds.kept_since
    and attempts.requested_url <> '';

-- Earlier versions of these acts, and of all others those that were replaced long ago. What was
-- deleted at its source goes like what was not.
delete from raw.former_counts
where activity_id in (select activity_id from doomed) or known_until < $kept_since::timestamp;

create or replace temp table doomed_versions as
select former.rowid as place
from raw.former_activities as former
join bounds on former.channel_id = bounds.channel_id
left join closed
    on former.channel_id = closed.channel_id
    and date_trunc('week', coalesce(former.occurred_at, former.first_seen_at))::date = closed.week
where
    former.known_until < bounds.kept_since
    or (former.author_role <> 'organization' and closed.channel_id is not null)
    or former.activity_id in (select activity_id from doomed);

delete from raw.former_activities where rowid in (select place from doomed_versions);

delete from raw.deletions
using bounds
where
    deletions.channel_id = bounds.channel_id
    and deletions.observed_at < bounds.kept_since;

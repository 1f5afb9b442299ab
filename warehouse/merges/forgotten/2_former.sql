-- Until it was deleted it counted. So that past measurements can be made again, what they count
-- stays, without the identity of the act or of anybody: each key is hashed once more with a
-- secret that lies outside of the warehouse (docs/privacy.md).
insert into raw.former_activities by name
select
    activities.* replace (
        privacy.blurred(activities.activity_id) as activity_id,
        privacy.blurred(activities.author_key) as author_key,
        privacy.blurred(activities.parent_id) as parent_id,
        privacy.blurred(activities.thread_id) as thread_id,
        privacy.blurred(activities.content_fingerprint) as content_fingerprint,
        privacy.blurred(activities.link_key) as link_key,
        null as published_at,
        null as updated_at,
        '' as language,
        '' as link_host,
        '' as page_id,
        '' as last_page_id
    ),
    gone.observed_at as known_until,
    true as is_withdrawn,
from raw.activities
join gone on activities.rowid = gone.place

-- What a source has deleted goes, unless a later page has it again.
delete from raw.activities
using raw.deletions
where
    activities.activity_id = deletions.activity_id
    and activities.last_listed_at < deletions.observed_at

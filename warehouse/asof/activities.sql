-- Activities as they were known at `known_at`: the first version that was replaced after it, or
-- the current one. All keys are hashed once more, as those of what has been deleted since are.
with former as (
    select * exclude (known_until)
    from raw.former_activities
    where first_seen_at <= getvariable('known_at') and known_until > getvariable('known_at')
    qualify row_number() over (partition by activity_id order by known_until) = 1
),

versions as (
    select
        *,
        false as is_withdrawn,
    from raw.activities
    where
        first_seen_at <= getvariable('known_at')
        and activity_id not in (select activity_id from former)
    union all by name
    from former
),

blurred as (
    select
        * exclude (is_withdrawn) replace (
            case when is_withdrawn then activity_id else privacy.blurred(activity_id) end
                as activity_id,
            case when is_withdrawn then author_key else privacy.blurred(author_key) end
                as author_key,
            case when is_withdrawn then parent_id else privacy.blurred(parent_id) end
                as parent_id,
            case when is_withdrawn then thread_id else privacy.blurred(thread_id) end
                as thread_id,
            case when is_withdrawn then content_fingerprint
                else privacy.blurred(content_fingerprint) end as content_fingerprint,
            case when is_withdrawn then link_key else privacy.blurred(link_key) end as link_key
        ),
        activity_id as stored_id,
    from versions
),

counts as (
    from raw.former_counts
    where known_until > getvariable('known_at')
    qualify row_number() over (partition by activity_id order by known_until) = 1
)

select
    blurred.* exclude (stored_id) replace (
        case when counts.activity_id is null then blurred.like_count else counts.like_count end
            as like_count,
        case when counts.activity_id is null then blurred.reply_count else counts.reply_count end
            as reply_count,
        case when counts.activity_id is null then blurred.repost_count else counts.repost_count end
            as repost_count
    ),
from blurred
left join counts on blurred.stored_id = counts.activity_id

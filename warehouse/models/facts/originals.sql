-- One row per original post, in an organization with several channels in which it publishes, that
-- says or links to something: what of it is compared with what its other channels say, as numbers
-- (docs/crossposts.md). A sketch has a filter of numbers and days, a hash of the beginning, and
-- hashes of the first four, six, eight and ten words; the title of a document is the longest of
-- these.
-- Window: the weeks in `facts.touched`; times UTC.
-- NULL: what the post does not have; title for what is no document.
with channels as (
    select
        channel_id,
        channel_key,
        source in ('feeds', 'wordpress', 'youtube', 'github') as is_of_documents,
    from staging.channels
    where
        is_publishing
        and organization_id in (
            select organization_id
            from staging.channels
            where is_publishing
            group by organization_id
            having count(*) > 1
        )
),

posts as (
    select
        hash(activities.organization_id) as organization_key,
        channels.channel_key,
        date_trunc('week', activities.occurred_at)::date as week,
        activities.occurred_at,
        hash(activities.activity_id) as act_key,
        channels.is_of_documents,
        case when activities.content_fingerprint <> '' then hash(activities.content_fingerprint) end
            as fingerprint,
        case when activities.link_key <> '' then hash(activities.link_key) end as link,
        activities.text_length,
        nullif(activities.text_sketch, '') as sketch,
    from raw.activities
    join channels on activities.channel_id = channels.channel_id
    where
        activities.direction = 'by_organization'
        and activities.kind in ('post', 'release')
        and not activities.is_repeated
        and activities.occurred_at >= getvariable('touched_from')
        and activities.occurred_at < getvariable('touched_until')
        and (
            activities.link_key <> ''
            or activities.text_sketch <> ''
            or activities.text_length >= 40
        )
)

select
    organization_key,
    channel_key,
    week,
    occurred_at,
    act_key,
    is_of_documents,
    fingerprint,
    link,
    case when text_length >= 40 then fingerprint end as whole,
    case when sketch is not null then hash(sketch[9:16]) end as beginning,
    ('0x' || coalesce(sketch[1:8], '0'))::uinteger as dates,
    case when sketch[17:20] not in ('', '0000') then hash(4, sketch[17:20]) end as first_4,
    case when sketch[21:24] not in ('', '0000') then hash(6, sketch[21:24]) end as first_6,
    case when sketch[25:28] not in ('', '0000') then hash(8, sketch[25:28]) end as first_8,
    case when sketch[29:32] not in ('', '0000') then hash(10, sketch[29:32]) end as first_10,
    case when is_of_documents then coalesce(first_10, first_8, first_6, first_4) end as title,
from posts
semi join facts.touched
    on posts.organization_key = touched.organization_key
    and posts.week = touched.week
order by week, organization_key, occurred_at

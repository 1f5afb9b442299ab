-- What $organization_id itself did from $from_day to $until_day, of the given $kinds, as far as
-- known at $known_at: the newest of each channel first, at most $limit. Nothing of anybody else, its
-- staff included (rules R2 to R5).
-- NULL: never.
with own as (
    select
        activities.activity_id,
        activities.kind,
        activities.occurred_at::date as occurred_on,
        activities.occurred_at,
        activities.channel_id,
        activities.page_id,
        -- elsewhere the key may be that of a page which the post links to; and what lies on another
        -- host than most of its channel may be somebody else's page
        case
            when
                channels.source in ('feeds', 'wordpress', 'youtube', 'github')
                and 2 * count(*) over (partition by activities.channel_id, activities.link_host)
                > count(*) over (partition by activities.channel_id)
                then activities.link_key
            else ''
        end as link_key,
        row_number() over (
            partition by activities.channel_id
            order by activities.occurred_at desc, activities.activity_id
        ) as place,
    from raw.activities
    join raw.channels on activities.channel_id = channels.channel_id
    join raw.sources on channels.source = sources.source
    where
        activities.organization_id = $organization_id
        and activities.direction = 'by_organization'
        and activities.author_role = 'organization'
        and activities.kind in (select unnest($kinds))
        and not activities.is_repeated
        and activities.first_seen_at <= $known_at
        and activities.occurred_at >= $from_day::date
        and activities.occurred_at < $until_day::date + 1
        and channels.last_listed_at = (select max(last_listed_at) from raw.organizations)
        and sources.may_derive
)

from own
order by place, occurred_at desc, activity_id
limit $limit

-- One row per original post that says what a post in another channel of its organization says:
-- one announcement in several channels (docs/crossposts.md). Nothing is merged, the rows are only
-- linked; whoever counts announcements counts distinct ones, and every post that stands in none.
-- Window: the 13 full weeks up to `as_of_week`, what was published since, and three days before,
-- so that nothing is cut apart at the edge; times UTC.
-- NULL: never. An organization that publishes in one channel only has no rows.
with channels as (
    select
        channel_id,
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

-- Posts in the order of time.
posts as (
    select
        posts.activity_id,
        posts.organization_id,
        posts.channel_id,
        channels.is_of_documents,
        posts.occurred_at,
        posts.link_key,
        posts.content_fingerprint,
        posts.text_length,
        posts.text_sketch,
        row_number() over (order by posts.occurred_at, posts.activity_id) as place,
    from staging.posts
    join channels on posts.channel_id = channels.channel_id
    where
        posts.occurred_at >= getvariable('as_of_week') - 12 * 7 - 3
        and (posts.link_key <> '' or posts.text_sketch <> '' or posts.text_length >= 40)
),

-- What of a post is compared, as numbers. A sketch has a filter of numbers and days, a hash of the
-- beginning, and hashes of the first four, six, eight and ten words; the title of a document is
-- the longest of these.
features as (
    select
        place,
        hash(organization_id) as organization,
        hash(channel_id) as channel,
        is_of_documents,
        occurred_at,
        (epoch(occurred_at) // (72 * 3600))::integer as span,
        hash(nullif(link_key, '')) as link,
        link_key <> '' as has_link,
        case when text_length >= 40 and content_fingerprint <> '' then hash(content_fingerprint) end
            as whole,
        case when text_sketch <> '' then hash(text_sketch[9:16]) end as beginning,
        ('0x' || case when text_sketch <> '' then text_sketch[1:8] else '0' end)::uinteger as dates,
        case when text_sketch[17:20] not in ('', '0000') then hash(4, text_sketch[17:20]) end
            as first_4,
        case when text_sketch[21:24] not in ('', '0000') then hash(6, text_sketch[21:24]) end
            as first_6,
        case when text_sketch[25:28] not in ('', '0000') then hash(8, text_sketch[25:28]) end
            as first_8,
        case when text_sketch[29:32] not in ('', '0000') then hash(10, text_sketch[29:32]) end
            as first_10,
        case when is_of_documents then coalesce(first_10, first_8, first_6, first_4) end as title,
    from posts
),

-- How often a channel shows one link or one text. A page of its own that a document stands on is
-- about one thing; what is shown again and again (vacancies, a shop, a greeting) is about many.
link_uses as (
    select
        organization,
        link,
        bool_and(is_of_documents) and count(*) = 1 as is_document,
        count(*) > 2 or max(occurred_at) - min(occurred_at) > interval 72 hours as is_worn,
    from features
    where has_link
    group by organization, channel, link
),

links as (
    select
        organization,
        link,
        case
            when bool_or(is_document) then interval 48 hours
            when not bool_or(is_worn) then interval 1 hour
        end as reach,
    from link_uses
    group by all
    having reach is not null
),

worn_beginnings as (
    select distinct
        organization,
        beginning,
    from features
    where beginning is not null
    group by organization, channel, beginning
    having count(*) > 2
),

-- What two posts must share for being compared at all.
keys as (
    select
        place,
        channel,
        span,
        hash(organization, said) as key,
    from (
        select
            place,
            channel,
            organization,
            span,
            unnest([
                case when has_link then link end,
                whole,
                beginning,
                coalesce(title, first_4),
                case when not is_of_documents then first_6 end,
                case when not is_of_documents then first_8 end,
                case when not is_of_documents then first_10 end,
            ]) as said,
        from features
    )
    where said is not null
),

candidates as (
    select distinct
        earlier.place as earlier_place,
        later.place as later_place,
    from (
        select
            place,
            channel,
            key,
            unnest([span, span + 1]) as span,
        from keys
    ) as earlier
    join keys as later on earlier.key = later.key and earlier.span = later.span
    where earlier.place < later.place and earlier.channel <> later.channel
),

compared as (
    select
        earlier.place as earlier_place,
        earlier.channel as earlier_channel,
        later.place as later_place,
        later.channel as later_channel,
        later.occurred_at - earlier.occurred_at as apart,
        earlier.is_of_documents and later.is_of_documents as are_documents,
        earlier.is_of_documents or later.is_of_documents as has_document,
        earlier.has_link
            and earlier.link = later.link
            and later.occurred_at - earlier.occurred_at <= links.reach as is_link,
        earlier.link = later.link
            or not earlier.has_link
            or not later.has_link as may_be_one_link,
        earlier.whole = later.whole as is_equal,
        earlier.beginning = later.beginning as is_alike,
        earlier.title in (later.first_4, later.first_6, later.first_8, later.first_10) as is_title,
        later.title in (earlier.first_4, earlier.first_6, earlier.first_8, earlier.first_10)
            as is_later_title,
        earlier.first_10 = later.first_10 as is_long_start,
        (earlier.dates & later.dates) in (earlier.dates, later.dates) as are_dates_equal,
        worn_beginnings.beginning is not null as is_worn,
    from candidates
    join features as earlier on candidates.earlier_place = earlier.place
    join features as later on candidates.later_place = later.place
    left join links
        on earlier.organization = links.organization and earlier.link = links.link
    left join worn_beginnings
        on earlier.organization = worn_beginnings.organization
        and earlier.beginning = worn_beginnings.beginning
    where later.occurred_at - earlier.occurred_at <= interval 72 hours
),

-- The strongest reason to link two posts, 1 being the strongest; NULL: none.
judged as (
    select
        *,
        case
            when is_link and are_documents then 1
            when is_equal and has_document and apart = interval 0 hours then 1
            when is_link then 2
            when not may_be_one_link or (is_worn and apart > interval 6 hours) then null
            when is_equal or (is_alike and are_dates_equal) then 3
            when (is_title or is_later_title) and apart <= interval 12 hours then 4
            when is_long_start and are_dates_equal and apart <= interval 3 hours then 5
        end as rank,
    from compared
),

-- Of several posts of a channel, a post belongs to the one that shares most and is nearest, and
-- only if it is that one's nearest too: so texts that come back daily stay apart.
sides as (
    select
        earlier_place as place,
        later_place as neighbour,
        later_channel as neighbour_channel,
        rank,
        apart,
    from judged
    where rank is not null
    union all
    select
        later_place,
        earlier_place,
        earlier_channel,
        rank,
        apart,
    from judged
    where rank is not null
),

nearest as (
    select
        place,
        neighbour,
        rank,
    from sides
    qualify
        row_number() over (
            partition by place, neighbour_channel
            order by rank, apart, neighbour
        ) = 1
),

neighbours as (
    select nearest.*
    from nearest
    join nearest as back on nearest.place = back.neighbour and nearest.neighbour = back.place
),

-- Who is linked with whom, by way of others too: everyone takes the earliest place that a
-- neighbour knows, and then what that one takes. Mostly all members are neighbours of each other.
first_round as (
    select
        place,
        least(place, min(neighbour)) as leader,
        min(rank) as rank,
    from neighbours
    group by place
),

second_round as (
    select
        neighbours.place,
        min(first_round.leader) as leader,
    from neighbours
    join first_round on neighbours.neighbour = first_round.place
    group by neighbours.place
),

together as (
    select
        posts.activity_id,
        posts.organization_id,
        posts.channel_id,
        posts.occurred_at,
        posts.place,
        first_round.rank,
        leaders.leader,
    from second_round
    join second_round as leaders on second_round.leader = leaders.place
    join first_round on second_round.place = first_round.place
    join posts on second_round.place = posts.place
),

-- One post a channel: a second one is a reminder, no part of it.
members as (
    select *
    from together
    qualify
        row_number() over (partition by leader, channel_id order by place) = 1
        and occurred_at - min(occurred_at) over (partition by leader) <= interval 72 hours
)

select
    activity_id,
    organization_id,
    channel_id,
    first_value(activity_id) over announcement as announcement_id,
    case rank when 1 then 'same_document' when 2 then 'link' else 'text' end as link_reason,
    occurred_at,
from members
window announcement as (partition by leader order by place)
qualify count(*) over (partition by leader) > 1

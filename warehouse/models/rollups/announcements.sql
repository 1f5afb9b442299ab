-- One row per original post that says what a post in another channel of its organization says:
-- one announcement in several channels (docs/crossposts.md). Nothing is merged, the rows are only
-- linked; whoever counts announcements counts distinct ones, and every post that stands in none.
-- Keys are hashes of the posts' identifiers; an announcement has that of its earliest post.
-- Window: the 13 full weeks up to `as_of_week`, what was published since, and three days before,
-- so that nothing is cut apart at the edge; times UTC.
-- NULL: never. An organization that publishes in one channel only has no rows.
with pairs as (
    select
        pairs.*,
        pairs.later_occurred_at - pairs.occurred_at as apart,
    from facts.pairs
    where
        pairs.week >= getvariable('as_of_week') - 13 * 7
        and pairs.occurred_at >= getvariable('as_of_week') - 12 * 7 - 3
        and pairs.later_occurred_at < getvariable('as_of')
),

originals as (
    from facts.originals
    where
        week >= getvariable('as_of_week') - 13 * 7
        and occurred_at >= getvariable('as_of_week') - 12 * 7 - 3
        and occurred_at < getvariable('as_of')
),

-- How often a channel shows one link or one text. A page of its own that a document stands on is
-- about one thing; what is shown again and again (vacancies, a shop, a greeting) is about many.
link_uses as (
    select
        organization_key,
        link,
        bool_and(is_of_documents) and count(*) = 1 as is_document,
        count(*) > 2 or max(occurred_at) - min(occurred_at) > interval 72 hours as is_worn,
    from originals
    where link in (select common_link from pairs where common_link is not null)
    group by organization_key, channel_key, link
),

links as (
    select
        organization_key,
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
        organization_key,
        beginning,
    from originals
    where beginning in (select beginning from pairs where beginning is not null)
    group by organization_key, channel_key, beginning
    having count(*) > 2
),

compared as (
    select
        pairs.*,
        coalesce(pairs.apart <= links.reach, false) as is_link,
        worn_beginnings.beginning is not null as is_worn,
    from pairs
    left join links
        on pairs.organization_key = links.organization_key and pairs.common_link = links.link
    left join worn_beginnings
        on pairs.organization_key = worn_beginnings.organization_key
        and pairs.beginning = worn_beginnings.beginning
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
            when is_title and apart <= interval 12 hours then 4
            when is_long_start and are_dates_equal and apart <= interval 3 hours then 5
        end as rank,
    from compared
),

-- The posts of pairs with a reason, in the order of time.
posts as (
    select
        *,
        row_number() over (order by occurred_at, act_key) as place,
    from (
        select
            organization_key,
            channel_key,
            act_key,
            occurred_at,
        from judged
        where rank is not null
        union
        select
            organization_key,
            later_channel_key,
            later_act_key,
            later_occurred_at,
        from judged
        where rank is not null
    )
),

linked as (
    select
        earlier.place as earlier_place,
        judged.channel_key as earlier_channel,
        later.place as later_place,
        judged.later_channel_key as later_channel,
        judged.rank,
        judged.apart,
    from judged
    join posts as earlier on judged.act_key = earlier.act_key
    join posts as later on judged.later_act_key = later.act_key
    where judged.rank is not null
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
    from linked
    union all
    select
        later_place,
        earlier_place,
        earlier_channel,
        rank,
        apart,
    from linked
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
        posts.*,
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
        row_number() over (partition by leader, channel_key order by place) = 1
        and occurred_at - min(occurred_at) over (partition by leader) <= interval 72 hours
)

select
    organization_key,
    channel_key,
    act_key,
    first_value(act_key) over announcement as announcement_key,
    case rank when 1 then 'same_document' when 2 then 'link' else 'text' end as link_reason,
    occurred_at,
from members
window announcement as (partition by leader order by place)
qualify count(*) over (partition by leader) > 1

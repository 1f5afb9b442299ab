-- One row per two original posts of an organization, in different channels and within three days
-- of each other, that share something; and in what they agree (docs/crossposts.md).
-- Window: pairs of which one stands in the weeks of `facts.touched`; times UTC.
-- NULL: common_link where they do not link to the same; beginning where the earlier has no text.
with around as (
    select distinct
        touched.organization_key,
        touched.week + days.shift as week,
    from facts.touched
    cross join (values (-7), (0), (7)) as days (shift)
),

posts as (
    select
        originals.*,
        touched.week is not null as is_touched,
        row_number() over ()::uinteger as place,
        (epoch_us(originals.occurred_at) // (72 * 3_600_000_000))::integer as span,
    from facts.originals
    semi join around
        on originals.organization_key = around.organization_key
        and originals.week = around.week
    left join facts.touched
        on originals.organization_key = touched.organization_key
        and originals.week = touched.week
    where
        originals.week >= getvariable('touched_from')::date - 7
        and originals.week < getvariable('touched_until')::date + 7
),

-- What two posts must share for being compared at all. Rows are many, hence narrow.
keys as (
    select
        place,
        span,
        hash(organization_key, said) as key,
    from (
        select
            place,
            span,
            organization_key,
            unnest([
                link,
                whole,
                beginning,
                coalesce(title, first_4),
                case when not is_of_documents then first_6 end,
                case when not is_of_documents then first_8 end,
                case when not is_of_documents then first_10 end,
            ]) as said,
        from posts
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
            key,
            unnest([span, span + 1]) as span,
        from keys
    ) as earlier
    join keys as later on earlier.key = later.key and earlier.span = later.span
    where earlier.place <> later.place
)

select
    earlier.organization_key,
    earlier.week,
    later.week as later_week,
    earlier.act_key,
    later.act_key as later_act_key,
    earlier.channel_key,
    later.channel_key as later_channel_key,
    earlier.occurred_at,
    later.occurred_at as later_occurred_at,
    case when earlier.link = later.link then earlier.link end as common_link,
    earlier.beginning,
    earlier.is_of_documents and later.is_of_documents as are_documents,
    earlier.is_of_documents or later.is_of_documents as has_document,
    earlier.link is null or later.link is null or earlier.link = later.link as may_be_one_link,
    coalesce(earlier.whole = later.whole, false) as is_equal,
    coalesce(earlier.beginning = later.beginning, false) as is_alike,
    coalesce(
        earlier.title in (later.first_4, later.first_6, later.first_8, later.first_10), false
    ) or coalesce(
        later.title in (earlier.first_4, earlier.first_6, earlier.first_8, earlier.first_10), false
    ) as is_title,
    coalesce(earlier.first_10 = later.first_10, false) as is_long_start,
    (earlier.dates & later.dates) in (earlier.dates, later.dates) as are_dates_equal,
from candidates
join posts as earlier on candidates.earlier_place = earlier.place
join posts as later on candidates.later_place = later.place
where
    earlier.channel_key <> later.channel_key
    and (earlier.is_touched or later.is_touched)
    and (
        earlier.occurred_at < later.occurred_at
        or (earlier.occurred_at = later.occurred_at and earlier.act_key < later.act_key)
    )
    and later.occurred_at - earlier.occurred_at <= interval 72 hours
order by earlier.week, earlier.organization_key, earlier.act_key, later.act_key

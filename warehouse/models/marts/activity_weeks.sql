-- One row per listed organization, source of its listed channels and week: what was seen there.
-- Posts are originals of the organization, replies what else it said, received what outsiders said
-- to it.
-- Window: the 26 full weeks up to `as_of_week`, UTC.
-- NULL: all counts of acts in a week of which no day was seen, and where the terms of the source
-- forbid deriving anything; reply_count and received_count where the source shows no dialogue;
-- received_count under five, and with the only one such of a quarter the next smallest, so that no
-- sum gives it away (rule R14).
with weeks as (
    select getvariable('as_of_week') - (7 * unnest(range(26)))::integer as week
),

seen as (
    select
        seen_spans.channel_id,
        weeks.week,
        sum(
            least(seen_spans.until_day, weeks.week + 6)
            - greatest(seen_spans.from_day, weeks.week) + 1
        ) as day_count,
    from raw.seen_spans
    join weeks on seen_spans.from_day <= weeks.week + 6 and seen_spans.until_day >= weeks.week
    group by all
),

received as (
    select
        channel_key,
        week,
        count(*) as act_count,
    from facts.acts
    where direction = 'to_organization' and kind in ('post', 'reply', 'other')
    group by all
),

sums as (
    select
        channels.organization_id,
        channels.source,
        weeks.week,
        bool_or(channels.may_derive) and count(seen.day_count) > 0 as is_told,
        bool_or(channels.is_dialogue) as is_dialogue,
        sum(channel_weeks.post_count) as post_count,
        sum(channel_weeks.reply_count) as reply_count,
        sum(received.act_count) as received_count,
        sum(seen.day_count) as covered_day_count,
        7 * count(*) as channel_day_count,
    from staging.channels
    cross join weeks
    left join seen on channels.channel_id = seen.channel_id and weeks.week = seen.week
    left join facts.channel_weeks
        on channels.channel_key = channel_weeks.channel_key
        and weeks.week = channel_weeks.week
    left join received
        on channels.channel_key = received.channel_key
        and weeks.week = received.week
    group by channels.organization_id, channels.source, weeks.week
),

told as (
    select
        organization_id,
        source,
        week,
        case when is_told then coalesce(post_count, 0) end::integer as post_count,
        case when is_told and is_dialogue then coalesce(reply_count, 0) end::integer
            as reply_count,
        case when is_told and is_dialogue then coalesce(received_count, 0) end::integer
            as received_count,
        coalesce(covered_day_count, 0)::integer as covered_day_count,
        channel_day_count::integer as channel_day_count,
        week > getvariable('as_of_week') - 13 * 7 as is_late,
    from sums
),

-- sums are told of windows of 13 and 26 weeks: a single cell that is hidden in one would follow
ranked as (
    select
        *,
        count(*) filter (received_count between 1 and 4) over half as small_count,
        row_number() over (
            partition by organization_id, is_late, coalesce(received_count, 0) < 5
            order by received_count, week, source
        ) as place,
    from told
    window half as (partition by organization_id, is_late)
)

select
    ranked.organization_id,
    ranked.source,
    ranked.week,
    ranked.post_count,
    ranked.reply_count,
    case
        when ranked.received_count between 1 and 4 then null
        when ranked.received_count >= 5 and ranked.small_count = 1 and ranked.place = 1 then null
        else ranked.received_count
    end as received_count,
    ranked.covered_day_count,
    ranked.channel_day_count,
from ranked
semi join staging.organizations on ranked.organization_id = organizations.organization_id
order by ranked.organization_id, ranked.source, ranked.week

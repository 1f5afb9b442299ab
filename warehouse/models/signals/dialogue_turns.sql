-- conversation_share, deep_thread_share, proactive_reply_share: how much of what an organization
-- says is a conversation, how deep these go, and whether it joins in unasked.
-- Only channels count in which its replies can be seen: what it says elsewhere tells nothing of
-- them. A reply is a reply, comment, answer or review; who continues an own thread of posts (the
-- parent in a tree is its own) replies to nobody. A conversation is a thread, known whole, in which
-- an outsider spoke to the organization and that was not found only because it was answered; in a
-- deep one both spoke at least twice within the window. Of replies to outsiders whose message is
-- known, those are proactive that answer what was not said to the organization.
-- Window: the 13 full weeks up to `as_of_week`; a message that was answered in them may be of the
-- 13 weeks before; weeks start on Monday, UTC.
-- NULL: absent = no channel that could show it; unobserved = none of them was read; undefined = no
-- observation, or under 20 and no peers to draw the share towards.
with watched as (
    select
        organization_key,
        sum(late_day_count) / sum(half_day_count) as coverage_share,
        sum(late_day_count) > 0 as is_read,
    from rollups.coverage
    where is_dialogue
    group by organization_key
),

channels as (
    from staging.channels
    where is_dialogue
),

replied as (
    select
        organization_key,
        count(*) as reply_count,
        count(*) filter (parent_direction = 'among_others') as proactive_count,
        count(*) filter (parent_direction <> 'by_organization') as known_count,
    from rollups.replies
    where not is_continuing
    group by organization_key
),

posted as (
    select
        channel_weeks.organization_key,
        sum(channel_weeks.post_count) as post_count,
    from facts.channel_weeks
    semi join channels on channel_weeks.channel_key = channels.channel_key
    where
        channel_weeks.week > getvariable('as_of_week') - 13 * 7
        and channel_weeks.week <= getvariable('as_of_week')
    group by channel_weeks.organization_key
),

threads as (
    select distinct
        organization_key,
        thread_key,
    from rollups.waits
    where is_late and thread_key is not null
),

turns as (
    select
        acts.organization_key,
        acts.thread_key,
        count(*) filter (acts.direction = 'by_organization') as own_turn_count,
        count(*) filter (acts.author_role = 'outsider') as outside_turn_count,
    from facts.acts
    semi join threads
        on acts.thread_key = threads.thread_key
        and acts.organization_key = threads.organization_key
    semi join channels on acts.channel_key = channels.channel_key
    where
        acts.week > getvariable('as_of_week') - 13 * 7
        and acts.week <= getvariable('as_of_week')
        and acts.kind not in ('repost', 'bot_reply')
    group by acts.organization_key, acts.thread_key
),

measured as (
    select
        organization_key,
        'conversation_share' as signal_code,
        coalesce(replied.reply_count, 0) as numerator,
        coalesce(replied.reply_count, 0) + coalesce(posted.post_count, 0) as denominator,
    from replied
    full join posted using (organization_key)
    union all by name
    select
        organization_key,
        'deep_thread_share' as signal_code,
        count(*) filter (own_turn_count >= 2 and outside_turn_count >= 2) as numerator,
        count(*) as denominator,
    from turns
    group by organization_key
    union all by name
    select
        organization_key,
        'proactive_reply_share' as signal_code,
        proactive_count as numerator,
        known_count as denominator,
    from replied
),

codes as (
    select unnest(['conversation_share', 'deep_thread_share', 'proactive_reply_share'])
        as signal_code
)

select
    organizations.organization_id,
    13 as window_weeks,
    codes.signal_code,
    case
        when watched.is_read and measured.denominator >= 20
            then measured.numerator / measured.denominator
    end as value,
    measured.numerator,
    measured.denominator,
    coalesce(measured.denominator, 0)::bigint as n,
    statistics.wilson_lower(measured.numerator, measured.denominator) as lower,
    statistics.wilson_upper(measured.numerator, measured.denominator) as upper,
    watched.coverage_share,
    coalesce(watched.is_read and measured.denominator < 20, false) as is_pooled,
    case
        when watched.organization_key is null then 'absent'
        when not watched.is_read then 'unobserved'
        when measured.denominator is null then 'undefined'
        else ''
    end as missing_reason,
    'turns-1' as method_version,
from staging.organizations
cross join codes
left join watched on organizations.organization_key = watched.organization_key
left join measured
    on organizations.organization_key = measured.organization_key
    and codes.signal_code = measured.signal_code
    and measured.denominator > 0

-- campaign_sync_share, verbatim_duplicate_share, functional_reply_share, reply_rate_sd: do the
-- channels of an organization act as one?
-- Announcements are counted once each (rollups.announcements), by the time of their first post;
-- a post that stands in none is one. Of the first two, the numerators are announcements with posts
-- of two channels within 24 hours, and with the very same text at two sources. One document that
-- is read through two channels is one voice, and neither.
-- A reply is what the organization or its staff says that is neither post nor release nor repost.
-- The last is the sample standard deviation, over the n channels with 20 messages or more that
-- could be watched for 72 hours, of ln((a + 1/2) / (m - a + 1/2)), a of m answered in time.
-- Window: the 13 full weeks up to `as_of_week`; times UTC.
-- NULL: absent = no second channel (for texts: no second source), no channel of dialogue (for the
-- spread: no second one); unobserved = none of these was read, or one only where two are needed;
-- undefined = nothing to count, no function given for any channel of dialogue, or under two
-- channels with messages enough. Interval: Wilson for the shares.
with channels as (
    select
        channels.organization_id,
        channels.channel_id,
        channels.source,
        channels.function,
        channels.is_publishing,
        channels.is_dialogue,
        sum(weeks.seen_day_count) as seen_day_count,
        count(*) * 7 as day_count,
    from staging.channels
    join rollups.coverage_weeks as weeks on channels.channel_id = weeks.channel_id
    where weeks.week > getvariable('as_of_week') - 13 * 7
    group by all
),

acts as (
    select
        channel_id,
        sum(post_count) as post_count,
        sum(reply_count) as reply_count,
    from facts.channel_weeks
    where week > getvariable('as_of_week') - 13 * 7 and week <= getvariable('as_of_week')
    group by channel_id
),

publishing as (
    select
        channels.organization_id,
        sum(channels.seen_day_count) / sum(channels.day_count) as coverage_share,
        count(*) as channel_count,
        count(*) filter (channels.seen_day_count > 0) as seen_channel_count,
        count(distinct channels.source) as source_count,
        count(distinct channels.source) filter (channels.seen_day_count > 0) as seen_source_count,
        coalesce(sum(acts.post_count), 0) as post_count,
    from channels
    left join acts on channels.channel_id = acts.channel_id
    where channels.is_publishing
    group by channels.organization_id
),

dialogue as (
    select
        channels.organization_id,
        sum(channels.seen_day_count) / sum(channels.day_count) as coverage_share,
        count(*) as channel_count,
        count(*) filter (channels.seen_day_count > 0) as seen_channel_count,
        count(*) filter (channels.function <> '') > 0 as is_function_known,
        coalesce(sum(acts.reply_count), 0) as reply_count,
        coalesce(sum(acts.reply_count) filter (channels.function <> ''), 0)
            as functional_reply_count,
    from channels
    left join acts on channels.channel_id = acts.channel_id
    where channels.is_dialogue
    group by channels.organization_id
),

members as (
    select
        announcements.organization_id,
        announcements.announcement_id,
        announcements.occurred_at,
        announcements.link_reason = 'same_document' as is_copy,
        nullif(posts.content_fingerprint, '') as fingerprint,
        posts.source,
    from rollups.announcements
    join staging.posts on announcements.activity_id = posts.activity_id
    where posts.occurred_at >= getvariable('as_of_week') - 12 * 7 - 3
),

-- Whoever is near enough to any other is so to the one before or after it.
timed as (
    select
        organization_id,
        announcement_id,
        occurred_at,
        coalesce(
            occurred_at - lag(occurred_at) over announcement <= interval 24 hour
                and not (is_copy and lag(is_copy) over announcement),
            false
        ) as is_joint,
    from members
    window announcement as (
        partition by organization_id, announcement_id order by occurred_at, is_copy
    )
),

verbatim as (
    select distinct announcement_id
    from members
    where fingerprint is not null
    group by announcement_id, fingerprint
    having count(distinct source) >= 2 and not bool_and(is_copy)
),

announcements as (
    select
        organization_id,
        announcement_id,
        min(occurred_at) between getvariable('as_of_week') - 12 * 7
            and getvariable('as_of_week') + 7 - interval 1 microsecond as is_begun,
        count(*) filter (
            occurred_at >= getvariable('as_of_week') - 12 * 7
            and occurred_at < getvariable('as_of_week') + 7
        ) as post_count,
        bool_or(is_joint) as is_joint,
    from timed
    group by organization_id, announcement_id
),

-- One that began before the window is not counted, and neither are its later posts.
announced as (
    select
        announcements.organization_id,
        sum(announcements.post_count) as post_count,
        count(*) filter (announcements.is_begun) as announcement_count,
        count(*) filter (announcements.is_begun and announcements.is_joint) as joint_count,
        count(verbatim.announcement_id) filter (announcements.is_begun) as verbatim_count,
    from announcements
    left join verbatim on announcements.announcement_id = verbatim.announcement_id
    group by announcements.organization_id
),

told as (
    select
        publishing.*,
        coalesce(announced.joint_count, 0) as joint_count,
        coalesce(announced.verbatim_count, 0) as verbatim_count,
        publishing.post_count
            - coalesce(announced.post_count, 0)
            + coalesce(announced.announcement_count, 0) as announcement_count,
    from publishing
    left join announced on publishing.organization_id = announced.organization_id
),

shares as (
    select
        organization_id,
        'campaign_sync_share' as signal_code,
        joint_count as numerator,
        announcement_count as denominator,
        coverage_share,
        seen_channel_count >= 2 as is_seen,
    from told
    where channel_count >= 2
    union all by name
    select
        organization_id,
        'verbatim_duplicate_share' as signal_code,
        verbatim_count as numerator,
        announcement_count as denominator,
        coverage_share,
        seen_source_count >= 2 as is_seen,
    from told
    where source_count >= 2
    union all by name
    select
        organization_id,
        'functional_reply_share' as signal_code,
        case when is_function_known then functional_reply_count end as numerator,
        reply_count as denominator,
        coverage_share,
        seen_channel_count >= 1 as is_seen,
    from dialogue
),

logits as (
    select
        messages.organization_id,
        messages.channel_id,
        count(*) filter (messages.answered_at <= messages.occurred_at + interval 72 hour)
            as answered_count,
        ln((answered_count + 0.5) / (count(*) - answered_count + 0.5)) as logit,
    from rollups.conversations as messages
    join channels on messages.channel_id = channels.channel_id
    where
        channels.is_dialogue
        and messages.found_through <> 'answer'
        and messages.observed_until >= messages.occurred_at + interval 72 hour
        and messages.occurred_at >= getvariable('as_of_week') - 12 * 7
        and messages.occurred_at < getvariable('as_of_week') + 7
    group by messages.organization_id, messages.channel_id
    having count(*) >= 20
),

-- sorted before they are added, so that the sum does not depend on their order
spreads as (
    select
        organization_id,
        count(*) as n,
        list_stddev_samp(list_sort(list(logit))) as value,
    from logits
    group by organization_id
),

measured as (
    select
        organization_id,
        signal_code,
        case when is_seen and denominator >= 20 then numerator / denominator end as value,
        case when is_seen then numerator end as numerator,
        case when is_seen then denominator end as denominator,
        case when is_seen then denominator else 0 end as n,
        case when is_seen then statistics.wilson_lower(numerator, denominator) end as lower,
        case when is_seen then statistics.wilson_upper(numerator, denominator) end as upper,
        coverage_share,
        is_seen,
        coalesce(is_seen and numerator is not null and denominator between 1 and 19, false)
            as is_pooled,
    from shares
    union all by name
    select
        dialogue.organization_id,
        'reply_rate_sd' as signal_code,
        case when dialogue.seen_channel_count >= 2 then spreads.value end as value,
        case when dialogue.seen_channel_count >= 2 then coalesce(spreads.n, 0) else 0 end as n,
        dialogue.coverage_share,
        dialogue.seen_channel_count >= 2 as is_seen,
        false as is_pooled,
    from dialogue
    left join spreads on dialogue.organization_id = spreads.organization_id
    where dialogue.channel_count >= 2
),

codes as (
    select unnest([
        'campaign_sync_share',
        'verbatim_duplicate_share',
        'functional_reply_share',
        'reply_rate_sd',
    ]) as signal_code
)

select
    organizations.organization_id,
    13 as window_weeks,
    codes.signal_code,
    measured.value,
    measured.numerator,
    measured.denominator,
    coalesce(measured.n, 0) as n,
    measured.lower,
    measured.upper,
    measured.coverage_share,
    coalesce(measured.is_pooled, false) as is_pooled,
    case
        when measured.organization_id is null then 'absent'
        when not measured.is_seen then 'unobserved'
        when measured.value is null and not measured.is_pooled then 'undefined'
        else ''
    end as missing_reason,
    'coordination-1' as method_version,
from staging.organizations
cross join codes
left join measured
    on organizations.organization_id = measured.organization_id
    and codes.signal_code = measured.signal_code

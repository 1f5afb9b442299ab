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
        organization_key,
        channel_key,
        source,
        function,
        is_publishing,
        is_dialogue,
        late_day_count as seen_day_count,
        half_day_count as day_count,
    from rollups.coverage
),

acts as (
    select
        channel_key,
        sum(post_count) as post_count,
        sum(reply_count) as reply_count,
    from facts.channel_weeks
    where week > getvariable('as_of_week') - 13 * 7 and week <= getvariable('as_of_week')
    group by channel_key
),

publishing as (
    select
        channels.organization_key,
        sum(channels.seen_day_count) / sum(channels.day_count) as coverage_share,
        count(*) as channel_count,
        count(*) filter (channels.seen_day_count > 0) as seen_channel_count,
        count(distinct channels.source) as source_count,
        count(distinct channels.source) filter (channels.seen_day_count > 0) as seen_source_count,
        coalesce(sum(acts.post_count), 0) as post_count,
    from channels
    left join acts on channels.channel_key = acts.channel_key
    where channels.is_publishing
    group by channels.organization_key
),

dialogue as (
    select
        channels.organization_key,
        sum(channels.seen_day_count) / sum(channels.day_count) as coverage_share,
        count(*) as channel_count,
        count(*) filter (channels.seen_day_count > 0) as seen_channel_count,
        count(*) filter (channels.function <> '') > 0 as is_function_known,
        coalesce(sum(acts.reply_count), 0) as reply_count,
        coalesce(sum(acts.reply_count) filter (channels.function <> ''), 0)
            as functional_reply_count,
    from channels
    left join acts on channels.channel_key = acts.channel_key
    where channels.is_dialogue
    group by channels.organization_key
),

members as (
    select
        announcements.organization_key,
        announcements.announcement_key,
        announcements.occurred_at,
        announcements.link_reason = 'same_document' as is_copy,
        posts.fingerprint,
        channels.source,
    from rollups.announcements
    join facts.originals as posts on announcements.act_key = posts.act_key
    join channels on announcements.channel_key = channels.channel_key
    where posts.week >= getvariable('as_of_week') - 13 * 7
),

-- Whoever is near enough to any other is so to the one before or after it.
timed as (
    select
        organization_key,
        announcement_key,
        occurred_at,
        coalesce(
            occurred_at - lag(occurred_at) over announcement <= interval 24 hour
                and not (is_copy and lag(is_copy) over announcement),
            false
        ) as is_joint,
    from members
    window announcement as (
        partition by organization_key, announcement_key order by occurred_at, is_copy
    )
),

verbatim as (
    select distinct announcement_key
    from members
    where fingerprint is not null
    group by announcement_key, fingerprint
    having count(distinct source) >= 2 and not bool_and(is_copy)
),

announcements as (
    select
        organization_key,
        announcement_key,
        min(occurred_at) between getvariable('as_of_week') - 12 * 7
            and getvariable('as_of_week') + 7 - interval 1 microsecond as is_begun,
        count(*) filter (
            occurred_at >= getvariable('as_of_week') - 12 * 7
            and occurred_at < getvariable('as_of_week') + 7
        ) as post_count,
        bool_or(is_joint) as is_joint,
    from timed
    group by organization_key, announcement_key
),

-- One that began before the window is not counted, and neither are its later posts.
announced as (
    select
        announcements.organization_key,
        sum(announcements.post_count) as post_count,
        count(*) filter (announcements.is_begun) as announcement_count,
        count(*) filter (announcements.is_begun and announcements.is_joint) as joint_count,
        count(verbatim.announcement_key) filter (announcements.is_begun) as verbatim_count,
    from announcements
    left join verbatim on announcements.announcement_key = verbatim.announcement_key
    group by announcements.organization_key
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
    left join announced on publishing.organization_key = announced.organization_key
),

shares as (
    select
        organization_key,
        'campaign_sync_share' as signal_code,
        joint_count as numerator,
        announcement_count as denominator,
        coverage_share,
        seen_channel_count >= 2 as is_seen,
    from told
    where channel_count >= 2
    union all by name
    select
        organization_key,
        'verbatim_duplicate_share' as signal_code,
        verbatim_count as numerator,
        announcement_count as denominator,
        coverage_share,
        seen_source_count >= 2 as is_seen,
    from told
    where source_count >= 2
    union all by name
    select
        organization_key,
        'functional_reply_share' as signal_code,
        case when is_function_known then functional_reply_count end as numerator,
        reply_count as denominator,
        coverage_share,
        seen_channel_count >= 1 as is_seen,
    from dialogue
),

logits as (
    select
        waits.organization_key,
        waits.channel_key,
        count(*) filter (waits.waited_us <= 259_200_000_000) as answered_count,
        ln((answered_count + 0.5) / (count(*) - answered_count + 0.5)) as logit,
    from rollups.waits
    join channels on waits.channel_key = channels.channel_key
    where
        channels.is_dialogue
        and waits.is_late
        and waits.watched_us >= 259_200_000_000
    group by waits.organization_key, waits.channel_key
    having count(*) >= 20
),

-- sorted before they are added, so that the sum does not depend on their order
spreads as (
    select
        organization_key,
        count(*) as n,
        list_stddev_samp(list_sort(list(logit))) as value,
    from logits
    group by organization_key
),

measured as (
    select
        organization_key,
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
        dialogue.organization_key,
        'reply_rate_sd' as signal_code,
        case when dialogue.seen_channel_count >= 2 then spreads.value end as value,
        case when dialogue.seen_channel_count >= 2 then coalesce(spreads.n, 0) else 0 end as n,
        dialogue.coverage_share,
        dialogue.seen_channel_count >= 2 as is_seen,
        false as is_pooled,
    from dialogue
    left join spreads on dialogue.organization_key = spreads.organization_key
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
        when measured.organization_key is null then 'absent'
        when not measured.is_seen then 'unobserved'
        when measured.value is null and not measured.is_pooled then 'undefined'
        else ''
    end as missing_reason,
    'coordination-1' as method_version,
from staging.organizations
cross join codes
left join measured
    on organizations.organization_key = measured.organization_key
    and codes.signal_code = measured.signal_code

-- participants_per_1000_followers, peer_answer_share, top_decile_share,
-- returning_participant_share: who takes part around an organization, and who helps whom.
-- Participants are outsiders with a key (people whom the platform no longer shows have none) who
-- spoke in a channel where that can be seen; what was found only because the organization answered
-- it is left out, and so are machines and reposts. Followers, or members where there are none, are
-- those of the latest look at each profile; only channels with such a number count, above and
-- below the line. A peer answered when another outsider replied to a question before the
-- organization did. Whom a change of keys made another person would count twice and never return:
-- a window in which a source's key changed after somebody spoke says nothing of persons; nor does
-- one a week before a change, when its last days may have been read with the new key.
-- Who returns is known only of channels that were seen in both halves of the window.
-- Window: the 26 full weeks up to `as_of_week`, for participants_per_1000_followers the last 13 of
-- them; weeks start on Monday, UTC.
-- NULL: absent = no channel that could show it; unobserved = none of them was read, no number of
-- followers is known, none was seen in both halves, or a key changed; undefined = no follower,
-- under 10 persons for the tenth, or no observation, or under 20 and no peers to draw a share
-- towards.
with coverage as (
    from rollups.coverage
    where is_dialogue
),

watched as (
    select
        organization_key,
        13 as window_weeks,
        sum(late_day_count) / sum(half_day_count) as coverage_share,
        sum(late_day_count) > 0 as is_read,
    from coverage
    group by organization_key
    union all
    select
        organization_key,
        26,
        sum(early_day_count + late_day_count) / (2 * sum(half_day_count)),
        sum(early_day_count + late_day_count) > 0,
    from coverage
    group by organization_key
),

profiles as (
    select
        channel_id,
        coalesce(
            arg_max(follower_count, (observed_at, page_id)) filter (follower_count is not null),
            arg_max(member_count, (observed_at, page_id)) filter (member_count is not null)
        ) as audience_count,
    from raw.presences
    where
        observed_at >= getvariable('as_of_week') - 12 * 7
        and observed_at < getvariable('as_of')
    group by channel_id
),

channels as (
    select
        coverage.organization_key,
        coverage.channel_key,
        coverage.source,
        case when coverage.late_day_count > 0 then profiles.audience_count end as audience_count,
        coverage.late_day_count > 0 and coverage.early_day_count > 0 as is_seen_twice,
        case
            when coverage.late_day_count > 0 and profiles.audience_count is not null then 1
            else 0
        end::utinyint as participant_mark,
        case when is_seen_twice then 2 else 0 end::utinyint as early_mark,
        case when is_seen_twice then 4 else 0 end::utinyint as late_mark,
    from coverage
    left join profiles on coverage.channel_id = profiles.channel_id
),

-- What each act makes of a person: 1 a participant, 2 somebody early, 4 somebody late. A person's
-- key is another at every source.
persons as (
    select
        acts.organization_key,
        acts.author_number,
        count(*) as act_count,
        bit_or(
            case
                when acts.week <= getvariable('as_of_week') - 13 * 7 then channels.early_mark
                when acts.direction = 'to_organization'
                    then channels.late_mark | channels.participant_mark
                else channels.late_mark
            end
        ) as marks,
    from facts.acts
    join channels on acts.channel_key = channels.channel_key
    where
        acts.week > getvariable('as_of_week') - 26 * 7
        and acts.week <= getvariable('as_of_week')
        and acts.author_role = 'outsider'
        and acts.author_number is not null
        and acts.found_through <> 'answer'
        and acts.kind not in ('repost', 'bot_reply')
    group by acts.organization_key, acts.author_number
),

-- All that is asked of persons, counted in one go: those with as many acts each.
levels as (
    select
        organization_key,
        act_count,
        count(*) as person_count,
        count(*) filter (marks & 1 > 0) as participant_count,
        count(*) filter (marks & 2 > 0) as early_count,
        count(*) filter (marks & 6 = 6) as returning_count,
    from persons
    group by organization_key, act_count
),

totals as (
    select
        organization_key,
        sum(participant_count) as participant_count,
        sum(early_count) as early_count,
        sum(returning_count) as returning_count,
    from levels
    group by organization_key
),

audiences as (
    select
        organization_key,
        sum(audience_count) as audience_count,
        bool_or(is_seen_twice) as is_seen_twice,
    from channels
    group by organization_key
),

-- The most active tenth, rounded up: whole groups of persons with as many acts each, from the top.
ranked as (
    select
        organization_key,
        act_count,
        person_count,
        (sum(person_count) over (partition by organization_key) + 9) // 10 as tenth_count,
        sum(person_count) over (
            partition by organization_key order by act_count desc
        ) - person_count as more_active_count,
    from levels
),

tenths as (
    select
        organization_key,
        sum(person_count) as person_count,
        sum(act_count * person_count) as act_count,
        sum(act_count * least(person_count, greatest(0, tenth_count - more_active_count)))
            as tenth_act_count,
    from ranked
    group by organization_key
),

answered as (
    select
        organization_key,
        count(*) as question_count,
        count(*) filter (peer_waited_us < coalesce(waited_us, peer_waited_us + 1)) as peer_count,
    from rollups.waits
    where is_question and (waited_us is not null or peer_waited_us is not null)
    group by organization_key
),

-- The first key of a source covers all that is older; later ones make persons new.
changes as (
    select
        source,
        used_since,
    from raw.key_periods
    qualify used_since > min(used_since) over (partition by source)
),

spoken as (
    select
        acts.organization_key,
        channels.source,
        min(acts.occurred_at) as first_at,
        min(acts.occurred_at) filter (acts.week > getvariable('as_of_week') - 13 * 7)
            as first_late_at,
    from facts.acts
    join channels on acts.channel_key = channels.channel_key
    where
        channels.source in (select source from changes)
        and acts.week > getvariable('as_of_week') - 26 * 7
        and acts.week <= getvariable('as_of_week')
        and acts.author_role = 'outsider'
        and acts.author_number is not null
        and acts.found_through <> 'answer'
        and acts.kind not in ('repost', 'bot_reply')
    group by acts.organization_key, channels.source
),

rekeyed as (
    select
        spoken.organization_key,
        bool_or(changes.used_since > spoken.first_at) as is_in_26,
        bool_or(changes.used_since > spoken.first_late_at) as is_in_13,
    from spoken
    join changes on spoken.source = changes.source
    where changes.used_since < getvariable('as_of_week') + 14
    group by spoken.organization_key
),

measured as (
    select
        audiences.organization_key,
        'participants_per_1000_followers' as signal_code,
        coalesce(totals.participant_count, 0) * 1000 / nullif(audiences.audience_count, 0) as value,
        coalesce(totals.participant_count, 0) as numerator,
        audiences.audience_count as denominator,
        coalesce(totals.participant_count, 0) as n,
    from audiences
    left join totals on audiences.organization_key = totals.organization_key
    where audiences.audience_count is not null
    union all by name
    select
        organization_key,
        'peer_answer_share' as signal_code,
        peer_count as numerator,
        question_count as denominator,
        question_count as n,
        true as is_rate,
    from answered
    union all by name
    select
        organization_key,
        'top_decile_share' as signal_code,
        case when person_count >= 10 then tenth_act_count / act_count end as value,
        tenth_act_count as numerator,
        act_count as denominator,
        person_count as n,
    from tenths
    union all by name
    select
        organization_key,
        'returning_participant_share' as signal_code,
        returning_count as numerator,
        early_count as denominator,
        early_count as n,
        true as is_rate,
    from totals
    where early_count > 0
),

codes as (
    from (values
        ('participants_per_1000_followers', 13),
        ('peer_answer_share', 26),
        ('top_decile_share', 26),
        ('returning_participant_share', 26)
    ) as codes (signal_code, window_weeks)
),

-- What is known of each organization and signal, whether or not there is anything to count.
states as (
    select
        organizations.organization_id,
        organizations.organization_key,
        codes.signal_code,
        codes.window_weeks,
        watched.coverage_share,
        case
            when watched.organization_key is null then 'absent'
            when not watched.is_read then 'unobserved'
            when codes.signal_code = 'peer_answer_share' then ''
            when codes.window_weeks = 13 and rekeyed.is_in_13 then 'unobserved'
            when codes.window_weeks = 26 and rekeyed.is_in_26 then 'unobserved'
            when codes.window_weeks = 13 and audiences.audience_count is null then 'unobserved'
            when codes.signal_code = 'returning_participant_share' and not audiences.is_seen_twice
                then 'unobserved'
            else ''
        end as reason,
    from staging.organizations
    cross join codes
    left join watched
        on organizations.organization_key = watched.organization_key
        and codes.window_weeks = watched.window_weeks
    left join rekeyed on organizations.organization_key = rekeyed.organization_key
    left join audiences on organizations.organization_key = audiences.organization_key
),

-- Where there is a reason, no number is told: it would be one of persons counted twice.
wanted as (
    select
        *,
        case when reason = '' then signal_code end as wanted_code,
    from states
),

judged as (
    select
        wanted.organization_id,
        wanted.signal_code,
        wanted.window_weeks,
        wanted.coverage_share,
        wanted.reason,
        case
            when measured.is_rate and measured.n >= 20
                then measured.numerator / measured.denominator
            else measured.value
        end as value,
        measured.numerator,
        measured.denominator,
        coalesce(measured.n, 0)::bigint as n,
        coalesce(measured.is_rate, false) as is_rate,
    from wanted
    left join measured
        on wanted.organization_key = measured.organization_key
        and wanted.wanted_code = measured.signal_code
)

select
    organization_id,
    window_weeks,
    signal_code,
    value,
    numerator,
    denominator,
    n,
    case when is_rate then statistics.wilson_lower(numerator, denominator) end as lower,
    case when is_rate then statistics.wilson_upper(numerator, denominator) end as upper,
    coverage_share,
    is_rate and n < 20 as is_pooled,
    case
        when reason <> '' then reason
        when value is null and not is_rate then 'undefined'
        else ''
    end as missing_reason,
    'community-1' as method_version,
from judged

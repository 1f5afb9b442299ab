-- Keys of what has been deleted, hashed once more: the same key gives the same result, so that
-- who answered whom can still be counted, and nothing leads back without the secret, which is
-- bound as a variable and never stored here. Without a secret each result is another.
create schema if not exists privacy;

create macro privacy.blurred(key) as
    case
        when key = '' then ''
        else substr(sha256(coalesce(getvariable('blurring_secret'), uuid()::varchar) || key), 1, 32)
    end;

-- Spans of days, `from_day` to `until_day`, of a channel: those that touch or overlap become one.
create macro statistics.merged_spans(spans) as table
    with bounded as (
        select
            *,
            max(until_day) over (
                partition by channel_id order by from_day, until_day
                rows between unbounded preceding and 1 preceding
            ) as reached_day,
        from query_table(spans)
    ),

    numbered as (
        select
            *,
            count(*) filter (reached_day is null or from_day > reached_day + 1) over (
                partition by channel_id order by from_day, until_day
            ) as span_number,
        from bounded
    )

    select
        channel_id,
        min(from_day) as from_day,
        max(until_day) as until_day,
    from numbered
    group by channel_id, span_number;

-- The median of durations of which some were only seen to last longer (Kaplan and Meier 1958).
-- Takes `subject`, `duration_us` (whole microseconds that it lasted, or was watched for) and
-- `is_ended`; gives for each subject the median in hours, NULL when the curve stays above one
-- half, and its interval: where the 95 % band of the curve (Greenwood's variance, log-log scale)
-- crosses one half (Brookmeyer and Crowley 1982). At one moment what ended comes before what was
-- lost from sight. The curve is made with logarithms: hence 1e-9.
create macro statistics.kaplan_meier(durations) as table
    with steps as (
        select
            subject,
            duration_us,
            count(*) filter (is_ended) as ended,
            count(*) as leaving,
        from query_table(durations)
        group by subject, duration_us
    ),

    risks as (
        select
            *,
            sum(leaving) over (
                partition by subject order by duration_us desc
                rows between unbounded preceding and current row
            ) as at_risk,
        from steps
    ),

    factors as (
        select
            subject,
            duration_us,
            sum(ln(nullif(1 - ended / at_risk, 0))) over curve as log_open,
            bool_or(ended = at_risk) over curve as is_all_ended,
            sum(ended / nullif(at_risk * (at_risk - ended), 0)) over curve as greenwood,
        from risks
        where ended > 0
        window curve as (
            partition by subject order by duration_us
            rows between unbounded preceding and current row
        )
    ),

    curves as (
        select
            *,
            case when is_all_ended then 0 else exp(log_open) end as open_share,
            -- the band of S is S ^ exp(∓ z se / ln S): at one half where ln S reaches this
            1.959963984540054 * sqrt(greenwood) / nullif(abs(log_open), 0) as spread,
        from factors
    )

    select
        subject,
        min(duration_us) filter (open_share <= 0.5 + 1e-9) / 3600e6 as median_hours,
        min(duration_us) filter (
            is_all_ended or exp(log_open * exp(spread)) <= 0.5
        ) / 3600e6 as lower_hours,
        min(duration_us) filter (
            not is_all_ended and exp(log_open * exp(-spread)) <= 0.5
        ) / 3600e6 as upper_hours,
    from curves
    group by subject;

-- What all looks at a conversation add up to. A view with `shown_count` read the thread; one
-- without only mentions it in a list. Of several looks at one moment the last page counts.
create macro statistics.thread_states(views) as table
    select
        thread_id,
        arg_max(channel_id, (observed_at, page_id)) as channel_id,
        max(observed_at) filter (shown_count is not null) as read_at,
        arg_max(reply_count, (observed_at, page_id)) filter (shown_count is not null)
            as read_reply_count,
        arg_max(shown_count, (observed_at, page_id)) filter (shown_count is not null)
            as shown_count,
        coalesce(
            arg_max(is_truncated, (observed_at, page_id)) filter (shown_count is not null), false
        ) as is_truncated,
        coalesce(
            arg_max(withheld_count, (observed_at, page_id)) filter (shown_count is not null), 0
        ) as withheld_count,
        max(observed_at) as listed_at,
        arg_max(reply_count, (observed_at, page_id)) filter (reply_count is not null)
            as listed_reply_count,
        arg_max(page_id, (observed_at, page_id)) as listed_page_id,
    from query_table(views)
    group by thread_id;

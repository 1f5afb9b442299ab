-- One row per run, the latest first, those that were interrupted among them. Of paths in an error
-- only the last part is shown: where things lie on the machine is nobody's business.
-- Window: the latest 60 runs; times UTC.
-- NULL: ended_at while it runs, or when it was killed; failed_count when that was not recorded;
-- activity_count when the run left no attempt.
with latest as (
    select *
    from raw.runs
    order by started_at desc, run_id desc
    limit 60
),

shown as (
    select
        page_id,
        count(*) as activity_count,
    from raw.activities
    where
        not is_repeated
        and first_seen_at >= (select min(started_at) from latest)
    group by page_id
),

loaded as (
    select
        attempts.run_id,
        coalesce(sum(shown.activity_count), 0) as activity_count,
    from raw.attempts
    left join shown on attempts.page_id = shown.page_id
    where attempts.run_id in (select run_id from latest)
    group by attempts.run_id
)

select
    latest.run_id,
    latest.started_at,
    latest.ended_at,
    latest.state,
    latest.command,
    latest.channel_count,
    latest.due_count,
    latest.held_count,
    latest.failed_count,
    regexp_replace(latest.error, '(^|[\s''"(=])/(?:[^/\s''"]+/)+', '\1', 'g') as error,
    loaded.activity_count::bigint as activity_count,
    latest.flow_run_url,
from latest
left join loaded on latest.run_id = loaded.run_id
order by latest.started_at desc, latest.run_id desc

-- Grain: one row per run.
-- Window and clock: the latest 60 runs, the latest first; naive UTC.
-- NULL: ended_at of a run that had not ended, failed_count where it was not recorded,
-- activity_count of a run that left no attempt.
select
    run_id,
    started_at,
    ended_at,
    state,
    command,
    channel_count,
    due_count,
    held_count,
    failed_count,
    activity_count,
    error,
    flow_run_url,
from marts.runs
order by started_at desc, run_id desc

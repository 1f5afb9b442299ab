insert into raw.threads by name
with views as (
    from raw.thread_views
    where thread_id in (select thread_id from read_parquet($landed))
)

from statistics.thread_states('views')

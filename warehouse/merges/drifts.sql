merge into raw.drifts as known
using (
    select
        source,
        kind,
        path,
        found,
        min(observed_at) as first_seen_at,
        max(observed_at) as last_seen_at,
        count(*) as page_count,
        arg_min(channel_id, observed_at) as channel_id,
        arg_min(page_id, observed_at) as page_id,
    from read_parquet($landed)
    group by all
) as seen
on
    known.source = seen.source
    and known.kind = seen.kind
    and known.path = seen.path
    and known.found = seen.found
when matched then update set
    last_seen_at = greatest(known.last_seen_at, seen.last_seen_at),
    page_count = known.page_count + seen.page_count
when not matched then insert by name

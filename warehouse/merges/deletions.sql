insert into raw.deletions by name
select
    *,
    'tombstone' as reason,
from read_parquet($landed)

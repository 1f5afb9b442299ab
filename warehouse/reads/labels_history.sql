-- When codes were last read in, and how many have been corrected since they were.
select
    max(imported_at) as last_imported_at,
    count(superseded_at) as corrected_count,
from raw.labels

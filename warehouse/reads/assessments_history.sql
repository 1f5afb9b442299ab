-- One row: when an assessment was last taken in, and how many were corrected since.
select
    max(imported_at) as last_imported_at,
    count(superseded_at) as corrected_count,
from raw.assessments

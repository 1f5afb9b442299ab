-- A measurement has a value or says why not, never both; each organization has each once.
select
    organization_id,
    as_of_week,
    signal_code,
    count(*) as row_count,
from signals.measurements
group by all
having count(*) > 1 or bool_or((value is null) = (missing_reason = ''))

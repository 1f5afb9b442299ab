-- What one organization had put right, or asked for.
select
    corrected_field,
    channel_address,
    corrected_value,
    explanation,
    corrected_on,
    status,
from raw.corrections
where organization_id = $organization_id
order by corrected_on desc, corrected_field

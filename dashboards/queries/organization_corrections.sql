-- Grain: one row per correction that one organization asked for, the latest first.
-- Window and clock: everything known.
-- NULL: never.
select
    corrected_field,
    channel_address,
    corrected_value,
    explanation,
    corrected_on,
    status,
from marts.corrections
where organization_id = $organization_id
order by corrected_on desc, corrected_field, channel_address

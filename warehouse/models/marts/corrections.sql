-- One row per correction that a listed organization asked for, as the project's file has it.
-- Window: everything known.
-- NULL: never; channel_address and corrected_value '' where there is none.
select
    corrections.organization_id,
    corrections.corrected_field,
    corrections.channel_address,
    corrections.corrected_value,
    corrections.explanation,
    corrections.corrected_on,
    corrections.status,
from raw.corrections
semi join staging.organizations on corrections.organization_id = organizations.organization_id
order by corrections.organization_id, corrections.corrected_on, corrections.corrected_field

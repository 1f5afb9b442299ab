-- Grain: one row per reply of one organization, the latest first.
-- Window and clock: everything known.
-- NULL: never.
select
    replied_on,
    reply,
    signed_by,
from marts.replies
where organization_id = $organization_id
order by replied_on desc, reply

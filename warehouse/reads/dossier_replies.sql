-- What one organization replied to its result.
select
    replied_on,
    reply,
    signed_by,
from raw.replies
where organization_id = $organization_id
order by replied_on desc

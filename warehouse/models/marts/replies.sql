-- One row per reply of a listed organization to its result, as the project's file has it.
-- Window: everything known.
-- NULL: never.
select
    replies.organization_id,
    replies.replied_on,
    replies.reply,
    replies.signed_by,
from raw.replies
semi join staging.organizations on replies.organization_id = organizations.organization_id
order by replies.organization_id, replies.replied_on

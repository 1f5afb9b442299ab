-- One row per paragraph of the public notice to those whom the records are about (rule R10), in its
-- order.
-- Window: as of the publication.
-- NULL: never.
select
    position,
    heading,
    is_item,
    paragraph,
from raw.notice
order by position

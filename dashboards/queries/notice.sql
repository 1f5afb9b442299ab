-- Grain: one row per paragraph of the public notice, in its order.
-- Window and clock: as of the publication.
-- NULL: never.
select
    heading,
    is_item,
    paragraph,
from marts.notice
order by position

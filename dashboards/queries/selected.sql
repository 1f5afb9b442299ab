-- Shared: one week of the organizations that the filters leave; other queries read it as @selected.
-- Grain: one row per organization.
select *
from (
    @narrowed
)
where
    as_of_week = coalesce(
        try_cast(nullif($week, '') as date),
        (select as_of_week from marts.snapshot)
    )

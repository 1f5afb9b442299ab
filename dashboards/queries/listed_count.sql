-- Grain: one row, how many organizations the table has.
-- Window and clock: the week asked for.
-- NULL: never.
select count(*) as organization_count
from (
    @selected
)
where
    ($search = '' or contains(lower(name), lower($search)))
    and ($claimed = 0 or claimed_stage_code = $claimed)
    and (
        $observed = 0
        or (stage_code = $observed and not coalesce(is_abstained, false))
    )

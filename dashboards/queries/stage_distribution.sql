-- Grain: one row per week and observed stage; a stage that nobody has in a week has no row.
-- Window and clock: the weeks up to the one asked for, at most week_limit of them, oldest first.
-- NULL: stage_code is NULL for the abstained. Organizations without an estimate are not counted.
with bounds as (
    select
        coalesce(
            try_cast(nullif($week, '') as date),
            (select as_of_week from marts.snapshot)
        ) as last_week,
)

select
    as_of_week,
    case when not coalesce(is_abstained, false) then stage_code end as stage_code,
    count(*) as organization_count,
from (
    @narrowed
)
where
    (stage_code is not null or is_abstained)
    and as_of_week <= (select last_week from bounds)
    and as_of_week > (select last_week - 7 * $week_limit from bounds)
group by all
order by as_of_week, stage_code nulls first

-- Grain: one row per week of the organizations that the filters leave.
-- Window and clock: the weeks up to the one asked for, at most week_limit of them, oldest first.
-- NULL: never. Abstained estimates have a 90 % set, too, and count by its size; those of which no
-- set is known are in estimate_count alone.
with bounds as (
    select
        coalesce(
            try_cast(nullif($week, '') as date),
            (select as_of_week from marts.snapshot)
        ) as last_week,
),

sizes as (
    select
        as_of_week,
        stage_code is not null or coalesce(is_abstained, false) as is_estimated,
        coalesce(is_abstained, false) as is_abstained,
        set90_high - set90_low + 1 as set_size,
    from (
        @narrowed
    )
)

select
    as_of_week,
    count(*) as organization_count,
    count(*) filter (is_estimated) as estimate_count,
    count(*) filter (is_abstained) as abstained_count,
    count(*) filter (is_estimated and set_size = 1) as size_1_count,
    count(*) filter (is_estimated and set_size = 2) as size_2_count,
    count(*) filter (is_estimated and set_size = 3) as size_3_count,
    count(*) filter (is_estimated and set_size = 4) as size_4_count,
    count(*) filter (is_estimated and set_size = 5) as size_5_count,
    count(*) filter (is_estimated and set_size = 6) as size_6_count,
from sizes
cross join bounds
where
    as_of_week <= last_week
    and as_of_week > last_week - 7 * $week_limit
group by as_of_week
order by as_of_week

-- Grain: one row per ESM3 perspective and observed stage of organizations with public answers.
-- Window and clock: answers that hold; the stage is that of the week asked for.
-- NULL: stage_code is NULL for the abstained and those without an estimate.
-- The level of a perspective is the mean of its answered criteria, 1 to 3; a perspective without an
-- answered criterion is left out.
with levels as (
    select
        organization_id,
        left(item_code, 3) as perspective_code,
        avg(answer) as level,
    from marts.answers
    where
        instrument = 'esm3'
        and answer is not null
    group by all
)

select
    levels.perspective_code,
    case when not coalesce(selected.is_abstained, false) then selected.stage_code end as stage_code,
    count(*) as organization_count,
    avg(levels.level) as mean_level,
    min(levels.level) as lowest_level,
    max(levels.level) as highest_level,
from levels
inner join (
    @selected
) as selected
    on levels.organization_id = selected.organization_id
group by all
order by perspective_code, stage_code

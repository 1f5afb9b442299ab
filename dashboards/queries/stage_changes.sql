-- Grain: one row per organization that was estimated in the week asked for and a window before it.
-- Window and clock: the week asked for and earlier_week, so far before it that windows do not overlap.
-- NULL: never. The probabilities of a move take the two estimates as independent; counts are of all
-- organizations, also of those beyond row_limit.
with later as (
    select *
    from (
        @selected
    )
    where probability_1 is not null
),

earlier as (
    select *
    from marts.organizations
    where
        as_of_week = $earlier_week
        and probability_1 is not null
),

moves as materialized (
    select
        later.organization_id,
        later.name,
        earlier.as_of_week as earlier_week,
        earlier.stage_code as earlier_stage_code,
        earlier.is_abstained as earlier_is_abstained,
        earlier.set90_low as earlier_set90_low,
        earlier.set90_high as earlier_set90_high,
        later.stage_code,
        later.is_abstained,
        later.set90_low,
        later.set90_high,
        earlier.probability_1 as before_1,
        before_1 + earlier.probability_2 as before_2,
        before_2 + earlier.probability_3 as before_3,
        before_3 + earlier.probability_4 as before_4,
        before_4 + earlier.probability_5 as before_5,
        later.probability_1 as now_1,
        now_1 + later.probability_2 as now_2,
        now_2 + later.probability_3 as now_3,
        now_3 + later.probability_4 as now_4,
        now_4 + later.probability_5 as now_5,
        later.probability_2 * before_1
        + later.probability_3 * before_2
        + later.probability_4 * before_3
        + later.probability_5 * before_4
        + later.probability_6 * before_5 as rise_probability,
        earlier.probability_2 * now_1
        + earlier.probability_3 * now_2
        + earlier.probability_4 * now_3
        + earlier.probability_5 * now_4
        + earlier.probability_6 * now_5 as fall_probability,
    from later
    inner join earlier using (organization_id, model_version)
),

counts as (
    select
        count(*) as pair_count,
        count(*) filter (greatest(rise_probability, fall_probability) >= $likely)
            as likely_count,
    from moves
)

select
    organization_id,
    name,
    earlier_week,
    earlier_stage_code,
    earlier_is_abstained,
    earlier_set90_low,
    earlier_set90_high,
    stage_code,
    is_abstained,
    set90_low,
    set90_high,
    rise_probability,
    fall_probability,
    pair_count,
    likely_count,
from moves
cross join counts
order by greatest(rise_probability, fall_probability) desc, name
limit $row_limit

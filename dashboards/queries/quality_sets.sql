-- Grain: one row per group of labels and level of the prediction sets of one model.
-- Window and clock: the evaluation that is kept with the model. All labels first, then stages from
-- Planning on, then kinds of organizations; 90 % before 80 %.
-- NULL: coverage_share of a stage without labels; bounds where too few organizations can be drawn;
-- mean_set_size of all but the first group.
select
    group_kind,
    group_name,
    level,
    n,
    coverage_share,
    lower,
    upper,
    mean_set_size,
from marts.set_quality
where model_version = $model_version
order by
    list_position(['all', 'stage', 'industry', 'size', 'country', 'sources'], group_kind) nulls last,
    group_kind,
    list_position(
        ['planning', 'presence', 'engagement', 'formalized', 'strategic', 'converged'],
        case when group_kind = 'stage' then group_name end
    ),
    list_position(
        ['1-9', '10-49', '50-249', '250-999', '1000+'],
        case when group_kind = 'size' then group_name end
    ),
    group_name,
    level desc

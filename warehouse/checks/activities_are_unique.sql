-- An activity stands exactly once in the weeks that the build made anew; and when nothing waits to
-- be built, the facts hold as many acts as there are activities to be counted, since the first
-- week that has any.
select
    any_value(acts.organization_key)::varchar as organization,
    acts.act_key::varchar as act,
    count(*) as row_count,
from facts.acts
semi join facts.built
    on acts.organization_key = built.organization_key
    and acts.week = built.week
group by acts.act_key
having count(*) > 1
union all
select
    '' as organization,
    'all of raw.activities' as act,
    count(*) filter (occurred_at is not null and not is_repeated) as row_count,
from raw.activities
where occurred_at >= (select min(week) from facts.acts)
having
    row_count <> (select count(*) from facts.acts)
    and not exists (from raw.touched_weeks)

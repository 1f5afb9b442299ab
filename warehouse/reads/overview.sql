-- One row per organization of the published page, for the terminal.
select *
from marts.organizations
where as_of_week = $as_of_week
order by coalesce(stage_code, 0), name

-- Nothing has been built yet: everything is to be built.
select
    organization_id,
    null::date as week,
from raw.organizations
where first_listed_at <= getvariable('known_at')

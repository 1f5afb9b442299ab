-- One row per organization on the current list: its name, and the sources of its channels.
select
    organizations.name,
    coalesce(
        list(distinct channels.source) filter (channels.source is not null), []
    ) as sources,
from raw.organizations
left join raw.channels
    on organizations.organization_id = channels.organization_id
    and channels.last_listed_at = organizations.last_listed_at
where organizations.last_listed_at = (select max(last_listed_at) from raw.organizations)
group by organizations.organization_id, organizations.name
order by organizations.name

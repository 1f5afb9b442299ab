-- One row per organization of the published page, for the terminal: with what its rates rest on.
select
    organizations.*,
    coalesce(rates.n, 0) as reply_rate_72h_n,
    case
        when rates.is_pooled then 'undefined'
        else coalesce(rates.missing_reason, 'absent')
    end as reply_rate_72h_missing_reason,
    coalesce(hours.n, 0) as response_hours_median_n,
    coalesce(hours.missing_reason, 'absent') as response_hours_median_missing_reason,
from marts.organizations
left join marts.signals as rates
    on organizations.organization_id = rates.organization_id
    and organizations.as_of_week = rates.as_of_week
    and rates.signal_code = 'reply_rate_72h'
left join marts.signals as hours
    on organizations.organization_id = hours.organization_id
    and organizations.as_of_week = hours.as_of_week
    and hours.signal_code = 'response_hours_median'
where organizations.as_of_week = $as_of_week
order by coalesce(organizations.stage_code, 0), organizations.name

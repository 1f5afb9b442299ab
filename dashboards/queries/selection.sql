-- Grain: one row, what the filters leave of the snapshot's week.
-- Window and clock: the week of the snapshot.
-- NULL: never; a count of nothing is 0. Claims are compared wherever a position is known.
select
    count(*) as organization_count,
    count(*) filter (where stage_code is not null or is_abstained) as estimate_count,
    count(*) filter (where is_abstained) as abstained_count,
    count(*) filter (where claimed_stage_code is not null) as claim_count,
    count(*) filter (where claim_position is not null) as compared_count,
    count(*) filter (where claim_position = 'above') as above_count,
    count(*) filter (where claim_position = 'below') as below_count,
    count(*) filter (where claim_position = 'within') as within_count,
    coalesce(sum(channel_count), 0)::bigint as channel_count,
    coalesce(sum(readable_channel_count), 0)::bigint as readable_channel_count,
from marts.organizations
where
    as_of_week = (select as_of_week from marts.snapshot)
    and ($industry = '' or industry = $industry)
    and ($size = '' or size_class = $size)
    and ($country = '' or country = $country)

-- Grain: one row per peer and criterion of ESM3 that it answered publicly with a level.
-- Window and clock: the latest public answers of each; peers of the snapshot's week.
-- NULL: never; what cannot be said or was not answered has no row.
select
    answers.organization_id,
    answers.item_code,
    answers.answer,
from marts.answers as answers
inner join marts.organizations as peers using (organization_id)
where
    answers.instrument = 'esm3'
    and answers.answer is not null
    and peers.as_of_week = (select as_of_week from marts.snapshot)
    and peers.organization_id <> $organization_id
    and ($industry = '' or peers.industry = $industry)
    and ($size = '' or peers.size_class = $size)
order by answers.organization_id, answers.item_code

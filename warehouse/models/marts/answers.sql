-- One row per answered item of the latest public self-assessment of each listed organization by
-- each instrument; corrected ones left out. Of several of one day the one read in last.
-- Window: everything known.
-- NULL: answered_on when not given; answer of a respondent who looked and could not say.
with latest as (
    select *
    from raw.assessments
    where is_public and superseded_at is null
    qualify row_number() over (
        partition by organization_id, instrument
        order by answered_on desc nulls last, imported_at desc, assessment_id desc
    ) = 1
)

select
    latest.organization_id,
    latest.instrument,
    latest.instrument_version,
    latest.answered_on,
    answers.item_code,
    answers.answer,
    answers.evidence_url,
from latest
semi join staging.organizations on latest.organization_id = organizations.organization_id
join raw.answers
    on latest.assessment_id = answers.assessment_id
    and latest.imported_at = answers.imported_at
order by latest.organization_id, latest.instrument, answers.item_code

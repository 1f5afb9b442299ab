-- What respondents answered, as far as it holds; one row per assessment and answered item, and one
-- with an empty item_code where no item was answered.
select
    assessments.organization_id,
    assessments.instrument,
    assessments.instrument_version,
    assessments.respondent,
    assessments.respondent_role,
    assessments.answered_on,
    assessments.direct_stage_code,
    assessments.ambition_stage_code,
    assessments.is_public,
    assessments.note,
    assessments.assessment_id,
    coalesce(answers.item_code, '') as item_code,
    answers.answer,
    coalesce(answers.evidence_url, '') as evidence_url,
from raw.assessments
left join raw.answers
    on assessments.assessment_id = answers.assessment_id
    and assessments.imported_at = answers.imported_at
where assessments.superseded_at is null
order by
    assessments.organization_id,
    assessments.instrument,
    assessments.answered_on nulls first,
    assessments.respondent,
    assessments.assessment_id,
    answers.item_code

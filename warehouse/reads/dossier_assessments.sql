-- One row per answered item of one organization's questionnaires; corrected ones among them.
select
    assessments.instrument,
    assessments.answered_on,
    assessments.respondent,
    assessments.respondent_role,
    assessments.is_public,
    assessments.superseded_at,
    answers.item_code,
    answers.answer,
    answers.evidence_url,
from raw.assessments
left join raw.answers
    on assessments.assessment_id = answers.assessment_id
    and assessments.imported_at = answers.imported_at
where assessments.organization_id = $organization_id
order by assessments.answered_on desc, assessments.instrument, answers.item_code

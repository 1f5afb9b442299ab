-- Shared: every week of the organizations that the filters leave; other queries read it as @narrowed.
-- Grain: one row per organization and week, as in marts.organizations.
-- An empty value means all. Of several sources one is enough.
select *
from marts.organizations
where
    ($industry = '' or industry = $industry)
    and ($size = '' or size_class = $size)
    and ($country = '' or country = $country)
    and ($group = '' or list_contains(groups, $group))
    and (len($sources::varchar[]) = 0 or list_has_any(sources, $sources::varchar[]))

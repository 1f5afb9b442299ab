update raw.former_counts as former
set activity_id = privacy.blurred(former.activity_id)
from gone
where former.activity_id = gone.activity_id

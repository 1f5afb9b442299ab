delete from raw.activities
using gone
where activities.activity_id = gone.activity_id

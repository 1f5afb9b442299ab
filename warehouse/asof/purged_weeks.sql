-- What is left of acts that were purged since: they were known long before.
from raw.purged_weeks

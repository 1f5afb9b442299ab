insert into raw.seen_spans
from newer_spans

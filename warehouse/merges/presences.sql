insert into raw.presences by name
from read_parquet($landed)

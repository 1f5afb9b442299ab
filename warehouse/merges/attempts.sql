insert into raw.attempts by name
from read_parquet($landed)

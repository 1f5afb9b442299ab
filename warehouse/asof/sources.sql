-- What the terms forbid today is not derived of the past either.
from raw.sources

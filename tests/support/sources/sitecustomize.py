"""Makes the sources of this folder known to every process that has it on its PYTHONPATH."""

from pathlib import Path

import connectors

connectors.__path__.append(str(Path(__file__).parent))

"""The command `barograph` as a process of its own whose clock is simulated; see soak_clock.py."""

from __future__ import annotations

import sys

import soak_clock

if __name__ == "__main__":
    from flows.kept_out import keep_out

    keep_out("pandas")
    soak_clock.install()
    from flows.cli import main

    sys.argv[0] = "barograph"
    main()

"""Opens a warehouse for writing and dies, by a kill, at a given step of its upgrade; a script.

Arguments: the file, and the number of the step, from 0. Prints the names of the steps that were
done. Ends with status 0 when the upgrade took fewer steps.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from warehouse import backups, durable, migrations
from warehouse.db import open_warehouse

STEPS = (
    (backups, "_copy"),
    (durable, "sync"),
    (shutil, "copyfile"),
    (migrations, "_apply"),
    (migrations, "_bad_rows"),
    (migrations, "sync"),
    (Path, "replace"),
    (Path, "unlink"),
)


def main(path, last):
    done = 0

    def dying(step):
        def call(*given, **named):
            nonlocal done
            if done == last:
                os.kill(os.getpid(), signal.SIGKILL)
            done += 1
            sys.stdout.write(f"{step.__name__}\n")
            return step(*given, **named)

        return call

    for owner, name in STEPS:
        setattr(owner, name, dying(getattr(owner, name)))
    with open_warehouse(path):
        pass


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

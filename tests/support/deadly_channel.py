"""A channel whose page kills the process that parses it, as a fault in a C library would."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class DeadlyChannel:
    channel_id: str
    organization_id: str = "o"
    address: str = "http://deadly.example"

    @property
    def source(self):
        os._exit(3)

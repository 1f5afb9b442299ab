"""The terms register: under which rules each source may be asked (rules R1, R17, R18)."""

"""Every behaviour on the list has its test."""

import ast
import re
from collections import Counter
from pathlib import Path


def test_each_of_the_55_rows_has_at_least_one_test():
    numbers = Counter(
        int(found[1])
        for file in Path(__file__).parent.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and (found := re.match(r"test_row_(\d+)_", node.name))
    )
    assert sorted(numbers) == list(range(1, 56))

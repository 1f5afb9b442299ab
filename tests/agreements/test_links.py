"""Links between the documents of this repository lead somewhere."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_DEFINITION = re.compile(r"^\s{0,3}\[[^\]]+\]:\s+(\S+)", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_EXTERNAL = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def documents():
    """The Markdown of the repository itself, without what tests read as data."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/**/*.md")]
    return {path.relative_to(ROOT).as_posix(): path for path in sorted(found)}


@pytest.mark.parametrize("document", documents())
def test_every_link_leads_to_a_file_and_a_heading(document):
    assert broken_links(ROOT / document) == []


def test_a_broken_link_is_noticed(tmp_path):
    target = tmp_path / "other.md"
    target.write_text("# A First heading, `with` code!\n\n## Twice\n\n## Twice\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md) [b](other.md#a-first-heading-with-code) [c](other.md#twice-1)\n"
        "[d](https://example.org/missing) [e](#here) ![f](missing.svg)\n"
        "[g](other.md#nowhere) [h](#there) `[i](code.md)`\n\n# Here\n\n"
        "```\n[j](code.md)\n# There\n```\n\n[k]: missing.md\n"
    )
    assert broken_links(page) == ["missing.svg", "other.md#nowhere", "#there", "missing.md"]


def test_a_link_out_of_the_repository_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("[a](/etc/hostname)\n")
    assert broken_links(page) == ["/etc/hostname"]


def broken_links(page):
    prose = _CODE.sub("", _FENCE.sub("", page.read_text("utf-8")))
    links = [*_LINK.findall(prose), *_DEFINITION.findall(prose)]
    return [link for link in links if not _EXTERNAL.match(link) and not leads(page, link)]


def leads(page, link):
    place, _, heading = unquote(link).partition("#")
    if place.startswith("/"):
        return False
    target = page.parent / place if place else page
    return target.exists() and (not heading or heading in anchors(target))


def anchors(page):
    """Anchors of headings as GitHub makes them; the second of a name ends in -1."""
    found = []
    for heading in _HEADING.findall(_FENCE.sub("", page.read_text("utf-8"))):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.append(name)
        if (count := found.count(name)) > 1:
            found.append(f"{name}-{count - 1}")
    return found

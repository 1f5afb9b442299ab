"""Whom never to ask: what the setting and the file say together, checked before anyone is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.fetching.optout import OptOut
from flows.errors import InputError
from flows.optouts import read_opt_outs
from flows.settings import Settings

ENTRIES = ["example.org", "*.example.com", "192.0.2.7", "https://example.net/blog", "localhost"]
ADDRESSES = [
    "https://example.org/feed",
    "http://www.example.com:8080/",
    "http://192.0.2.7/",
    "https://example.net/blog/feed",
    "https://example.net/news",
    "http://localhost:1/",
    "https://other.example/",
]
LINES = st.lists(
    st.tuples(
        st.sampled_from(["", *ENTRIES]),
        st.sampled_from(["", " ", "\t# asked us in May", " #", "#x", "  "]),
    ).map("".join),
    max_size=6,
)


def test_without_setting_and_file_everyone_may_be_asked(tmp_path):
    assert read_opt_outs(Settings(folder=tmp_path)) == ()


def test_the_setting_and_the_file_are_one_list(tmp_path):
    write(tmp_path, "example.com\n")
    entries = read_opt_outs(Settings(folder=tmp_path, opt_out=("example.org",)))
    assert entries == ("example.org", "example.com")


@pytest.mark.parametrize(
    "text",
    [
        "# whom we leave alone\n\nexample.org # asked us in May\n",
        "\ufeffexample.org",
        "  example.org  \r\n",
        "example.org\nexample.org\n",
    ],
)
def test_comments_blank_lines_and_marks_of_editors_are_no_entries(tmp_path, text):
    write(tmp_path, text)
    assert read_opt_outs(Settings(folder=tmp_path)) == ("example.org",)


@pytest.mark.parametrize(
    "entry", ["example", "192.0.2.0/24", "*", "user@example.org", "ftp://a.b/"]
)
def test_a_line_that_names_nobody_is_told_with_its_file_number_and_remedy(tmp_path, entry):
    write(tmp_path, f"example.org\n# two\n{entry}\n")
    with pytest.raises(InputError) as failure:
        read_opt_outs(Settings(folder=tmp_path))
    (problem,) = failure.value.problems
    assert problem.startswith(f"{tmp_path / 'opt-out.txt'}: line 3 ")
    assert repr(entry) in problem
    assert "write for example example.org" in problem


@pytest.mark.parametrize("setting", ["opt_out", "robots_exempt"])
def test_an_entry_of_a_setting_that_names_nobody_is_told_with_its_number(tmp_path, setting):
    with pytest.raises(InputError) as failure:
        read_opt_outs(Settings(folder=tmp_path, **{setting: ("example.org", "two words")}))
    (problem,) = failure.value.problems
    assert problem.startswith(f"setting {setting}: entry 2 ")


def test_hosts_whose_robots_txt_does_not_count_are_no_opt_outs(tmp_path):
    assert read_opt_outs(Settings(folder=tmp_path, robots_exempt=("example.org",))) == ()


def test_a_file_that_is_no_text_is_told(tmp_path):
    (tmp_path / "opt-out.txt").write_bytes(b"example.org\n\xff\xfe\n")
    with pytest.raises(InputError, match=r"opt-out\.txt: .*save it as UTF-8"):
        read_opt_outs(Settings(folder=tmp_path))


@given(LINES)
def test_what_is_given_to_the_fetcher_covers_just_what_the_file_says(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("listed")
    text = "\n".join(lines)
    write(folder, text)
    meant = OptOut.from_text(text)
    kept = OptOut.from_entries(read_opt_outs(Settings(folder=folder)))
    for address in ADDRESSES:
        assert bool(kept.names(address)) is bool(meant.names(address))


def test_no_line_that_was_checked_fails_later(tmp_path):
    write(tmp_path, "192.0.2.0/24#x\nhttps://example.org/#top\n")
    OptOut.from_entries(read_opt_outs(Settings(folder=tmp_path)))


def write(folder, text):
    (folder / "opt-out.txt").write_text(text, "utf-8")

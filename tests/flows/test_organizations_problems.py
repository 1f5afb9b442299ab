"""Each mistake in a list gets one message that names the file, the line and the remedy."""

import pytest

from flows.errors import InputError
from flows.organizations import read_organizations

FEED = '{ source = "feeds", address = "https://a.example/feed" }'
ORGANIZATION = """\
# a comment that moves the lines
[[organization]]
id = "a"
name = "Acme"
"""


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        ("contry = 'NL'", "5: unknown key 'contry'; did you mean 'country'?"),
        ("Size = '1-9'", "5: unknown key 'Size'; did you mean 'size'?"),
        ("xyz = 'NL'", "5: unknown key 'xyz'; known keys: id, name, industry"),
        ("size = '300'", "5: size '300' is none of 1-9, 10-49, 50-249, 250-999, 1000+"),
        ("size = 300", "5: size = 300 must be text in quotes"),
        ("\ncountry = 'Netherlands'", "6: country 'Netherlands' is no ISO 3166 code such as NL"),
        ("timezone = 'CEST'", "5: timezone 'CEST' is no IANA name such as Europe/Paris"),
        ("timezone = '../x'", "5: timezone '../x' is no IANA name such as Europe/Paris"),
        ("groups = ['a', 'Big Towns']", "5: group 'Big Towns' must be kebab-case, such as"),
        ("groups = ['a', 'b c']", "5: group 'b c' must be kebab-case, such as large-cities"),
        ("groups = 3", "5: groups = 3 must be a list of texts in quotes"),
        ("groups = ['a', 3]", "5: groups = ['a', 3] must be a list of texts in quotes"),
        ("channels = 'feeds'", "5: channels is a list: channels = [{ source = …"),
        ("channels = 3", "5: channels is a list: channels = [{ source = …"),
        ("channels = ['feeds']", "5: a channel is a table { source = …, address = … }"),
        (
            "channels = [\n{ source = 'pigeons', address = 'x' }]",
            "6: unknown source 'pigeons'; known sources: ",
        ),
        ("channels = [\n\n{ address = 'x' }]", "7: channel without a source; known sources: "),
        ("channels = [\n{ source = 'feeds' }]", "6: channel without an address; add address = "),
        (
            "channels = [\n{ source = 'feeds', address = 'a.example/feed' }]",
            "6: 'a.example/feed' is no feed address: give the whole address, with http://",
        ),
        (
            "channels = [\n{ source = 'feeds', address = 'http://a.example/', role = 'boss' }]",
            "6: role 'boss' is none of official, staff-list, community",
        ),
        (
            "channels = [\n{ source = 'feeds', address = 'http://a.example/', rolle = 'x' }]",
            "6: unknown key 'rolle'; did you mean 'role'?",
        ),
        (
            f"channels = [\n{FEED},\n{FEED}]",
            "6: address 'https://a.example/feed' is listed twice; remove one",
        ),
        (
            "[[organization]]\nname = 'Friday'\nid = 'a'",
            "7: id 'a' is used twice (first on line 3); give each its own",
        ),
        ("[[organization]]\nname = 'b'", "5: organization without an id; add one such as"),
        ("[[organization]]\nid = 'City of X'", "6: id 'City of X' must be kebab-case, such as"),
        ("[[organization]]\nid = 'a--b'", "6: id 'a--b' must be kebab-case"),
        ("[[organization]]\nid = 'Ä'", "6: id 'Ä' must be kebab-case"),
        (
            "[[organisation]]\nid = 'b'",
            "5: unknown key 'organisation'; did you mean 'organization'?",
        ),
        ("[people]\nname = 'b'", "5: unknown key 'people'; known keys: organization"),
        ("name = 'b'", "5: not valid TOML: Cannot overwrite a value (at line 5, column 11)"),
        ("industry =", "5: not valid TOML: Invalid value (at line 5, column 11)"),
        ('industry = """x', "5: not valid TOML: Unterminated string"),
    ],
)
def test_a_mistake_in_toml(problems_of, added, problem):
    found = problems_of("a.toml", f"{ORGANIZATION}{added}\n")
    assert len(found) == 1
    assert problem in found[0]
    assert found[0].startswith(f"a.toml:{problem}" if problem[0].isdigit() else "a.toml:")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a.toml: lists no organization; add one (docs/organizations.md shows how)"),
        ("# nothing yet\n", "a.toml: lists no organization"),
        ("organization = []\n", "a.toml: lists no organization"),
        ("\n[organization]\nid = 'a'\n", "a.toml:2: write [[organization]], with two brackets"),
        ("organization = ['a']\n", "a.toml:1: write [[organization]], with two brackets"),
        ("organization = 'a'\n", "a.toml:1: write [[organization]], with two brackets"),
    ],
)
def test_a_toml_file_without_organizations(problems_of, text, problem):
    assert [each[: len(problem)] for each in problems_of("a.toml", text)] == [problem]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1: no column 'id'; the first line must name the columns"),
        ("id,name\n", " lists no organization; add one"),
        ("name\nAcme\n", "1: no column 'id'; the first line must name the columns"),
        ("id,contry\na,NL\n", "1: unknown key 'contry'; did you mean 'country'?"),
        ("id,name,name\na,b,c\n", "1: two columns 'name'; remove one"),
        ("id,name,\na,b,\n", "1: a column without a name; name it, or remove the comma"),
        ("id,name\na,Fish, Chips\n", "2: more cells than the header has columns; put quotes"),
        ("id,name\nb,B\na,A,,\n", "3: more cells than the header has columns; put quotes"),
        ("id,name\n,Acme\n", "2: organization without an id; add one such as"),
        ("id,size\na,big\n", "2: size 'big' is none of 1-9, 10-49"),
        ("id;country\na;NLD\n", "2: country 'NLD' is no ISO 3166 code such as NL"),
        ("id,timezone\na,Mars\n", "2: timezone 'Mars' is no IANA name such as Europe/Paris"),
        ("id,source,address\na,pigeons,x\n", "2: unknown source 'pigeons'; known sources: "),
        ("id,source,address\na,,http://a.example\n", "2: channel without a source; known"),
        ("id,source,address\na,feeds,a.example\n", "2: 'a.example' is no feed address"),
        (
            "id,name\na,Acme\nb,B\na,Apex\n",
            "4: name 'Apex' of id 'a' differs from 'Acme' on line 2; make them equal, or give",
        ),
        (
            "id,source,address,role\na,feeds,http://a.example/,\na,feeds,http://a.example/,community\n",
            "3: address 'http://a.example/' is listed twice; remove one",
        ),
        ('id,name\nb,B\na,"Acme\nc,C\n', "3: not valid CSV: unexpected end of data; look for a"),
        ('id,name\na,"Ac"me\n', "2: not valid CSV: ',' expected after '\"'; look for a quotation"),
        ("id\n" + "a" * 200_000, "2: not valid CSV: field larger than field limit"),
    ],
)
def test_a_mistake_in_csv(problems_of, text, problem):
    found = problems_of("a.csv", text)
    assert [each[: len(problem) + 6] for each in found] == [f"a.csv:{problem}"]


def test_all_mistakes_of_a_list_are_named_at_once(problems_of):
    toml = "".join(f'[[organization]]\nid = "o-{n}"\nsize = "{n}"\n' for n in range(4))
    found = problems_of("a.toml", toml)
    assert [each.split(" ")[0] for each in found] == [f"a.toml:{line}:" for line in (3, 6, 9, 12)]
    csv = "id,size,country\n" + "".join(f"o-{n},{n},NLD\n" for n in range(2))
    assert [each.split(" ")[0] for each in problems_of("a.csv", csv)] == ["a.csv:2:"] * 2 + [
        "a.csv:3:"
    ] * 2


def test_the_same_address_at_two_organizations_is_no_mistake(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(
        "".join(f'[[organization]]\nid = "{name}"\nchannels = [{FEED}]\n' for name in "ab")
    )
    first, second = read_organizations(path)
    assert first.channels[0].address == second.channels[0].address
    assert first.channels[0].channel_id != second.channels[0].channel_id


@pytest.mark.parametrize("name", ["a.toml", "a.csv"])
def test_a_text_in_another_encoding_is_named_with_its_line(problems_of, name):
    found = problems_of(name, "id,name\na,Caf\xe9\n".encode("iso-8859-1"))
    assert found == [f"{name}:2: not UTF-8 text; save it as UTF-8 (Excel calls it CSV UTF-8)"]


def test_another_kind_of_file_is_answered_with_those_that_are_read(problems_of):
    expected = "a.xlsx: unknown kind of file; organizations come as .toml, .csv or .opml"
    assert problems_of("a.xlsx", "") == [expected]


@pytest.mark.parametrize("name", ["a.toml", "a.csv", "a.opml"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(InputError) as caught:
        read_organizations(tmp_path / name)
    assert caught.value.problems == (
        f"{tmp_path / name}: cannot be read: No such file or directory",
    )


@pytest.fixture
def problems_of(tmp_path):
    """What is said of a list that cannot be used; the folder is left out."""

    def call(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(InputError) as caught:
            read_organizations(path)
        assert all(problem.startswith(f"{path}:") for problem in caught.value.problems)
        return [problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems]

    return call

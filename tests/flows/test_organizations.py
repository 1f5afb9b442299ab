"""TOML, CSV and OPML are read into the same organizations."""

import json
import re
from pathlib import Path

import pytest

from flows.errors import InputError
from flows.organizations import channel_identifier, find_organizations, read_organizations
from flows.organizations.model import organization_from_record

REPOSITORY = Path(__file__).parents[2]
TOML = """
[[organization]]
id = "town"
name = "Town"
industry = "public-administration"
size = "50-249"
country = "nl"
homepage = "https://town.example"
channels = [
  { source = "feeds", address = "https://town.example/a.xml", role = "official" },
  { source = "feeds", address = "https://town.example/b.xml", function = "press", region = "NL" },
]
[[organization]]
id = "shop"
timezone = "Europe/Paris"
groups = ["north", "large-cities", "north"]
"""
CSV = """id,name,industry,size,country,timezone,homepage,source,address,role,function,region,groups
town,Town,public-administration,50-249,nl,,https://town.example,feeds,https://town.example/a.xml,,,,
town,,,,,,,feeds,https://town.example/b.xml,official,press,NL,
shop,,,,,Europe/Paris,,,,,,,"large-cities; north"
"""
OPML = """<opml><body><outline text="{}"><outline text="Town" htmlUrl="https://town.example"
xmlUrl="https://town.example/a.xml"/></outline></body></opml>"""


def test_the_same_list_in_toml_and_csv_gives_the_same_organizations(read):
    assert read("a.toml", TOML) == read("a.csv", CSV)


def test_an_organization_is_read_with_everything_that_is_said_of_it(read):
    town, shop = read("a.toml", TOML)
    assert (town.organization_id, town.name) == ("town", "Town")
    assert (town.industry, town.size_class) == ("public-administration", "50-249")
    assert (town.country, town.timezone) == ("NL", "Europe/Amsterdam")
    assert town.homepage == "https://town.example"
    assert (town.groups, shop.groups) == ((), ("large-cities", "north"))
    first, second = town.channels
    assert (first.source, first.address) == ("feeds", "https://town.example/a.xml")
    assert (first.role, first.function, first.region) == ("official", "", "")
    assert (second.role, second.function, second.region) == ("official", "press", "NL")
    assert {channel.organization_id for channel in town.channels} == {"town"}
    assert (shop.name, shop.timezone, shop.channels) == ("shop", "Europe/Paris", ())


def test_opml_gives_what_a_list_of_names_websites_and_feeds_would_in_toml(read):
    toml = """[[organization]]
        id = "town"
        name = "Town"
        homepage = "https://town.example"
        channels = [{ source = "feeds", address = "https://town.example/a.xml" }]"""
    assert read("a.opml", OPML) == read("a.toml", toml)


def test_the_examples_of_the_documentation_are_the_same_list(read):
    page = (REPOSITORY / "docs" / "organizations.md").read_text("utf-8")
    toml, csv, opml = (
        read(f"a.{kind}", re.search(rf"```{fence}\n(.*?)```", page, re.DOTALL)[1])
        for kind, fence in [("toml", "toml"), ("csv", "csv"), ("opml", "xml")]
    )
    assert toml == csv
    assert [facts(organization) for organization in opml] == [facts(each) for each in toml]
    assert toml[0].timezone == "Europe/Amsterdam"


def test_a_channel_is_known_by_organization_source_and_address_alone(read):
    before = read("a.toml", TOML)[0].channels[1]
    after = read("a.toml", TOML.replace('"press"', '"support"'))[0].channels[1]
    assert before.channel_id == after.channel_id
    assert before.channel_id.startswith("town:feeds:")
    others = [("shop", "feeds", "a"), ("town", "other", "a"), ("town", "feeds", "b")]
    made = {channel_identifier(*each) for each in [("town", "feeds", "a"), *others]}
    assert len(made) == 4


def test_channel_names_never_change_between_versions():
    address = "https://town.example/a.xml"
    assert channel_identifier("town", "feeds", address) == "town:feeds:bc4958781f"


def test_channels_may_also_be_tables_of_their_own(read):
    toml = """[[organization]]
        id = "town"
        [[organization.channels]]
        source = "feeds"
        address = "https://town.example/a.xml"
        """
    assert [channel.address for channel in read("a.toml", toml)[0].channels] == [
        "https://town.example/a.xml"
    ]


@pytest.mark.parametrize(
    "variant",
    [
        lambda text: text.replace(",", ";"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\n\n") + ",,,,,,,,,,,,\n",
        lambda text: text.replace(",Town,", ',"Town",').replace(",feeds,", ", feeds ,"),
    ],
    ids=["semicolons", "byte order mark", "windows", "old mac", "empty rows", "quotes, spaces"],
)
def test_csv_comes_in_the_variants_that_spreadsheets_write(read, variant):
    assert read("a.csv", variant(CSV)) == read("a.toml", TOML)


def test_a_name_may_contain_commas_and_line_breaks_in_quotes(read):
    organization = read("a.csv", 'id,name\na,"Fish, Chips\n& Peas"\n')[0]
    assert organization.name == "Fish, Chips\n& Peas"


def test_rows_of_an_organization_need_not_stand_together(read):
    rows = "id,source,address\na,feeds,http://a.example/1\nb,,\na,feeds,http://a.example/2\n"
    first, second = read("a.csv", rows)
    assert (first.organization_id, len(first.channels)) == ("a", 2)
    assert (second.organization_id, len(second.channels)) == ("b", 0)


def test_the_order_of_the_list_is_kept(read):
    toml = "".join(f'[[organization]]\nid = "o-{number}"\n' for number in (3, 1, 2))
    assert [each.organization_id for each in read("a.toml", toml)] == ["o-3", "o-1", "o-2"]


def test_an_organization_survives_its_record(read):
    for organization in read("a.toml", TOML):
        assert organization_from_record(organization.record()) == organization
        as_archived = json.loads(json.dumps(organization.record()))
        assert organization_from_record(as_archived) == organization


def test_a_record_from_before_there_were_groups_is_read_as_one_without(read):
    record = read("a.toml", TOML)[1].record()
    del record["groups"]
    assert organization_from_record(record).groups == ()


@pytest.mark.parametrize("name", ["organizations.toml", "organizations.csv", "organizations.opml"])
def test_a_list_under_its_usual_name_is_found(tmp_path, name):
    (tmp_path / name).write_text("")
    assert find_organizations(tmp_path, "") == tmp_path / name


def test_toml_is_found_before_csv_and_a_named_file_before_both(tmp_path):
    for name in ("organizations.csv", "organizations.toml", "mine.csv"):
        (tmp_path / name).write_text("")
    assert find_organizations(tmp_path, "").name == "organizations.toml"
    assert find_organizations(tmp_path, "mine.csv").name == "mine.csv"
    assert find_organizations(Path("/"), str(tmp_path / "mine.csv")).name == "mine.csv"


def test_without_a_list_the_message_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"barograph init.*--organizations"):
        find_organizations(tmp_path, "")
    with pytest.raises(InputError, match=r"absent\.toml: no such file"):
        find_organizations(tmp_path, "absent.toml")


def facts(organization):
    """What OPML can say of an organization."""
    addresses = tuple(channel.address for channel in organization.channels)
    return organization.organization_id, organization.name, organization.homepage, addresses


@pytest.fixture
def read(tmp_path):
    """Reads a list from its file name and text."""

    def call(name, text):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return read_organizations(path)

    return call

"""Settings come from the file, then the environment, then the command line."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from flows.errors import InputError
from flows.settings import Settings, load_settings, prefect_is_configured, prepare_prefect

NAMES = [field.name for field in fields(Settings) if field.name != "folder"]


def test_without_anything_there_are_defaults(project):
    settings = project("")
    assert (settings.contact, settings.data, settings.allow_host) == ("", "data", ())
    assert (settings.host_parallel, settings.host_spacing_seconds) == (None, None)
    assert (settings.deadline_seconds, settings.body_megabytes) == (30.0, 15.0)


def test_a_project_needs_no_file(tmp_path):
    assert load_settings(tmp_path) == Settings(folder=tmp_path)


def test_the_environment_goes_before_the_file_and_the_command_line_before_both(
    project, monkeypatch
):
    text = 'contact = "file"\ndata = "file"\nclaims = "file"'
    monkeypatch.setenv("BAROGRAPH_DATA", "environment")
    monkeypatch.setenv("BAROGRAPH_CLAIMS", "environment")
    settings = project(text, claims="override")
    assert (settings.contact, settings.data) == ("file", "environment")
    assert settings.claims == "override"


@pytest.mark.parametrize("given", [None, ()])
def test_what_is_not_given_on_the_command_line_overrides_nothing(project, given):
    assert project('allow_host = ["a"]', allow_host=given).allow_host == ("a",)


def test_an_empty_variable_counts_as_not_set(project, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_CONTACT", "")
    assert project('contact = "file"').contact == "file"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("contact", "me@example.org", "me@example.org"),
        ("host_parallel", "3", 3),
        ("host_spacing_seconds", "0.5", 0.5),
        ("host_spacing_seconds", "0", 0.0),
        ("allow_host", "localhost, 10.0.0.0/8 ::1", ("localhost", "10.0.0.0/8", "::1")),
    ],
)
def test_a_variable_is_read_as_its_kind(project, monkeypatch, name, text, value):
    monkeypatch.setenv(f"BAROGRAPH_{name.upper()}", text)
    assert getattr(project(""), name) == value


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_can_stand_in_the_file_and_in_the_environment(project, monkeypatch, name):
    assert getattr(project(f'{name} = "700"'), name) in {"700", 700, ("700",)}
    monkeypatch.setenv(f"BAROGRAPH_{name.upper()}", "800")
    assert getattr(project(""), name) in {"800", 800, ("800",)}


def test_a_whole_number_will_do_for_a_number(project):
    spacing = project("host_spacing_seconds = 2").host_spacing_seconds
    assert (spacing, type(spacing)) == (2.0, float)


def test_hosts_may_be_a_list_or_one_text(project):
    assert project('allow_host = ["a", "b"]').allow_host == ("a", "b")
    assert project('allow_host = "a b"').allow_host == ("a", "b")


def test_an_unknown_setting_is_named_with_those_that_are_known(project):
    with pytest.raises(InputError) as caught:
        project('contacts = "x"')
    message = str(caught.value)
    assert "barograph.toml: unknown setting 'contacts'" in message
    assert all(name in message for name in NAMES)


def test_the_folder_is_no_setting(project):
    with pytest.raises(InputError, match="unknown setting 'folder'"):
        project('folder = "elsewhere"')


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("contact = 5", "text"),
        ('contact = ["a"]', "text"),
        ('host_parallel = "two"', "a whole number of at least 1"),
        ("host_parallel = 2.5", "a whole number of at least 1"),
        ("host_parallel = true", "a whole number of at least 1"),
        ("host_parallel = 0", "a whole number of at least 1"),
        ("batch_channels = -1", "a whole number of at least 1"),
        ("host_spacing_seconds = -1", "a number of at least 0"),
        ("host_spacing_seconds = nan", "a number of at least 0"),
        ("host_spacing_seconds = inf", "a number of at least 0"),
        ("host_spacing_seconds = false", "a number of at least 0"),
        ("allow_host = 5", "a list of texts"),
        ("allow_host = [5]", "a list of texts"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_what_is_wanted(project, line, wanted):
    name = line.split(" ")[0]
    with pytest.raises(InputError, match=rf"barograph\.toml: {name} = .* is not {wanted}$"):
        project(line)


def test_a_wrong_variable_is_named_as_such(project, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_HOST_PARALLEL", "many")
    expected = "BAROGRAPH_HOST_PARALLEL: host_parallel = 'many' is not a whole number"
    with pytest.raises(InputError, match=re.escape(expected)):
        project("")


@pytest.mark.parametrize("content", [b"contact =", b'contact = "caf\xe9"'])
def test_a_file_that_is_no_toml_is_named(tmp_path, content):
    (tmp_path / "barograph.toml").write_bytes(content)
    with pytest.raises(InputError, match=r"barograph\.toml: not valid TOML"):
        load_settings(tmp_path)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    (tmp_path / "barograph.toml").write_text('contact = "a"', "utf-8-sig")
    assert load_settings(tmp_path).contact == "a"


def test_the_data_folder_lies_in_the_project_unless_it_is_absolute(tmp_path):
    assert Settings(folder=tmp_path).data_folder == tmp_path / "data"
    assert Settings(folder=tmp_path, data="/srv/data").data_folder == Path("/srv/data")


def test_prefect_is_kept_inside_the_project_and_quiet(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_HOME", "kept")
    monkeypatch.setenv("DO_NOT_TRACK", "")
    monkeypatch.delenv("DO_NOT_TRACK")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert not prefect_is_configured()
    environment = {}
    monkeypatch.setattr("os.environ", environment | {"PREFECT_API_URL": "http://127.0.0.1:1/api"})
    assert prefect_is_configured()
    monkeypatch.setattr("os.environ", environment)
    prepare_prefect(tmp_path)
    assert environment["PREFECT_HOME"] == str(tmp_path / "prefect")
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["DO_NOT_TRACK"] == "1"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Loads the settings of a project whose file has this text."""
    for name in NAMES:
        monkeypatch.delenv(f"BAROGRAPH_{name.upper()}", raising=False)

    def call(text, **overrides):
        (tmp_path / "barograph.toml").write_text(text)
        return load_settings(tmp_path, overrides)

    return call

"""A questionnaire that is sent: one file in the inbox, private, in the layout of the import."""

import csv
import io
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from questionnaires import (
    DAY,
    FROM_HERE,
    ORGANIZATION,
    altimeter,
    app_of,
    browser_of,
    esm3,
    hidden,
    opened,
    sent,
    text_of,
)

from classifiers.assessing.answer_files import read_answers
from classifiers.assessing.answer_rows import Expected
from classifiers.assessing.answer_templates import template_rows
from classifiers.assessing.instrument import read_instrument
from dashboards.assessing import intake

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "שלום עולם",
    "+1+1",
    "-2",
    "@SUM(A1)",
    'comma, "quotes"; and\nlines',
    "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe",
    "x" * 200,
)


@pytest.fixture
def app(publish, town, tmp_path):
    return app_of(publish(*town), tmp_path)


@pytest.fixture
def browser(app):
    return browser_of(app)


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "inbox"


def waiting(inbox):
    return sorted(path for path in inbox.glob("*") if path.is_file())


def imported(path):
    """What the import reads in a file."""
    known = Expected(organization_ids=frozenset([ORGANIZATION]), latest_day=date(2999, 1, 1))
    (answers,) = read_answers(path, known).answers
    return answers


def test_what_is_sent_waits_in_the_inbox_as_the_import_reads_it(browser, inbox):
    response = sent(
        browser, answers=altimeter(3, respondent="press", respondent_role="press office")
    )
    (path,) = waiting(inbox)
    answers = imported(path)
    assert response.status_code == 200
    assert (answers.organization_id, answers.respondent) == (ORGANIZATION, "press")
    assert (answers.respondent_role, answers.answered_on) == ("press office", date(2026, 11, 20))
    assert (answers.direct_stage_code, answers.ambition_stage_code) == (4, 5)
    assert answers.unanswered == ()
    assert not answers.is_public
    assert sum(answers.given.values()) == 2 * 18


def test_the_file_is_private_and_nothing_unfinished_stays(browser, inbox):
    sent(browser)
    assert [stat.S_IMODE(path.stat().st_mode) for path in inbox.iterdir()] == [0o600]
    assert stat.S_IMODE(inbox.stat().st_mode) == 0o700


def test_a_form_sent_twice_is_one_file_and_one_result(browser, inbox):
    page = opened(browser)
    first, second = sent(browser, page=page), sent(browser, page=page)
    assert str(first.url) == str(second.url)
    assert len(waiting(inbox)) == 1


def test_a_form_sent_twice_at_once_is_one_file(app, browser, inbox):
    page = opened(browser)
    cookie = {"cookie": f"barograph_form={browser.cookies['barograph_form']}"}

    def send(_):
        return sent(browser_of(app), page=page, headers=FROM_HERE | cookie)

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(send, range(6)))
    assert {response.status_code for response in found} == {200}
    assert len({str(response.url) for response in found}) == 1
    assert len(waiting(inbox)) == 1


def test_a_form_sent_again_after_the_import_is_not_handed_in_again(browser, inbox):
    page = opened(browser)
    first = sent(browser, page=page)
    (path,) = waiting(inbox)
    (inbox / "imported").mkdir()
    path.rename(inbox / "imported" / path.name)
    second = sent(browser, page=page)
    assert str(first.url) == str(second.url)
    assert waiting(inbox) == []
    assert "The project has taken in your answers." in text_of(second)


def test_a_file_that_a_crash_kept_out_of_the_inbox_is_written_when_the_form_is_sent_again(
    browser, inbox
):
    page = opened(browser)
    sent(browser, page=page)
    (path,) = waiting(inbox)
    content = path.read_bytes()
    path.unlink()
    sent(browser, page=page)
    assert [(each.name, each.read_bytes()) for each in waiting(inbox)] == [(path.name, content)]


def test_changed_answers_of_one_form_are_a_later_file_of_the_same_respondent(browser, inbox):
    page = opened(browser)
    sent(browser, page=page, answers=altimeter(5))
    sent(browser, page=page, answers=altimeter(2))
    first, second = map(imported, waiting(inbox))
    assert first.identity == second.identity
    assert sum(second.given.values()) < sum(first.given.values())


def test_two_forms_without_a_code_are_two_respondents(browser, inbox):
    sent(browser)
    sent(browser)
    first, second = map(imported, waiting(inbox))
    assert first.respondent != second.respondent
    assert first.respondent.startswith("web-")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_notes_are_kept_as_given_and_shown_as_text(browser, inbox, text):
    response = sent(browser, answers=altimeter(note=text))
    (path,) = waiting(inbox)
    assert imported(path).note == text
    assert "<script>alert" not in response.text
    assert "<img" not in response.text
    assert " ".join(text.split()) in text_of(response)
    address = str(response.url)
    assert json.loads(browser.get(f"{address}/answers.json").text)[0]["note"] == text
    (row,) = csv.DictReader(io.StringIO(browser.get(f"{address}/answers.csv").text, newline=""))
    guarded = f"'{text}" if text[0] in "+-@" else text
    assert row["note"].replace("\r\n", "\n") == guarded


@pytest.mark.parametrize("text", ["press <b>bold</b>", "שלום", "a" * 60, 'press, "office"'])
def test_a_hostile_function_is_shown_as_text(browser, inbox, text):
    response = sent(browser, answers=altimeter(respondent_role=text))
    assert imported(*waiting(inbox)).respondent_role == text
    assert text in text_of(response)
    assert "<b>bold</b>" not in response.text


def test_a_hostile_link_is_a_link_to_nothing_else(browser):
    link = 'https://example.org/"><script>alert(1)</script>'
    response = sent(browser, "esm3", esm3(EMP1_evidence=link))
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert 'rel="nofollow noopener noreferrer"' in response.text


@pytest.mark.parametrize(
    ("code", "filled"),
    [
        ("altimeter", altimeter(4, note="A remark", respondent_role="board", public="yes")),
        ("altimeter", altimeter(2, ST2="cannot say", stage="cannot say")),
        ("esm3", esm3(2, EMP1_evidence="https://example.org/a?b=c", TEC1="cannot say")),
        ("esm3", esm3(3, BUS3a="yes", BUS3b="no")),
    ],
)
def test_downloaded_answers_are_what_the_import_takes(browser, inbox, tmp_path, code, filled):
    address = str(sent(browser, code, filled).url)
    (path,) = waiting(inbox)
    for kind in ("json", "csv"):
        copy = tmp_path / f"answers.{kind}"
        copy.write_bytes(browser.get(f"{address}/answers.{kind}").content)
        assert imported(copy) == imported(path)


def test_the_sheet_of_answers_has_the_columns_of_the_template(browser):
    address = str(sent(browser, "esm3").url)
    text = browser.get(f"{address}/answers.csv").text
    assert next(csv.reader([text.splitlines()[0]])) == template_rows(read_instrument("esm3"))[0]


def test_ten_submissions_an_hour_are_taken_and_checks_are_free(browser, inbox):
    for _ in range(intake.SUBMISSIONS_AN_HOUR):
        assert sent(browser, answers={"ST1": "1"}).status_code == 422
    pages = [opened(browser) for _ in range(intake.SUBMISSIONS_AN_HOUR + 1)]
    found = [sent(browser, page=page).status_code for page in pages]
    assert found == [200] * intake.SUBMISSIONS_AN_HOUR + [429]
    assert len(waiting(inbox)) == intake.SUBMISSIONS_AN_HOUR
    again = sent(browser, page=pages[0])
    assert again.status_code == 200, "what was taken before is no further submission"


def test_too_many_at_a_time_are_told_when_to_come_back(
    browser, monkeypatch, publish, town, tmp_path
):
    monkeypatch.setattr(intake, "SAVES_AN_HOUR", 2)
    browser = browser_of(app_of(publish(*town), tmp_path))
    found = [sent(browser, answers={"ST1": "1"}, wanted="save") for _ in range(3)]
    assert [response.status_code for response in found] == [200, 200, 429]
    assert 0 < int(found[2].headers["retry-after"]) <= 3600
    assert "Try again in 60 minutes" in text_of(found[2])


def test_a_full_inbox_takes_no_more_and_says_so(browser, inbox, monkeypatch):
    monkeypatch.setattr(intake, "MOST_WAITING", 3)
    inbox.mkdir()
    for number in range(3):
        (inbox / f"{number}.csv").touch()
    response = sent(browser)
    assert response.status_code == 503
    assert "As many files wait to be imported as this project takes" in text_of(response)
    assert len(waiting(inbox)) == 3


def test_there_are_only_so_many_drafts(browser, monkeypatch, tmp_path):
    monkeypatch.setattr(intake, "MOST_DRAFTS", 1)
    first = sent(browser, answers={"ST1": "1"}, wanted="save")
    assert sent(browser, answers={"ST1": "1"}, wanted="save").status_code == 503
    again = sent(browser, answers={"ST1": "2"}, wanted="save", page=first)
    assert again.status_code == 200, "a draft that is there may be saved again"
    assert len(list((tmp_path / "kept" / "drafts").iterdir())) == 1


def test_answers_about_nobody_on_the_list_are_not_taken(browser, inbox):
    fields = {**hidden(opened(browser)), **altimeter(), "organization": "nobody", "wanted": "send"}
    assert browser.post("/assess/altimeter", data=fields, headers=FROM_HERE).status_code == 404
    assert not inbox.exists()


def test_the_day_is_proposed(browser):
    assert f'value="{date.today():%Y}' in opened(browser).text  # noqa: DTZ011 - the year will do
    assert DAY not in opened(browser).text

"""What the page on quality says, on small snapshots."""

import csv
import io
import re
from datetime import date, datetime

import numpy as np
import pytest
from lxml import html

from classifiers.coldstart import SOURCES as TAUGHT_BY
from classifiers.evaluating import cautions
from classifiers.evaluating.pipeline import Drawn
from classifiers.evaluating.scores import Resampler, point_scores, row_parts
from dashboards.answering import Wanted, gathered, make
from dashboards.asked import UnknownValueError
from dashboards.pages import quality_words
from dashboards.pages.quality import QUALITY, QualityView

MODEL = "offset-1+abc"
TRAINED = datetime(2026, 11, 1, 12, 30)  # noqa: DTZ001 - marts hold naive UTC
STAGES = ("planning", "presence", "engagement", "formalized", "strategic", "converged")


@pytest.fixture
def tested(read, town):
    """A snapshot whose model was tested; arguments replace rows of its tables."""
    return lambda **tables: read(*town, tables=evaluated() | tables)


def test_the_finding_tells_what_was_tested_and_what_the_sets_held(tested):
    found = finding(page_of(tested()))
    assert "Tested on 84 labels of organizations that the model had not seen." in found
    assert (
        "Its 90 % sets held the stage that raters gave to 91 % of them (95 % interval 83 to 96 %):"
        " that agrees with the 90 % promised." in found
    )
    assert "A 90 % set holds 2.9 of six stages on average;" in found


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0.92, 0.99, "more than the 90 % promised, so they are wider than they need be."),
        (0.7, 0.88, "less than the 90 % promised. Read them as too narrow."),
        (0.9, 0.9, "that agrees with the 90 % promised."),
        (None, None, "too few organizations for an interval."),
    ],
)
def test_the_promise_is_judged_by_the_interval_and_not_by_the_point(tested, low, high, told):
    sets = [coverage("all", "", 0.9, 84, 0.9, low, high)]
    assert told in finding(page_of(tested(set_quality=sets)))


def test_what_an_evaluation_does_not_tell_is_said(tested):
    assert "What this does not tell" in text(page_of(tested()))


def test_a_stage_whose_labels_the_sets_missed_is_told_from_ten_labels_on(tested):
    sets = [
        coverage("all", "", 0.9, 84, 0.9, 0.8, 0.95),
        coverage("stage", "strategic", 0.9, 9, 0.3, 0.1, 0.6),
        coverage("stage", "formalized", 0.9, 10, 0.6, 0.3, 0.8),
        coverage("stage", "presence", 0.9, 30, 0.66, 0.5, 0.8),
        coverage("stage", "formalized", 0.8, 10, 0.5, 0.2, 0.8),
    ]
    page = text(page_of(tested(set_quality=sets)))
    assert "held far fewer: Formalized: 60 % (n = 10)." in page


def test_the_limits_of_that_are_those_of_the_evaluation():
    assert quality_words.LOW_COVERAGE == cautions.LEAST_STAGE_COVERAGE
    assert quality_words.FEWEST_FOR_LOW_COVERAGE == cautions.FEWEST_OF_A_STAGE


def test_coverage_stands_by_stage_in_their_order_and_then_by_kind(tested):
    rows = table_named(page_of(tested()), "Do the sets hold what they promise?")
    assert [row[:4] for row in rows[1:4]] == [
        ["All labels", "all", "90 %", "84"],
        ["All labels", "all", "80 %", "84"],
        ["By stage that raters gave", "Planning", "90 %", "14"],
    ]
    shown = [row[1] for row in rows[3::2]]
    assert shown == [name.capitalize() for name in STAGES] + ["finance", "retail", "10-49", "1000+"]
    assert rows[1][4:] == ["91 %", "83 %", "96 %", "2.9"]
    assert rows[3][-1] == "not told"


def test_a_stage_without_labels_is_not_shown_as_zero(tested):
    sets = [coverage("stage", "converged", 0.9, 0, None, None, None)]
    page = page_of(tested(set_quality=sets))
    row = table_named(page, "Do the sets hold what they promise?")[1]
    assert row[3:] == ["0", "not known", "not known", "not known", "not told"]


def test_each_threshold_has_its_diagram_with_n(tested):
    page = page_of(tested())
    headings = page.xpath("//*[contains(@class, 'reliability')]/*[@class='heading']/text()")
    assert headings == ["Planning", *(f"{n.capitalize()} or lower" for n in STAGES[1:5])]
    rows = table_named(page, "Do the probabilities come true?")
    assert rows[1] == ["Planning", "1", "25 %", "30 %", "10 %", "60 %", "42"]
    assert len(rows) == 1 + 10


def test_measures_come_with_interval_n_and_what_they_say(tested):
    rows = table_named(page_of(tested()), "How far off are the estimates?")
    assert rows[1][:5] == ["Mean absolute error", "0.52", "0.41", "0.66", "84"]
    assert rows[1][5].startswith("Stages between the median of the estimate and the raters")
    assert rows[2][:4] == ["Bias", "\N{MINUS SIGN}0.06", "not known", "not known"]
    assert rows[3][0] == "new figure"


def test_the_page_knows_every_figure_of_an_evaluation():
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.ones(6), 30)
    drawn = Drawn(probabilities, {0.9: probabilities > 0.1}, "offset")
    parts = row_parts([drawn], generator.integers(1, 7, 30))
    found = point_scores(parts, Resampler(np.arange(30).astype(str), 10))
    assert set(quality_words.MEASURES) == {*found, "calibration_error_by_chance"}


def test_the_page_knows_whatever_can_teach_a_model():
    assert set(quality_words.SOURCES) == set(TAUGHT_BY)


def test_a_model_that_was_never_tested_is_said_to_be_so(read, town):
    page = page_of(read(*town, tables={"models": [model("cold-start-1", "simulator", labels=0)]}))
    assert finding(page).startswith(
        "This model was never tested on organizations whose stage is known."
    )
    assert "It learned from simulated worlds alone." in text(page)
    assert "docs/model-card.md" in text(page)
    commands = page.xpath("//ol[@class='steps']//code/text()")
    assert commands == [
        "barograph labels next",
        "barograph labels template",
        "barograph labels import",
        "barograph evaluate",
        "barograph publish",
    ]
    assert not page.xpath("//section[@aria-labelledby='sets' or @aria-labelledby='reliability']")


def test_a_model_of_labels_that_was_not_tested_is_not_called_simulated_alone(read, town):
    taught = model(MODEL, "offset", labels=1200)
    shown = text(page_of(read(*town, tables={"models": [taught]})))
    assert "It learned from simulated worlds and 1,200 expert codes." in shown
    assert "Its sets rest on these worlds" not in shown


def test_a_model_of_self_assessments_says_why_it_has_no_evaluation(read, town):
    taught = model(MODEL, "recalibrated", labels=40) | {"claim_count": 12}
    shown = text(page_of(read(*town, tables={"models": [taught]})))
    assert "simulated worlds and 40 expert codes and 12 self-assessments" in shown
    assert "never kept with a model that learned from self-assessments" in shown


def test_too_few_labels_are_no_test(read, town):
    few = model(MODEL, "recalibrated", labels=12) | {
        "is_evaluated": True,
        "evaluated_label_count": 12,
    }
    page = page_of(read(*town, tables={"models": [few]}))
    assert finding(page).startswith("12 labels were too few to tell any error.")


def test_without_a_model_the_page_names_the_command(read):
    page = page_of(read({"name": "One"}, model_version=""))
    assert finding(page) == "No model was trained, so there is no estimate to judge."
    assert "barograph train" in page.xpath("//code/text()")
    assert "No estimate was made." in text(page)
    assert not page.xpath("//svg")


@pytest.mark.parametrize(
    ("table", "section", "told"),
    [
        ("set_quality", "sets", "how often the sets held the stage that raters gave"),
        ("reliability", "reliability", "how often what was stated came true"),
        ("model_measures", "measures", "how far the estimates were off"),
    ],
)
def test_what_an_evaluation_lacks_is_said_in_its_place_with_the_command(
    tested, table, section, told
):
    page = page_of(tested(**{table: []}))
    (found,) = page.xpath("//section[@aria-labelledby=$name]", name=section)
    assert f"The evaluation that is kept with this model does not tell {told}." in text(found)
    assert found.xpath(".//code/text()") == ["barograph evaluate", "barograph publish"]
    assert not found.xpath(".//table | .//svg")
    assert not page.xpath("//table[not(.//td)]")


def test_estimates_without_a_register_of_models_are_not_called_untrained(read, town):
    page = page_of(read(*town))
    assert finding(page) == (
        "This snapshot has estimates by model cold-start-1, but does not tell of the model that "
        "made them. Nothing can be said of how often they are right."
    )
    assert "No model was trained" not in text(page)
    assert "barograph publish" in page.xpath("//section[@aria-labelledby='models']//code/text()")


def test_without_a_model_its_register_names_the_command(read):
    page = page_of(read({"name": "One"}, model_version=""))
    (found,) = page.xpath("//section[@aria-labelledby='models']")
    assert text(found) == "Model versions No model was trained. barograph train trains one."


def test_another_model_can_be_looked_at(tested):
    older = model("cold-start-0", "simulator", labels=0) | {"is_current": False}
    older["trained_at"] = datetime(2026, 10, 1)  # noqa: DTZ001 - marts hold naive UTC
    snapshot = tested(models=[older, *evaluated()["models"]])
    page = page_of(snapshot, model="cold-start-0")
    assert finding(page).startswith("This model was never tested")
    options = page.xpath("//select[@id='model']/option")
    assert [text(option) for option in options] == [f"{MODEL} (current)", "cold-start-0"]
    assert [option.get("selected") is not None for option in options] == [False, True]
    assert "The estimates of this snapshot are by model cold-start-1." in text(page)


def test_a_model_and_filters_are_kept_by_each_others_forms(tested):
    older = model("cold-start-0", "simulator", labels=0) | {"is_current": False}
    snapshot = tested(models=[*evaluated()["models"], older])
    page = page_of(snapshot, model="cold-start-0", industry="finance", source=("feeds",))
    assert page.xpath("//input[@name='model'][@form='filters']/@value") == ["cold-start-0"]
    kept = page.xpath("//form[@aria-label='Model']//input[@type='hidden']")
    assert [(each.get("name"), each.get("value")) for each in kept] == [
        ("industry", "finance"),
        ("source", "feeds"),
    ]


def test_a_model_that_is_not_there_is_refused_with_those_that_are(tested):
    with pytest.raises(UnknownValueError) as refused:
        page_of(tested(), model="nonsense")
    assert refused.value.known == (MODEL,)


def test_abstentions_and_sizes_of_sets_are_counted_by_week(read, town):
    earlier = [{**member, "as_of_week": date(2026, 11, 9)} for member in town[:5]]
    page = page_of(read(*town, *earlier, {"name": "No estimate"}))
    told = (
        "In the week of 2026-11-16 4 of 24 estimates abstained (17 %)."
        " Half of their 90 % sets hold 3 stages or fewer."
    )
    assert told in text(page)
    assert table_named(page, "Abstentions by week")[1:] == [
        ["2026-11-16", "25", "24", "4", "17 %"],
        ["2026-11-09", "5", "5", "0", "0 %"],
    ]
    assert table_named(page, "Sizes of the 90 % sets by week")[1:] == [
        ["2026-11-16", "24", "0", "8", "16", "0", "0", "0"],
        ["2026-11-09", "5", "0", "2", "3", "0", "0", "0"],
    ]


def test_filters_narrow_the_weeks_and_not_the_evaluation(tested):
    page = page_of(tested(), industry="finance")
    assert "12 organizations: industry finance." in text(page)
    assert table_named(page, "Abstentions by week")[1] == ["2026-11-16", "12", "12", "2", "17 %"]
    assert "Tested on 84 labels" in finding(page)


def test_weeks_after_the_one_asked_for_are_left_out(read, town):
    earlier = [{**member, "as_of_week": date(2026, 11, 9)} for member in town[:5]]
    page = page_of(read(*town, *earlier), week="2026-11-09")
    assert [row[0] for row in table_named(page, "Abstentions by week")[1:]] == ["2026-11-09"]


def test_no_match_is_a_sentence_and_no_axes(read, town):
    page = page_of(read(*town), industry="finance", country="BE")
    assert "No organization with an estimate matches these filters." in text(page)
    assert not page.xpath("//svg")


def test_another_model_is_marked_in_its_first_week(read, town):
    weeks = [
        week("2026-11-02", "old", reached=1),
        week("2026-11-09", "old", reached=1),
        week("2026-11-16", "new", reached=1),
    ]
    days = [date(2026, 11, day) for day in (2, 9, 16)]
    members = [{**member, "as_of_week": day} for day in days for member in town]
    page = page_of(read(*members, tables={"weeks": weeks}))
    told = ["Week of 2026-11-16: estimates by model new from here on."]
    assert [text(mark) for mark in page.xpath("//ol[@class='marks']/li")] == told


def test_the_register_of_models_tells_what_taught_and_tested_each(tested):
    rows = table_named(page_of(tested()), "Model versions")
    learned = "simulated worlds, corrected by expert codes through the signals"
    assert rows[1] == [MODEL, learned, "2026-11-01 12:30", "84", "0", "yes", "84", "yes"]


def test_table_csv_and_json_hold_the_rows_of_the_figure(tested):
    snapshot = tested()
    page = page_of(snapshot)
    _, content = gathered(snapshot, Wanted(page=QUALITY))
    for figure in content.figures:
        shown = [
            [one.write(v) for one, v in zip(figure.columns, row, strict=True)]
            for row in figure.rows
        ]
        cells = [[cell.replace("\u00a0", " ") for cell in row] for row in shown]
        assert table_named(page, figure.title)[1:] == cells
        written = make(snapshot, Wanted(page=QUALITY, form="csv", figure=figure.name))
        assert len(list(csv.DictReader(io.StringIO(written)))) == len(figure.rows) > 0


def test_every_figure_answers_at_its_addresses(browse, town):
    client = browse(*town, tables=evaluated())
    for name in ("sets", "reliability", "abstention", "sizes"):
        for form in ("csv", "json", "svg"):
            assert client.get(f"/quality/{name}.{form}").status_code == 200
    assert client.get("/quality.csv").text.startswith("group_kind,group_name,level,n")
    assert client.get("/quality?model=nonsense").status_code == 422


def test_hostile_names_are_text_and_nothing_else(tested):
    hostile = '<script>alert(1)</script>" onload="x'
    sets = [coverage("all", "", 0.9, 84, 0.9, 0.8, 0.95), coverage("industry", hostile, 0.9, 30)]
    named = model(hostile, "offset", labels=3) | {"is_current": False}
    page = page_of(tested(set_quality=sets, models=[*evaluated()["models"], named]))
    assert not page.xpath("//body//script | //*[@onload]")
    assert hostile in text(page.xpath("//select[@id='model']")[0])


def test_the_page_keeps_the_rules_of_all_pages(tested):
    page = page_of(tested())
    assert not page.xpath("//@style")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    levels = [int(each.tag[1]) for each in page.xpath("//h1|//h2|//h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    for svg in page.xpath("//svg"):
        assert svg.get("aria-label") or svg.get("aria-hidden") == "true"
    assert not re.search(
        r"\b(score|rank|grade|ai|none|nan)\b", text(page).lower().replace("none left out", "")
    )


def test_a_page_for_paper_has_no_forms(tested):
    markup = make(tested(), Wanted(page=QUALITY), is_live=False)
    page = html.document_fromstring(markup)
    assert not page.xpath("//form | //input | //script")
    assert "data/quality-sets.csv" in page.xpath("//a/@href")


def evaluated():
    """Tables of one model with an evaluation on 84 labels."""
    groups = [coverage("all", "", 0.9, 84, 0.91, 0.83, 0.96) | {"mean_set_size": 2.93}]
    groups.append(coverage("all", "", 0.8, 84, 0.8, 0.7, 0.88) | {"mean_set_size": 2.2})
    kinds = [*(("stage", name) for name in STAGES), ("industry", "finance")]
    kinds += [("industry", "retail"), ("size", "1000+"), ("size", "10-49")]
    groups += [coverage(*kind, level, 14) for kind in kinds for level in (0.8, 0.9)]
    bins = [
        {
            "threshold_code": code,
            "bin_number": number,
            "predicted_share": 0.25 * number,
            "observed_share": 0.3 * number,
            "lower": 0.1,
            "upper": 0.6,
            "n": 42,
        }
        for code in range(1, 6)
        for number in (1, 2)
    ]
    found = model(MODEL, "offset", labels=84)
    return {
        "models": [found | {"is_evaluated": True, "evaluated_label_count": 84}],
        "set_quality": groups,
        "reliability": [{"model_version": MODEL, **one} for one in bins],
        "model_measures": [
            measure("new_figure", 1.0, 0.5, 1.5),
            measure("bias", -0.06, None, None),
            measure("mean_absolute_error", 0.52, 0.41, 0.66),
        ],
    }


def model(version, source, labels):
    return {
        "model_version": version,
        "source": source,
        "trained_at": TRAINED,
        "label_count": labels,
        "claim_count": 0,
        "is_current": True,
        "is_evaluated": False,
    }


def coverage(kind, name, level, n, share=0.9, lower=0.7, upper=0.97):  # noqa: PLR0913, PLR0917 - a row
    return {
        "model_version": MODEL,
        "group_kind": kind,
        "group_name": name,
        "level": level,
        "n": n,
        "coverage_share": share,
        "lower": lower,
        "upper": upper,
    }


def measure(name, value, lower, upper):
    return {
        "model_version": MODEL,
        "measure": name,
        "value": value,
        "lower": lower,
        "upper": upper,
        "n": 84,
    }


def week(monday, version, reached):
    return {
        "as_of_week": monday,
        "organization_count": 24,
        "reached_count": reached,
        "model_version": version,
    }


def page_of(snapshot, **asked):
    query = QualityView(**asked).address()
    return html.document_fromstring(make(snapshot, Wanted(page=QUALITY), query))


def text(node):
    return re.sub(r"\s+", " ", node.text_content()).strip()


def finding(page):
    return text(page.xpath("//p[@class='finding']")[0])


def table_named(page, label):
    rows = page.xpath("//*[@aria-label=$label]//tr", label=label)
    return [[text(cell) for cell in row.xpath("th|td")] for row in rows]

"""The benchmark of audits plants what its page says, and writes what it measured."""

import numpy as np
import pytest
from benchmark_scripts import script_named

planting, benchmark, report = (script_named(f"audits{end}") for end in ("_planting", "", "_report"))
EVERY_ORGANIZATION, NOBODY = planting.Shares(1.0, 1.0), planting.Shares(0.0, 0.0)
PART = "<!-- {0}: begin -->\nformer text\n<!-- {0}: end -->"


@pytest.fixture(scope="module")
def table():
    return planting.labelled_set("capability", 0, 1500)


@pytest.fixture
def generator():
    return np.random.default_rng(5)


@pytest.mark.parametrize("way", planting.Way)
@pytest.mark.parametrize("shares", [benchmark.STRONG, benchmark.WEAK])
def test_a_crawler_misses_the_stated_shares(table, generator, way, shares):
    missed = planting.miss_signals(table, planting.REPLIES, shares, way, generator)
    columns = [table.signal_codes.index(code) for code in planting.REPLIES]
    was_measured = (table.reasons == "")[:, columns]
    is_gap = (missed.reasons == "unobserved")[:, columns]
    is_low = table.stage_codes <= 3
    for rows, share in ((is_low, shares.low), (~is_low, shares.high)):
        assert is_gap[rows][was_measured[rows]].mean() == pytest.approx(share, abs=0.08)
    assert np.isnan(missed.X[:, columns][is_gap]).all()


def test_what_is_missed_together_is_missed_of_whole_organizations(table, generator):
    columns = [table.signal_codes.index(code) for code in planting.REPLIES]
    open_rows = np.flatnonzero((table.reasons[:, columns] == "").all(axis=1))
    counts = {}
    for way in planting.Way:
        missed = planting.miss_signals(table, planting.REPLIES, benchmark.WEAK, way, generator)
        is_gap = (missed.reasons == "unobserved")[open_rows][:, columns]
        counts[way] = set(is_gap.sum(axis=1).tolist())
    assert counts[planting.Way.TOGETHER] == counts[planting.Way.WHERE_MEASURED] == {0, 4}
    assert {1, 2, 3} & counts[planting.Way.BY_ITSELF]


@pytest.mark.parametrize("way", planting.Way)
def test_absent_signals_cannot_be_missed(table, generator, way):
    missed = planting.miss_signals(table, table.signal_codes, EVERY_ORGANIZATION, way, generator)
    is_absent = table.reasons == "absent"
    assert is_absent.any()
    np.testing.assert_array_equal(missed.reasons == "absent", is_absent)
    assert not (missed.reasons == "").any()


def test_signals_that_were_not_measured_stay_as_they_are_where_only_measured_ones_are_missed(
    table, generator
):
    way = planting.Way.WHERE_MEASURED
    missed = planting.miss_signals(table, table.signal_codes, EVERY_ORGANIZATION, way, generator)
    was_undefined = table.reasons == "undefined"
    assert was_undefined.any()
    assert (missed.reasons[was_undefined] == "undefined").all()


@pytest.mark.parametrize("way", planting.Way)
def test_a_set_of_which_nothing_is_missed_stays_as_it_is(table, generator, way):
    same = planting.miss_signals(table, table.signal_codes, NOBODY, way, generator)
    assert_same(same, table)


def test_planting_leaves_the_given_set_as_it_is(table, generator):
    again = planting.labelled_set("capability", 0, 1500)
    planting.copy_label(table, 0.1, generator)
    planting.shuffle_labels(table, generator)
    planting.miss_signals(
        table, planting.REPLIES, EVERY_ORGANIZATION, planting.Way.TOGETHER, generator
    )
    assert_same(table, again)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.24, 1.0])
def test_the_stated_share_of_copies_is_one_stage_off(table, generator, share):
    copied = planting.copy_label(table, share, generator)
    at = table.signal_codes.index(planting.COPIED_INTO)
    distances = np.abs(copied.X[:, at] - table.stage_codes)
    assert set(distances.tolist()) <= {0.0, 1.0}
    assert distances.mean() == pytest.approx(share, abs=0.04)
    others = np.arange(table.X.shape[1]) != at
    np.testing.assert_array_equal(copied.X[:, others], table.X[:, others])


def test_codes_at_the_ends_go_one_stage_inwards(generator):
    ends = np.array([1, 6, 1, 6])
    assert planting.one_stage_off(ends, 1.0, generator).tolist() == [2, 5, 2, 5]


def test_shuffled_labels_are_the_same_labels_of_others(table, generator):
    shuffled = planting.shuffle_labels(table, generator)
    assert shuffled.stage_counts == table.stage_counts
    assert (shuffled.stage_codes != table.stage_codes).any()


def test_a_number_is_one_world(table):
    other = planting.labelled_set("capability", 1, 1500)
    assert len(table) == len(other) == 1500
    assert not np.array_equal(table.X, other.X, equal_nan=True)


def test_the_page_gets_counts_and_keeps_its_own_text(page):
    report.write_report(rows())
    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "former text" not in text
    for words in (
        "6 sets (4 of graded response and 2 of capability) of 200 labels",
        "| crawl gaps | +10 %, +5 % | 6, 0, 0 |",
        "| doubled posts | +10 %, +5 % | 0, 0, 6 |",
        "moves by +0.40 and +0.40 stages",
        "| nothing: a warning of any audit | 200 | 1 of 4 | 0 of 2 |",
        "| shuffled labels | 200 | 4 of 4 | 1 of 2 |",
        "| replies missed together: 80 and 10 % | 100 | 0 of 4 | 0 of 2 |",
        "came from `identifier` (1).",
    ):
        assert words in text
    written = text
    report.write_report(rows())
    assert page.read_text("utf-8") == written


def test_rows_of_two_models_are_refused(page):
    first, *others = rows()
    with pytest.raises(ValueError, match="new folder"):
        report.write_report([first | {"model_version": "other"}, *others])
    assert "former text" in page.read_text("utf-8")


def test_a_page_without_markers_is_left_as_it_is(page):
    page.write_text("text", "utf-8")
    with pytest.raises(ValueError, match="put both markers"):
        report.write_report(rows())
    assert page.read_text("utf-8") == "text"


@pytest.fixture
def page(tmp_path, monkeypatch):
    path = tmp_path / "page.md"
    parts = (PART.format(name) for name in ("stresses", "planted faults"))
    path.write_text("\n\n".join(["before", *parts, "after\n"]), "utf-8")
    monkeypatch.setattr(report, "PAGE", path)
    return path


def rows():
    sets = [("graded_response", number) for number in range(4)]
    sets += [("capability", number) for number in range(2)]
    return [row(simulator, number, count) for simulator, number in sets for count in (100, 200)]


def row(simulator, number, count):
    together = {each.key: count > 100 for each in benchmark.MISSED[:2]}
    own = {"simulator": simulator, "set": number, "label_count": count, "model_version": "m"}
    if count == 100:
        return own | {"found": together}
    every = dict.fromkeys(report._texts(), True)
    is_missed = (simulator, number) == ("capability", 1)
    return own | {
        "warned": ["identifier"] if (simulator, number) == ("graded_response", 0) else [],
        "found": every | {"shuffled": not is_missed},
        "stresses": {source: stressed() for source in benchmark.SOURCES},
    }


def stressed():
    figures = {
        "spread_growth": 0.1,
        "root_error_growth": 0.05,
        "shift": 0.4,
        "coverage": 0.9,
        "coverage_before": 0.91,
    }
    return {
        "crawl gaps": figures | {"verdict": "widens"},
        "doubled posts": figures | {"verdict": "jumps"},
    }


def assert_same(first, other):
    for name in ("X", "reasons", "stage_codes"):
        np.testing.assert_array_equal(getattr(first, name), getattr(other, name))

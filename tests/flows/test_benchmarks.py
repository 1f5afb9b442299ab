"""The benchmark of feeds measures what it says: run small, and its parts one by one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request
from collections import Counter
from importlib import import_module
from pathlib import Path
from urllib.error import HTTPError

import pytest
from lxml import etree

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


@pytest.fixture(autouse=True)
def _scripts_find_each_other(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


def test_one_seed_always_gives_the_same_feeds(tmp_path):
    first, again, other = (
        read_feeds(tmp_path / name, seed) for name, seed in [("a", 1), ("b", 1), ("c", 2)]
    )
    assert first == again
    assert not set(first) & set(other)


def test_generated_feeds_are_well_formed_and_hold_the_entries_they_count(tmp_path):
    corpus = write_corpus(tmp_path / "feeds", 40)
    counted = [count_entries(tmp_path / "feeds" / feed.file_name) for feed in corpus.feeds]
    assert counted == [feed.entry_count for feed in corpus.feeds]
    assert min(counted) >= 20
    assert max(counted) <= 50
    assert corpus.entry_count == sum(counted)


def test_entries_of_a_feed_are_told_apart_by_their_ids(tmp_path):
    write_corpus(tmp_path / "feeds", 2)
    for path in (tmp_path / "feeds").iterdir():
        ids = etree.parse(path).xpath("//guid/text() | //*[local-name()='entry']/*[1]/text()")
        assert len(ids) == len(set(ids)) == count_entries(path)


def test_the_first_feeds_have_the_mix_and_size_of_all(tmp_path):
    corpus = write_corpus(tmp_path / "feeds", 200)
    for part in (corpus, corpus.first(100)):
        formats = Counter(Path(feed.file_name).suffix for feed in part.feeds)
        assert formats[".atom"] / len(part.feeds) == 0.35
        assert part.mean_kibibytes == pytest.approx(57, rel=0.1)


def test_the_bill_of_a_command_covers_the_processes_it_starts(tmp_path):
    usage = (
        import_module("accounting")
        .run_measured(
            [
                sys.executable,
                "-c",
                f"import subprocess; subprocess.run([{sys.executable!r}, '-c', {BUSY!r}])",
            ],
            tmp_path,
        )
        .usage
    )
    assert usage.cpu_seconds >= 0.2
    assert usage.elapsed_seconds >= 0.2
    assert usage.peak_megabytes >= 60


def test_the_bill_of_a_command_covers_what_outlives_it(tmp_path):
    program = f"import subprocess; subprocess.Popen([{sys.executable!r}, '-c', {BUSY!r}])"
    usage = (
        import_module("accounting").run_measured([sys.executable, "-c", program], tmp_path).usage
    )
    assert usage.cpu_seconds >= 0.2


def test_a_command_that_fails_is_not_measured(tmp_path):
    accounting = import_module("accounting")
    with pytest.raises(accounting.CommandFailedError, match="exit code 7: no such feed"):
        accounting.run_measured([sys.executable, "-c", "print('no such feed'); exit(7)"], tmp_path)


def test_without_nginx_the_feeds_are_served_all_the_same(tmp_path, monkeypatch):
    static_server = import_module("static_server")
    monkeypatch.setattr(static_server, "find_nginx", lambda: None)
    corpus = write_corpus(tmp_path / "feeds", 1)
    with static_server.serve(tmp_path / "feeds", tmp_path) as server:
        assert_conditional_requests_work(server, corpus.feeds[0])
    assert "nginx not found" in server.software


@pytest.mark.skipif(
    shutil.which("nginx", path="/usr/bin:/usr/sbin:/usr/local/sbin") is None,
    reason="nginx is not installed",
)
def test_nginx_serves_the_feeds_with_validators(tmp_path):
    corpus = write_corpus(tmp_path / "feeds", 1)
    with import_module("static_server").serve(tmp_path / "feeds", tmp_path) as server:
        assert_conditional_requests_work(server, corpus.feeds[0])
    assert server.software.startswith("nginx/")


def test_a_ratio_is_taken_within_each_repetition():
    rows = [
        [repetition("reader", cold=4.0), repetition("barograph", cold=0.2)],
        [repetition("reader", cold=8.0), repetition("barograph", cold=0.1)],
        [repetition("reader", cold=1.0), repetition("barograph", cold=0.1)],
    ]
    aim = aims_of(rows)["cold, against reader"]
    assert aim.measured == pytest.approx(20)  # of 20, 80 and 10
    assert aim.is_reached


def test_fewer_feeds_for_a_peer_are_allowed_for():
    rows = [
        [repetition("newsboat", cold=1.0, feeds=10), repetition("barograph", cold=1.0, feeds=90)]
    ]
    aim = aims_of(rows)["cold, against newsboat"]
    assert aim.measured == pytest.approx(9)
    assert aim.is_reached is False


def test_an_aim_against_a_missing_contestant_is_left_open():
    aim = aims_of([[repetition("barograph", cold=1.0)]])["cold, against the limit"]
    assert aim.measured is None
    assert aim.is_reached is None


def test_the_second_pass_and_memory_are_judged_by_our_own_figures():
    rows = [[repetition("limit", cold=1.0), repetition("barograph", cold=4.0, unchanged=0.4)]]
    aims = aims_of(rows)
    assert aims["not modified, against cold"].measured == pytest.approx(10)
    assert aims["not modified, against cold"].is_reached
    assert aims["most memory, MB"].is_reached is False  # 400 is not under 400


def test_an_entry_lost_or_doubled_makes_a_repetition_incomplete():
    assert repetition("reader", cold=1.0).is_complete
    assert not repetition("reader", cold=1.0, cold_entries=29).is_complete
    assert not repetition("reader", cold=1.0, unchanged_entries=60).is_complete


@needs_curl
def test_the_limit_reads_every_entry_and_is_told_that_nothing_changed(tmp_path):
    told = run_benchmark(tmp_path, "--contestants", "limit", "--feeds", "20")
    [result] = told["results"]
    [[run]] = told["repetitions"]
    assert run["cold"]["entry_count"] == told["corpus"]["entries"] >= 20 * 20
    assert run["not_modified_share"] == 1.0
    assert run["answered_count"] == 20
    assert result["is_complete"]
    assert result["cold_feeds_per_second"] > 0


@needs_curl
def test_we_hold_every_entry_and_are_told_that_nothing_changed(tmp_path):
    told = run_benchmark(tmp_path, "--contestants", "limit,barograph", "--feeds", "20")
    [[limit, ours]] = told["repetitions"]
    assert (limit["contestant"], ours["contestant"]) == ("limit", "barograph")
    assert ours["cold"]["entry_count"] == limit["cold"]["entry_count"] >= 20 * 20
    assert ours["unchanged"]["entry_count"] == ours["cold"]["entry_count"]
    assert (ours["answered_count"], ours["not_modified_share"]) == (20, 1.0)
    for one in (ours["cold"], ours["unchanged"]):
        assert 0 < one["own_seconds"] < one["usage"]["elapsed_seconds"]
    judged = {aim["name"] for aim in told["aims"] if aim["is_reached"] is not None}
    assert judged == {"cold, against the limit", "not modified, against cold", "most memory, MB"}


def test_a_contestant_that_is_not_installed_is_named_as_missing(tmp_path):
    options = ["--contestants", "reader", "--reader-python", str(tmp_path / "python")]
    told = run_benchmark(tmp_path, *options, "--feeds", "1")
    assert [absent["name"] for absent in told["absent"]] == ["reader"]
    assert told["results"] == []


@pytest.fixture(scope="module")
def measured_world(tmp_path_factory):
    """A little world, built; the same activities lie beside it for peers."""
    folder = tmp_path_factory.mktemp("signals")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        steps = import_module("signal_steps")
    steps.generate(folder, "20000", "100")
    steps.build_all(folder)
    steps.export(folder)
    return folder


@pytest.mark.parametrize("peer", ["polars", "pandas"])
def test_a_peer_finds_the_numbers_that_we_find(measured_world, capsys, peer):
    python = python_with(peer)
    if python is None:
        pytest.skip(f"{peer} is not installed: benchmarks/signals.py --install-peers")
    script, result = BENCHMARKS / "peers" / f"{peer}_signals.py", measured_world / f"{peer}.csv"
    words = [measured_world / "activities.parquet", "2025-12-01", result]
    subprocess.run([python, script, *words], check=True, timeout=60)
    import_module("signal_steps").compare(measured_world, str(result))
    different = json.loads(capsys.readouterr().out)
    assert len(different) == 7
    assert {code: count for code, (_, count) in different.items() if count} == {}
    assert min(found for found, _ in different.values()) >= 10


def test_growth_and_increments_are_told_beside_the_full_build():
    signals = import_module("signals")
    found = [
        signals.Measurement(activity_count=100, step=step, usage=usage(seconds), file_bytes=10**6)
        for step, seconds in [("build", 8.0), ("polars", 4.0), ("build-next", 0.5)]
    ]
    told = signals.to_markdown(found, {"row_count": 7, "difference_count": 0})
    assert "At 100 the full build takes 2.00 times the CPU of polars" in told
    assert "At 100 the full build takes 16.00 times the CPU of build-next" in told
    assert "0 of 7 measurements differ" in told


BUSY = """
import time
held = bytearray(60_000_000)
for start in range(0, len(held), 4096): held[start] = 1
while time.process_time() < 0.6: pass
"""


def python_with(peer):
    if peer == "pandas":
        return sys.executable
    python = import_module("signals").ENVIRONMENT / "bin" / "python"
    return python if python.exists() else None


def usage(seconds):
    return import_module("accounting").Usage(
        elapsed_seconds=seconds, cpu_seconds=seconds, peak_megabytes=100.0
    )


def write_corpus(folder, feed_count, seed=1):
    folder.mkdir()
    return import_module("feed_generator").write_corpus(folder, feed_count, seed)


def read_feeds(folder, seed):
    write_corpus(folder, 3, seed)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def count_entries(path):
    return int(etree.parse(path).xpath("count(//*[local-name()='item' or local-name()='entry'])"))


def assert_conditional_requests_work(server, feed):
    url = f"{server.base_url}/{feed.file_name}"
    position = server.log_position()
    with urllib.request.urlopen(url) as fresh:
        assert len(fresh.read()) == feed.byte_count
        validators = fresh.headers
    for asked, given in [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")]:
        assert status_of(url, {asked: validators[given]}) == 304
    assert status_of(url, {"If-None-Match": '"another"'}) == 200
    assert status_of(f"{server.base_url}/none.rss", {}) == 404
    assert server.statuses_since(position) == {200: 2, 304: 2, 404: 1}


def status_of(url, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status
    except HTTPError as error:
        with error:
            return error.code


def aims_of(rows):
    return {aim.name: aim for aim in import_module("comparison").judge(rows)}


def repetition(name, *, cold, unchanged=0.1, feeds=1, cold_entries=30, unchanged_entries=30):
    return import_module("contest").Repetition(
        contestant=name,
        feed_count=feeds,
        expected_entry_count=30,
        cold=passage(cold, cold_entries),
        unchanged=passage(unchanged, unchanged_entries),
        not_modified_share=1.0,
        answered_count=feeds,
    )


def passage(seconds, entry_count):
    usage = import_module("accounting").Usage(
        elapsed_seconds=seconds, cpu_seconds=seconds, peak_megabytes=400.0
    )
    return import_module("contest").Pass(usage=usage, own_seconds=seconds, entry_count=entry_count)


def run_benchmark(folder, *options):
    """What the script writes with `--json`, for one repetition."""
    path = folder / "figures.json"
    command = [sys.executable, str(BENCHMARKS / "feeds.py"), "--rounds", "1", "--json", str(path)]
    subprocess.run([*command, *options], check=True, timeout=120)
    return json.loads(path.read_text())

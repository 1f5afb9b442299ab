"""The folder of shared turns is ours alone, survives mishaps, and keeps no rubbish."""

import asyncio
import gc
import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from connectors.fetching.lockfile import give_back, is_locked, locked, take
from connectors.fetching.pacing import OWN_PACE, Pace, Pacer, default_folder

NARROW = Pace(1, 0.0)


def test_turns_are_shared_by_the_pacers_of_one_folder(tmp_path):
    async def ask_twice():
        async with Pacer(tmp_path).turn("a", NARROW):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1), Pacer(tmp_path).turn("a", NARROW):
                    pytest.fail("the turn was taken")

    asyncio.run(ask_twice())


def test_a_host_that_was_asked_by_one_pacer_is_not_asked_too_soon_by_another(tmp_path):
    async def ask_twice():
        asked_at = time.monotonic()
        async with Pacer(tmp_path).turn("a", Pace(2, 0.3)):
            """The next start is due 0.3 s after this one."""
        async with Pacer(tmp_path).turn("a", Pace(2, 0.3)):
            return time.monotonic() - asked_at

    assert 0.29 <= asyncio.run(ask_twice()) < 2


def test_a_task_that_is_cancelled_while_another_process_has_the_turn_leaves_nothing(tmp_path):
    async def give_up():
        mine, theirs = Pacer(tmp_path), Pacer(tmp_path)
        async with theirs.turn("a", NARROW):
            before = tickets(tmp_path)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1), mine.turn("a", NARROW):
                    pytest.fail("the turn was taken")
            assert tickets(tmp_path) == before
        async with asyncio.timeout(1), mine.turn("a", NARROW):
            return "asked"

    assert asyncio.run(give_up()) == "asked"
    assert tickets(tmp_path) == set()


def test_a_task_that_is_cancelled_while_a_start_is_not_yet_due_costs_the_others_no_time(tmp_path):
    async def give_up():
        pace = Pace(2, 0.4)
        mine, theirs = Pacer(tmp_path), Pacer(tmp_path)
        asked_at = time.monotonic()
        async with theirs.turn("a", pace):
            """The next start is due 0.4 s after this one."""
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), mine.turn("a", pace):
                pytest.fail("the turn was taken")
        async with theirs.turn("a", pace):
            return time.monotonic() - asked_at

    assert 0.39 <= asyncio.run(give_up()) < 0.79


def test_a_line_that_a_stopped_process_has_locked_does_not_stop_the_event_loop(tmp_path):
    async def ask():
        pacer = Pacer(tmp_path)
        async with pacer.turn("a", NARROW):
            """Makes the line's file."""
        with locked(line_path(tmp_path)):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1), pacer.turn("a", NARROW):
                    pytest.fail("the turn was taken")
            async with asyncio.timeout(1), pacer.turn("b", NARROW):
                """Another host is not concerned."""
        async with asyncio.timeout(1), pacer.turn("a", NARROW):
            return "asked"

    assert asyncio.run(ask()) == "asked"


def test_hosts_of_our_own_cost_no_file(tmp_path):
    async def ask():
        pacer = Pacer(tmp_path)
        async with pacer.turn("own.internal", OWN_PACE):
            return files(tmp_path)

    assert len(asyncio.run(ask())) == 1  # that of the process itself


def test_a_pacer_without_a_folder_makes_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    take_turn(Pacer(), "a", NARROW)
    assert files(tmp_path) == set()


@pytest.mark.parametrize(
    "host", ["../../x", "a/b", "münchen.example", "x" * 5000, "[::1]", "\udcff"]
)
def test_any_host_has_a_file_of_its_own_in_the_folder(tmp_path, host):
    folder = tmp_path / "turns"
    take_turn(Pacer(folder), host, NARROW)
    take_turn(Pacer(folder), "news.example", NARROW)
    assert len([path for path in folder.iterdir() if path.suffix == ".line"]) == 2
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_that_is_removed_under_us_is_made_again(tmp_path):
    folder = tmp_path / "turns"
    pacer = Pacer(folder)
    take_turn(pacer, "a", NARROW)
    shutil.rmtree(folder)
    take_turn(pacer, "a", NARROW)
    assert {path.suffix for path in folder.iterdir()} == {"", ".line"}


def test_a_turn_ends_well_when_the_folder_is_removed_in_it(tmp_path):
    async def ask():
        pacer = Pacer(tmp_path / "turns")
        async with pacer.turn("a", NARROW):
            shutil.rmtree(tmp_path / "turns")
        async with asyncio.timeout(1), pacer.turn("a", NARROW):
            return "asked"

    assert asyncio.run(ask()) == "asked"


def test_the_pacer_takes_its_files_with_it(tmp_path):
    pacer = Pacer(tmp_path)
    assert len(files(tmp_path)) == 1
    del pacer
    gc.collect()
    assert files(tmp_path) == set()


def test_what_killed_processes_left_behind_is_swept_away_a_day_later(tmp_path):
    for name, age_hours in [("dead", 25), ("dead.7", 25), ("old.line", 25), ("new.line", 23)]:
        leave(tmp_path / name, age_hours)
    Pacer(tmp_path)
    gc.collect()
    assert files(tmp_path) == {"new.line"}


def test_a_process_that_lives_long_is_not_swept_away(tmp_path):
    pacer = Pacer(tmp_path)
    (name,) = files(tmp_path)
    leave(tmp_path / name, age_hours=1000)
    Pacer(tmp_path)
    assert name in files(tmp_path)
    assert is_locked(tmp_path / name)
    del pacer


def test_a_lock_is_not_taken_on_a_file_that_its_last_holder_removed(tmp_path, monkeypatch):
    path = tmp_path / "lock"
    removed = []

    def remove_once(descriptor):
        if not removed:
            removed.append(path.unlink())
        return fstat(descriptor)

    fstat = os.fstat
    monkeypatch.setattr(os, "fstat", remove_once)
    descriptor = take(path)
    assert os.path.samestat(fstat(descriptor), path.stat())
    give_back(descriptor)
    assert removed


def test_a_child_that_was_forked_meanwhile_does_not_keep_a_lock(tmp_path):
    descriptor = take(tmp_path / "lock")
    inherited = os.dup(descriptor)  # as fork leaves it: the same open file a second time
    give_back(descriptor)
    assert not is_locked(tmp_path / "lock")
    os.close(inherited)


def test_a_folder_is_made_for_us_alone(tmp_path):
    Pacer(tmp_path / "a" / "turns")
    assert mode(tmp_path / "a" / "turns") == 0o700


def test_a_folder_where_others_can_write_is_refused(tmp_path):
    (tmp_path / "turns").mkdir()
    (tmp_path / "turns").chmod(0o770)
    with pytest.raises(OSError, match=r"turns can be written by others: remove it"):
        Pacer(tmp_path / "turns")


def test_a_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(OSError, match="belongs to another user"):
        Pacer(tmp_path)


def test_a_link_to_a_folder_is_refused(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "turns").symlink_to(tmp_path / "real")
    with pytest.raises(OSError, match="turns is no folder"):
        Pacer(tmp_path / "turns")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"no turns .* shared in .*file/turns: Not a directory"):
        Pacer(tmp_path / "file" / "turns")


def test_the_default_folder_lies_in_the_users_runtime_folder(tmp_path):
    runtime = made(tmp_path / "run")
    folder = default_folder(str(runtime))
    assert folder == runtime / "barograph" / "pacing"
    assert mode(folder) == mode(folder.parent) == 0o700


@pytest.mark.parametrize("runtime", ["", "run", "/nowhere/at/all"])
def test_without_a_runtime_folder_the_default_lies_among_the_temporary_files(temporary, runtime):
    folder = default_folder(runtime)
    assert folder == temporary / f"barograph-{os.getuid()}" / "pacing"
    assert mode(folder) == mode(folder.parent) == 0o700


def test_a_runtime_folder_that_others_can_write_to_is_passed_over(temporary, tmp_path):
    runtime = made(tmp_path / "run", mode=0o777)
    assert default_folder(str(runtime)).is_relative_to(temporary)
    assert list(runtime.iterdir()) == []


@pytest.mark.usefixtures("temporary")
def test_the_default_folder_is_the_same_every_time():
    assert default_folder("") == default_folder("")
    Pacer(default_folder(""))


@pytest.mark.parametrize("level", ["", "pacing"])
def test_a_default_folder_that_somebody_prepared_for_us_is_refused(temporary, level):
    own = made(temporary / f"barograph-{os.getuid()}")
    made(own / level, mode=0o777)
    with pytest.raises(OSError, match="can be written by others"):
        default_folder("")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    folder = made(tmp_path / "tmp", mode=0o777)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def take_turn(pacer, host, pace):
    async def ask():
        async with asyncio.timeout(5), pacer.turn(host, pace):
            """The turn itself is what was asked for."""

    asyncio.run(ask())


def files(folder):
    return {path.name for path in folder.iterdir()}


def tickets(folder):
    return {name for name in files(folder) if "." in name and not name.endswith(".line")}


def line_path(folder):
    (path,) = folder.glob("*.line")
    return path


def leave(path: Path, age_hours):
    path.touch()
    then = time.time() - age_hours * 3600
    os.utime(path, (then, then))


def mode(folder):
    return folder.stat().st_mode & 0o777


def made(folder, mode=0o700):
    folder.mkdir(exist_ok=True)
    folder.chmod(mode)
    return folder

"""The books on a real server: killed under load, out of disk. Each on a scratch server of its own."""

import pytest

from moonbridge.site.torture import full_disk, killing, scratch

KILLS = 50


@pytest.fixture(scope="module")
def server():
    with scratch.scratch() as started:
        yield started


@pytest.mark.slow
def test_what_was_acknowledged_survives_kill_9_and_the_rest_is_resolved_by_its_id(server) -> None:
    told = killing.kill_under_load(server, KILLS, seed=2026)
    assert told.kills == KILLS
    assert told.acknowledged > 10 * KILLS
    assert told.unknown > 0  # somebody was interrupted: otherwise the kills would prove nothing
    assert (told.lost, told.partial, told.unbacked) == (0, 0, 0)


def test_a_full_disk_refuses_clearly_and_loses_nothing() -> None:
    try:
        with full_disk.small_disk() as disk, scratch.scratch(disk) as small:
            told = full_disk.fill_under_load(small, disk)
    except full_disk.CannotMount as refusal:
        pytest.skip(str(refusal))
    assert told.acknowledged > 0
    assert told.refusal
    assert told.goes_on
    assert (told.lost, told.partial, told.unbacked) == (0, 0, 0)

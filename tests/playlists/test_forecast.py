"""What a night will cost, said before it starts."""

from __future__ import annotations

import pytest

from playlists import forecast


@pytest.mark.parametrize(
    "changed, new, gone, calls, minutes",
    [(686, 0, 0, 1_372, 11), (5_716, 0, 0, 11_432, 95), (0, 10, 0, 30, 0), (1, 1, 1, 6, 0), (0, 0, 0, 0, 0)],
)
def test_calls_and_minutes(changed, new, gone, calls, minutes):
    found = forecast.Forecast(changed, new, gone, calls_per_30s=60, seconds_left=22 * 3600)

    assert found.calls == calls
    assert round(found.seconds / 60) == minutes
    assert found.fits


def test_what_will_not_fit_is_said():
    found = forecast.Forecast(5_716, 0, 0, calls_per_30s=60, seconds_left=3600)

    assert not found.fits
    assert "Only about 3,600 copies fit" in found.sentence()

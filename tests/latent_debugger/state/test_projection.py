from __future__ import annotations

from pathlib import Path

import pytest

from latent_debugger.state.memorisation import MemorisationSettings, memorisation_path
from latent_debugger.state.paths import home
from latent_debugger.state.projection import ProjectionSettings, projection_path


def test_options_are_kept(tmp_path: Path) -> None:
    for settings in (ProjectionSettings(3, 150, False, "pad"), MemorisationSettings(128)):
        settings.save(tmp_path / "file.json")
        assert type(settings).load(tmp_path / "file.json") == settings
    assert projection_path().parent == memorisation_path().parent == home()


@pytest.mark.parametrize(
    "value",
    [None, [], {"restarts": 0, "steps": True, "critic": "no", "framing": "bend"}, {"restarts": 33, "steps": 1e9}],
)
def test_nonsense_gets_its_default(value: object) -> None:
    assert ProjectionSettings.from_json(value) == ProjectionSettings()


@pytest.mark.parametrize("value", [None, {"samples": 3}, {"samples": 64.0}, {"samples": 10**9}])
def test_nonsense_numbers_of_samples_get_their_default(value: object) -> None:
    assert MemorisationSettings.from_json(value) == MemorisationSettings()

"""Asking the critic, through the real window."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QSpinBox, QToolButton

from gan.instruments.critic import fake_scores
from gan.instruments.subject import open_subject
from gan.latent.draws import Latents, draw
from latent_debugger.services import critic as asked
from latent_debugger.state.critic import CriticSettings, critic_path
from latent_debugger.state.neighbour_state import Search
from latent_debugger.wiring import critic as wiring
from latent_debugger.wiring import critic_choice, critic_neighbours
from tests.flows.conftest import Driver

Make = Callable[..., Path]
Open = Callable[..., Driver]


def scores(path: Path, latents: Latents) -> np.ndarray:
    subject = open_subject(path)
    assert subject.critic is not None
    return fake_scores(subject.generator, subject.critic, latents)


def show(driver: Driver) -> None:
    driver.window.show_panel("critic")
    driver.qtbot.waitUntil(lambda: driver.window.docks["critic"].isVisible())
    driver.settle()


def text(driver: Driver, name: str) -> str:
    label = driver.find(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def click(driver: Driver, name: str) -> None:
    button = driver.find(QPushButton, name)
    assert isinstance(button, QPushButton) and button.isVisible() and button.isEnabled()
    button.click()


# what it thinks of the picture


def test_a_picture_is_ranked_among_random_and_training_pictures(
    make_model: Make, open_window: Open, tmp_path: Path
) -> None:
    path = make_model(critic=True)
    driver = open_window(path)
    driver.wiring.editor.random(5)
    show(driver)
    fakes = scores(path, draw(asked.REFERENCES, 12, 0))
    own = scores(path, draw(1, 12, 5))[0]
    shown = driver.window.critic.rank
    driver.qtbot.waitUntil(lambda: shown.fakes.number.text() != "–")
    assert shown.fakes.number.text() == f"{100 * (fakes < own).mean():.0f} %"
    assert shown.reals.number.text() == "–"
    assert "512 random pictures" in shown.fakes.words.text()

    images = np.random.default_rng(0).integers(0, 255, (40, 32, 32, 3), np.uint8)
    np.save(tmp_path / "images.npy", images)
    driver.wiring.instruments.reference.service.choose(tmp_path / "images.npy")
    driver.qtbot.waitUntil(lambda: shown.reals.number.text() != "–")
    assert "40 training pictures" in shown.reals.words.text()

    before = shown.fakes.number.text()
    driver.wiring.editor.go_to(-4 * driver.z, driver.wiring.session.latent.origin, "far away")
    driver.qtbot.waitUntil(lambda: shown.fakes.number.text() != before)


def test_a_closed_panel_asks_nothing(make_model: Make, open_window: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr(asked, "critic_of", lambda subject: calls.append(subject))
    driver = open_window(make_model(critic=True))
    driver.trigger("latent.random")
    driver.trigger("neighbours.sample")
    driver.trigger("bookmark.add")
    assert not calls
    assert driver.wiring.instruments.service._networks.loaded.subject is None


# choosing


def test_random_best_of_n_is_one_step_with_a_seed(
    make_model: Make, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_model(critic=True)
    driver = open_window(path)
    driver.wiring.editor.random(999)
    driver.wiring.editor.toggle_lock(3)
    start, steps = driver.z, driver.wiring.session.undo.count()
    driver.wiring.instruments.critic.state.change(best_of=10)
    assert driver.window.action_map["critic.best_random"].text() == "Random, &best of 10"
    seeds = iter(range(100, 110))
    monkeypatch.setattr(critic_choice, "fresh_seed", lambda: next(seeds))
    driver.trigger("critic.best_random")
    candidates = np.concatenate([draw(1, 12, seed) for seed in range(100, 110)])
    candidates[:, 3] = start[3]
    best = int(scores(path, candidates).argmax())
    np.testing.assert_array_equal(driver.z, candidates[best])
    assert driver.wiring.editor.last_seed == 100 + best
    assert driver.wiring.session.undo.count() == steps + 1
    driver.trigger("edit.undo")
    np.testing.assert_array_equal(driver.z, start)


def test_neighbours_are_chosen_and_sorted(make_model: Make, open_window: Open) -> None:
    path = make_model(critic=True)
    driver = open_window(path)
    driver.wiring.editor.random(1)
    driver.trigger("neighbours.sample")
    near, state = driver.wiring.neighbours, driver.wiring.session.neighbours
    plain = near.request
    assert plain is not None
    sort = driver.find(QToolButton, "neighbours.sort")
    assert isinstance(sort, QToolButton)
    sort.click()
    model = driver.window.neighbours.model
    expected = np.argsort(-scores(path, plain.latents), kind="stable")
    driver.qtbot.waitUntil(lambda: [model.neighbour_at(k) for k in range(16)] == expected.tolist())
    driver.qtbot.waitUntil(lambda: "of 512 random pictures" in model.index(0).data(Qt.ItemDataRole.ToolTipRole))
    driver.window.neighbours.chosen.emit(model.neighbour_at(0))
    driver.settle()
    np.testing.assert_array_equal(driver.z, plain.latents[expected[0]])
    driver.trigger("edit.undo")

    driver.wiring.instruments.critic.state.change(choose_neighbours=True, best_of=5)
    driver.qtbot.waitUntil(lambda: near.request is not plain)
    chosen, anchor = near.request, near._anchor
    assert chosen is not None and anchor is not None and len(chosen.latents) == state.count
    search = Search(anchor, np.zeros(12, np.bool_), np.zeros((0, 12), np.float32), state.settings, state.seed)
    best = np.sort(scores(path, search.draw(5).latents))[::-1][: state.count]
    np.testing.assert_allclose(scores(path, chosen.latents), best, rtol=1e-4)
    assert "best of 80" in driver.window.neighbours.change.text()
    driver.window.show_panel("critic")  # in front of the neighbours, which stay what they are
    driver.settle()
    driver.window.show_panel("neighbours")
    driver.settle()
    assert near.request is chosen

    driver.wiring.instruments.critic.state.change(choose_neighbours=False, sort_neighbours=False)
    driver.qtbot.waitUntil(lambda: np.array_equal(near.request.latents, plain.latents))
    assert [model.neighbour_at(k) for k in range(3)] == [0, 1, 2]


def test_sigma_slides_the_chosen_ones_and_then_they_are_chosen_anew(make_model: Make, open_window: Open) -> None:
    driver = open_window(make_model(critic=True))
    near = driver.wiring.neighbours
    driver.wiring.instruments.critic.state.change(choose_neighbours=True, best_of=3)
    driver.wiring.editor.random(1)
    driver.trigger("neighbours.sample")
    driver.qtbot.waitUntil(lambda: near.request is not None)
    first = near.request
    driver.wiring.session.neighbours.set_sigma(0.4)
    driver.qtbot.waitUntil(lambda: near.request is not first)
    moved = near.request
    assert moved is not None and first is not None and moved.sigma == 0.4
    for row in range(len(moved.latents)):  # each on its own line
        ratio = (moved.latents[row] - moved.base[row]) / (first.latents[row] - first.base[row])
        np.testing.assert_allclose(ratio, 0.8, rtol=2e-3)
    driver.qtbot.waitUntil(lambda: near.request is not moved)
    assert driver.wiring.session.undo.count() == 1


def test_choosing_can_be_cancelled(make_model: Make, open_window: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = open_window(make_model(critic=True))
    gate, begun = threading.Event(), threading.Event()

    def endless(search, times, subject, watch):  # type: ignore[no-untyped-def]
        begun.set()
        while not gate.wait(0.005):
            watch(0.1)

    monkeypatch.setattr(critic_neighbours, "best_neighbours", endless)
    monkeypatch.setattr(critic_neighbours, "PATIENCE_MS", 0)
    window = driver.window
    window.show_panel("critic")
    window.show_panel("neighbours")
    window.docks["critic"].setFloating(True)  # both are in view
    driver.wiring.instruments.critic.state.change(choose_neighbours=True)
    window.action_map["neighbours.sample"].trigger()
    driver.qtbot.waitUntil(begun.is_set)
    driver.qtbot.waitUntil(lambda: window.critic.choice.cancel.isVisible())
    assert "neighbours" in window.critic.choice.working.text()
    window.critic.choice.cancel.click()
    driver.settle()
    assert driver.wiring.neighbours.request is not None and not window.critic.choice.cancel.isVisible()


def test_stars_stand_in_the_critics_order(make_model: Make, open_window: Open) -> None:
    path = make_model(critic=True)
    driver = open_window(path)
    for seed in range(6):
        driver.wiring.editor.random(seed)
        driver.trigger("bookmark.add")
    star_filter = driver.window.bookmarks.filter
    star_filter.sort.menu().aboutToShow.emit()
    order = next(action for action in star_filter.sort.menu().actions() if action.text() == "Critic’s order")
    assert order.isEnabled()
    order.trigger()
    model = driver.window.bookmarks.model
    expected = np.argsort(-scores(path, np.concatenate([draw(1, 12, seed) for seed in range(6)])), kind="stable")
    driver.qtbot.waitUntil(lambda: [item.seed for item in model.items()] == expected.tolist())
    driver.qtbot.waitUntil(lambda: "random pictures" in model.index(0).data(Qt.ItemDataRole.ToolTipRole))
    driver.wiring.editor.random(77)
    driver.trigger("bookmark.add")
    nine = np.concatenate([draw(1, 12, seed) for seed in (*range(6), 77)])
    expected = np.array([*range(6), 77])[np.argsort(-scores(path, nine), kind="stable")]
    driver.qtbot.waitUntil(lambda: [item.seed for item in model.items()] == expected.tolist())
    assert not driver.window.bookmarks.list.movable


# improving


def test_an_improvement_is_kept_as_one_step_or_not_at_all(make_model: Make, open_window: Open) -> None:
    path = make_model(critic=True)
    driver = open_window(path)
    driver.wiring.editor.random(3)
    driver.wiring.editor.toggle_lock(2)
    start, undo = driver.z, driver.wiring.session.undo
    steps, section = undo.count(), driver.window.critic.improve
    driver.trigger("critic.improve")
    driver.qtbot.waitUntil(lambda: section.stage == "found")
    np.testing.assert_array_equal(driver.z, start)
    assert undo.count() == steps
    driver.qtbot.waitUntil(lambda: not section.pair.picture(1).isNull())
    assert section.pair.picture(0) != section.pair.picture(1)
    driver.qtbot.waitUntil(lambda: "of random pictures" in section.told.text())
    assert "° away" in section.told.text()
    click(driver, "critic.discard")
    assert section.stage == "idle"
    np.testing.assert_array_equal(driver.z, start)

    click(driver, "critic.improveButton")
    driver.qtbot.waitUntil(lambda: section.stage == "found")
    click(driver, "critic.keep")
    driver.settle()
    assert undo.count() == steps + 1 and section.stage == "idle"
    assert driver.z[2] == start[2]
    np.testing.assert_allclose(np.linalg.norm(driver.z), np.linalg.norm(start), rtol=1e-5)
    before, after = scores(path, np.stack([start, driver.z]))
    assert after > before
    driver.trigger("edit.undo")
    np.testing.assert_array_equal(driver.z, start)


def test_escape_ends_a_climb(make_model: Make, open_window: Open) -> None:
    driver = open_window(make_model(critic=True))
    driver.wiring.editor.random(3)
    show(driver)
    section, steps = driver.window.critic.improve, driver.find(QSpinBox, "critic.steps")
    assert isinstance(steps, QSpinBox)
    steps.setValue(200)
    click(driver, "critic.improveButton")
    assert section.stage == "climbing"
    driver.window.activateWindow()
    driver.window.critic._escape()
    assert section.stage == "idle"
    driver.settle()
    assert section.stage == "idle" and section.pair.picture(1).isNull()


# where there is none, and what may go wrong


def test_without_a_critic_everything_says_why(make_model: Make, open_window: Open) -> None:
    driver = open_window(make_model())
    show(driver)
    assert text(driver, "critic.empty") == asked.NO_CRITIC
    sort = driver.find(QToolButton, "neighbours.sort")
    assert isinstance(sort, QToolButton) and not sort.isEnabled() and sort.toolTip() == asked.NO_CRITIC
    for name in ("critic.best_random", "critic.improve"):
        action = driver.window.findChild(QAction, name)
        assert action is not None and not action.isEnabled()
    driver.wiring.instruments.critic.state.change(choose_neighbours=True, sort_neighbours=True)
    driver.trigger("neighbours.sample")
    assert driver.wiring.neighbours.request is not None
    star_filter = driver.window.bookmarks.filter
    star_filter.sort.menu().aboutToShow.emit()
    order = next(action for action in star_filter.sort.menu().actions() if action.text() == "Critic’s order")
    assert not order.isEnabled()


def test_a_critic_that_turns_out_not_to_be_there(
    make_model: Make, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "why_none", lambda model: "")  # as of an adapter, which only its own code knows
    driver = open_window(make_model())
    assert driver.wiring.instruments.critic.state.available
    driver.trigger("critic.best_random")
    driver.qtbot.waitUntil(lambda: not driver.wiring.instruments.critic.state.available)
    show(driver)
    assert text(driver, "critic.empty") == asked.NO_CRITIC
    assert not driver.window.action_map["critic.improve"].isEnabled()


def test_a_model_with_a_critic_after_one_without(make_model: Make, open_window: Open) -> None:
    other = make_model("with.safetensors", critic=True, seed=1)
    driver = open_window(make_model("without.safetensors"))
    show(driver)
    driver.wiring.models.open(other)
    driver.settle()
    assert driver.wiring.instruments.critic.state.available
    shown = driver.window.critic.rank.fakes.number
    driver.qtbot.waitUntil(lambda: shown.text() != "–")


@pytest.mark.parametrize("shape", [{"z_dim": 1}, {"channels": 1}], ids=["one dimension", "grey"])
def test_small_models_are_judged_too(make_model: Make, open_window: Open, shape: dict[str, int]) -> None:
    driver = open_window(make_model(critic=True, **shape))
    driver.wiring.editor.random(3)
    show(driver)
    driver.qtbot.waitUntil(lambda: driver.window.critic.rank.fakes.number.text() != "–")
    driver.trigger("critic.best_random")
    driver.trigger("critic.improve")
    section = driver.window.critic.improve
    driver.qtbot.waitUntil(lambda: section.stage != "climbing")
    if "z_dim" in shape:
        assert section.stage == "idle" and "two unlocked values" in section.told.text()
    else:
        assert section.stage == "found"
    driver.wiring.instruments.critic.state.change(choose_neighbours=True, sort_neighbours=True, best_of=2)
    driver.window.show_panel("neighbours")
    driver.trigger("neighbours.sample")
    driver.qtbot.waitUntil(lambda: driver.wiring.neighbours.request is not None)


def test_another_checkpoint_while_it_climbs(make_model: Make, open_window: Open) -> None:
    later = make_model("later.safetensors", critic=True, seed=1)
    driver = open_window(make_model(critic=True))
    driver.wiring.editor.random(3)
    show(driver)
    driver.wiring.instruments.critic.state.change(steps=200)
    click(driver, "critic.improveButton")
    driver.wiring.models.open(later)
    driver.settle()
    assert driver.window.critic.improve.stage == "idle"
    assert driver.wiring.session.model.sha256 == open_subject(later).info.sha256
    click(driver, "critic.improveButton")
    driver.qtbot.waitUntil(lambda: driver.window.critic.improve.stage == "found")


def test_chosen_neighbours_stay_when_another_step_is_opened(make_model: Make, open_window: Open) -> None:
    later = make_model("later.safetensors", critic=True, seed=1)
    driver = open_window(make_model(critic=True))
    near = driver.wiring.neighbours
    driver.wiring.instruments.critic.state.change(choose_neighbours=True, sort_neighbours=True, best_of=3)
    driver.wiring.editor.random(3)
    driver.trigger("neighbours.sample")
    driver.qtbot.waitUntil(lambda: near.request is not None)
    chosen = near.request
    driver.wiring.models.open(later)
    driver.settle()
    assert chosen is not None and near.request is chosen
    expected = np.argsort(-scores(later, chosen.latents), kind="stable").tolist()
    model = driver.window.neighbours.model
    driver.qtbot.waitUntil(lambda: [model.neighbour_at(k) for k in range(len(expected))] == expected)


def test_chosen_neighbours_come_back_at_the_next_start(make_model: Make, open_window: Open) -> None:
    path = make_model(critic=True)
    driver = open_window(path)
    driver.wiring.instruments.critic.state.change(choose_neighbours=True, best_of=3)
    driver.wiring.editor.random(3)
    driver.trigger("neighbours.sample")
    driver.qtbot.waitUntil(lambda: driver.wiring.neighbours.request is not None)
    chosen = driver.wiring.neighbours.request
    driver.close()
    again = open_window(path).wiring.neighbours
    assert chosen is not None
    driver.qtbot.waitUntil(lambda: again.request is not None and np.array_equal(again.request.latents, chosen.latents))


def test_closing_the_window_while_it_works(make_model: Make, open_window: Open) -> None:
    driver = open_window(make_model(critic=True))
    driver.wiring.editor.random(3)
    driver.window.show_panel("critic")
    driver.wiring.instruments.critic.state.change(steps=200, best_of=256, choose_neighbours=True, sort_neighbours=True)
    driver.window.action_map["critic.improve"].trigger()
    driver.window.action_map["critic.best_random"].trigger()
    driver.window.action_map["neighbours.sample"].trigger()
    driver.close()


def test_settings_are_remembered(make_model: Make, open_window: Open) -> None:
    path = make_model(critic=True)
    driver = open_window(path)
    show(driver)
    for name, value in (("critic.best_of", 40), ("critic.steps", 7)):
        field = driver.find(QSpinBox, name)
        assert isinstance(field, QSpinBox)
        field.setValue(value)
    box = driver.find(QCheckBox, "critic.neighbours")
    assert isinstance(box, QCheckBox)
    box.click()
    driver.close()
    assert CriticSettings.load(critic_path()) == CriticSettings(40, 7, True, False)
    again = open_window(path)
    assert again.wiring.instruments.critic.state.settings.best_of == 40
    assert again.window.critic.choice.number.value() == 40
    assert again.window.critic.choice.neighbours.isChecked()


def test_damaged_settings_are_set_aside(make_model: Make, open_window: Open) -> None:
    critic_path().parent.mkdir(parents=True, exist_ok=True)
    critic_path().write_text(json.dumps([1]))
    driver = open_window(make_model(critic=True))
    assert "critic" in driver.message()
    assert driver.wiring.instruments.critic.state.settings == CriticSettings()

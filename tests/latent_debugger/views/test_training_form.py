from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from gan.config import ModelConfig
from gan.presets import PRESETS
from latent_debugger.state.training_fields import MAIN, config_fields
from latent_debugger.state.training_plan import RunPlan, check, preset_values
from latent_debugger.views import theme
from latent_debugger.views.training_form import NewRunForm


@pytest.fixture
def form(qtbot: QtBot, qapp: QApplication) -> NewRunForm:
    theme.apply(qapp, "dark")
    made = NewRunForm()
    made.resize(1100, 320)
    qtbot.addWidget(made)
    made.set_places(Path("/runs"), {"people"})
    made.show()
    qtbot.waitExposed(made)
    return made


def choose(combo: QComboBox, value: object) -> None:
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())


def write(form: NewRunForm, name: str, text: str) -> None:
    editor = form.rows[name].editor
    assert isinstance(editor, QLineEdit)
    editor.setText(text)
    editor.textEdited.emit(text)


def test_every_field_is_there_with_its_explanation_and_unit(form: NewRunForm) -> None:
    for field in config_fields():
        editor = form.rows[field.name].editor
        assert editor.objectName() == f"training.{field.name}"
        assert field.about in editor.toolTip() and editor.accessibleDescription() == field.about
        assert editor.accessibleName().startswith(field.label)
        labels = [label.text() for label in form.rows[field.name].findChildren(QLabel)]
        assert not field.unit or field.unit in labels


def test_only_the_main_ones_are_seen_at_first(form: NewRunForm) -> None:
    assert {name for name, row in form.rows.items() if row.isVisible()} == set(MAIN)
    form.findChild(QToolButton, "training.more").click()
    assert all(row.isVisible() for row in form.rows.values())


def test_a_preset_fills_every_field(form: NewRunForm) -> None:
    assert [form.preset.itemText(i) for i in range(form.preset.count())] == [p.title for p in PRESETS.values()]
    for name in PRESETS:
        choose(form.preset, name)
        assert check(form.values()) == check(preset_values(name))


def test_what_the_user_changed_wins_over_the_preset_and_is_set_off(form: NewRunForm) -> None:
    write(form, "batch", "48")
    choose(form.preset, "paper-wgan")
    assert form.rows["batch"].value() == "48"
    assert form.rows["batch"]._label.text() == "Batch •" and form.rows["steps"]._label.text() == "Steps"
    assert form.rows["norm"].value() == "batch"


def test_another_objective_brings_its_papers_settings(form: NewRunForm) -> None:
    choose(form.rows["objective"].editor, "dcgan")  # type: ignore[arg-type]
    assert check(form.values())[1] == check(preset_values("small-cpu", "dcgan"))[1]


def test_the_field_in_focus_is_explained(form: NewRunForm, qtbot: QtBot) -> None:
    form.activateWindow()
    form.rows["width"].editor.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: "Feature maps" in form.findChild(QLabel, "training.help").text())


def test_a_new_run_begins_with_the_presets_explanation(form: NewRunForm, qtbot: QtBot) -> None:
    told = form.findChild(QLabel, "training.help")
    first = told.text()
    form.activateWindow()
    form.rows["width"].editor.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: told.text() != first)
    form.begin()
    assert told.text() == first


def test_a_folder_for_the_run_is_suggested_until_one_is_named(form: NewRunForm) -> None:
    form.set_data(Path("/pictures/people"))
    assert form.out.text() == "/runs/people-2"
    form.set_data(Path("/pictures/cats/images.npy"))
    assert form.out.text() == "/runs/cats"
    form.set_data(Path("/pictures/dogs.manifest.jsonl"))
    assert form.out.text() == "/runs/dogs"
    form.set_out_folder(Path("/elsewhere"))
    assert form.out.text() == "/elsewhere/dogs"
    form.set_data(Path("/pictures/people"))
    assert form.out.text() == "/elsewhere/dogs"


def test_a_suggested_folder_that_is_taken_gives_way_and_a_chosen_one_is_told(form: NewRunForm) -> None:
    told = form.findChild(QLabel, "training.out.problem")
    form.set_data(Path("/pictures/cats"))
    form.where.set_taken(Path("/runs/cats"), "Taken.")
    assert form.out.text() == "/runs/cats-2" and told.isHidden()
    form.set_out_folder(Path("/elsewhere"))
    form.where.set_taken(Path("/elsewhere/cats-2"), "Taken.")
    assert form.out.text() == "/elsewhere/cats-2" and told.text() == "Taken." and told.isVisible()
    form.set_out_folder(Path("/free"))
    assert told.isHidden()


def test_processes_are_checked_with_the_batch_and_where_the_run_runs(form: NewRunForm) -> None:
    form.set_data(Path("/pictures"))
    write(form, "devices", "2")
    write(form, "batch", "15")
    problems = {name: form.findChild(QLabel, f"training.{name}.problem") for name in ("batch", "devices")}
    assert problems["batch"].text() == "Must be a multiple of 2, the number of processes: 14, say."
    write(form, "batch", "16")
    assert problems["batch"].text() == "" and form.plan() is not None
    choose(form.mode, False)
    assert "Separate process" in problems["devices"].text() and form.plan() is None
    choose(form.mode, True)
    assert problems["devices"].text() == "" and form.plan() is not None


def test_a_new_run_begins_at_the_top_or_where_something_is_wrong(form: NewRunForm, qtbot: QtBot) -> None:
    bar = form._scroll.verticalScrollBar()
    form.activateWindow()
    form.set_data(Path("/pictures"))
    form.findChild(QToolButton, "training.more").click()
    qtbot.waitUntil(lambda: bar.value() > 0)
    form.rows["seed"].editor.setFocus()
    form.begin()
    assert bar.value() == 0 and form.focusWidget() is form.data
    write(form, "beta1", "abc")
    write(form, "batch", "abc")
    assert form.rows["beta1"].problem and form.rows["batch"].problem == "Must be a number such as 32."
    form.begin()
    assert form.focusWidget() is form.rows["batch"].editor
    write(form, "batch", "8")
    form.begin()
    assert form.focusWidget() is form.rows["beta1"].editor
    seen = form._scroll.viewport().rect()
    place = form.rows["beta1"].editor.mapTo(form._scroll.viewport(), QPoint())
    assert seen.contains(place)


def test_start_gives_the_whole_plan(form: NewRunForm) -> None:
    plans: list[RunPlan] = []
    form.start_requested.connect(plans.append)
    form.set_data(Path("/pictures/people"))
    write(form, "learning_rate", "5e-5")
    choose(form.mode, False)
    form.follow.setChecked(False)
    form.findChild(QPushButton, "training.start").click()
    model, train, _ = check({**preset_values("small-cpu"), "learning_rate": 5e-5})
    expected = RunPlan(Path("/pictures/people"), Path("/runs/people-2"), model, train, "small-cpu", None, False, False)
    assert plans == [expected]


def test_nothing_starts_while_something_is_missing_or_wrong(form: NewRunForm) -> None:
    plans: list[RunPlan] = []
    form.start_requested.connect(plans.append)
    form.command_requested.connect(plans.append)
    problem = form.findChild(QLabel, "training.problem")
    for name in ("training.start", "training.command"):
        form.findChild(QPushButton, name).click()
        assert problem.text() == "Choose pictures first."
    form.set_data(Path("/pictures"))
    write(form, "clip", "-1")
    form.findChild(QPushButton, "training.start").click()
    assert problem.text() == "1 value is wrong." and plans == []
    assert form.rows["clip"].isVisible()  # it was under More options
    write(form, "clip", "0.02")
    assert problem.text() == "" and form.findChild(QLabel, "training.clip.problem").text() == ""


def test_a_model_to_begin_with_fixes_the_networks(form: NewRunForm) -> None:
    model = ModelConfig(image_size=128, z_dim=33, width=12, norm="none")
    assert not form.fine_tune()  # nothing is open
    form.set_parent_model(Path("/m/step.safetensors"), "m, step 5", model)
    assert form.rows["z_dim"].value() == "100"
    assert form.fine_tune()
    assert check(form.values())[0] == model
    assert not form.rows["z_dim"].isEnabled() and form.rows["batch"].isEnabled()
    form.set_data(Path("/pictures"))
    plan = form.plan()
    assert plan is not None and plan.parent == Path("/m/step.safetensors") and plan.model == model
    choose(form.parent_choice, None)
    assert form.rows["z_dim"].isEnabled() and form.rows["z_dim"].value() == "100"


def test_the_critic_of_a_model_to_begin_with_may_be_another(form: NewRunForm) -> None:
    form.set_parent_model(Path("/m/step.safetensors"), "m", ModelConfig(norm="batch"))
    form.fine_tune()
    assert form.values()["objective"] == "wgan-gp" and form.values()["norm"] == "layer"  # its penalty forbids batch
    assert form.rows["norm"].isEnabled()
    choose(form.rows["objective"].findChild(QComboBox), "wgan")
    assert form.values()["norm"] == "batch"
    choose(form.rows["norm"].findChild(QComboBox), "none")
    assert check(form.values())[0].norm == "none"
    choose(form.rows["objective"].findChild(QComboBox), "wgan-gp")
    choose(form.rows["norm"].findChild(QComboBox), "batch")
    assert form.findChild(QLabel, "training.norm.problem").text().startswith("Must be layer or none for wgan-gp")


def test_another_open_model_takes_the_place_of_the_chosen_one(form: NewRunForm) -> None:
    form.set_parent_model(Path("/a"), "a", ModelConfig(z_dim=1))
    form.fine_tune()
    form.set_parent_model(Path("/b"), "b", ModelConfig(z_dim=2))
    assert form.parent_choice.currentData() == Path("/b") and form.rows["z_dim"].value() == "2"
    form.set_parent_model(None)
    assert form.parent_choice.currentData() is None and form.rows["z_dim"].isEnabled()


def test_the_built_in_pictures_are_drawn_as_large_as_the_run_wants_them(form: NewRunForm) -> None:
    asked: list[int] = []
    form.people_requested.connect(asked.append)
    choose(form.rows["image_size"].editor, 32)  # type: ignore[arg-type]
    form.where.people.click()
    form.set_drawing(True)
    form.where.people.click()
    assert asked == [32]


def test_fields_flow_into_as_many_columns_as_fit(form: NewRunForm) -> None:
    tops: dict[int, set[int]] = {}
    for width in (1100, 500, 320):
        form.resize(width, 400)
        QApplication.processEvents()
        places = [
            QRect(form.rows[name].mapTo(form, form.rows[name].rect().topLeft()), form.rows[name].size())
            for name in MAIN
        ]
        assert all(place.left() >= 0 and place.right() < width for place in places)
        assert not any(a.intersects(b) for i, a in enumerate(places) for b in places[i + 1 :])
        tops[width] = {place.top() for place in places}
    assert len(tops[1100]) < len(tops[500]) <= len(tops[320])


def test_what_was_there_before_the_restart_gives_way_to_what_is_new(form: NewRunForm) -> None:
    write(form, "batch", "48")
    choose(form.preset, "paper-wgan")
    choose(form.mode, False)
    form.set_data(Path("/pictures/cats"))
    memory = form.memory()
    again = NewRunForm()
    again.restore(memory)
    assert again.values() == form.values() and again.memory() == memory
    assert again.rows["batch"]._label.text() == "Batch •"
    other = NewRunForm()
    other.set_data(Path("/pictures/dogs"))
    write(other, "steps", "7")
    other.restore(memory)
    assert other.data.text() == "/pictures/dogs" and other.rows["batch"].value() != "48"
    for made in (again, other):
        made.deleteLater()


def test_a_path_that_leads_nowhere_is_told_at_its_field(form: NewRunForm, qtbot: QtBot) -> None:
    plans: list[RunPlan] = []
    form.start_requested.connect(plans.append)
    form.set_data(Path("/pictures/cats"))
    form.activateWindow()
    form.set_data_problem("/pictures/cats does not exist.")
    told = form.findChild(QLabel, "training.data.problem")
    assert told is not None and told.isVisible() and told.text() == "/pictures/cats does not exist."
    assert form.data.property("wrong") and form.focusWidget() is form.data
    form.findChild(QPushButton, "training.start").click()
    assert plans == [] and form.findChild(QLabel, "training.problem").text() == "The pictures cannot be used."
    form.set_data(Path("/pictures/dogs"))
    assert told.isHidden() and not form.data.property("wrong")
    form.findChild(QPushButton, "training.start").click()
    assert len(plans) == 1

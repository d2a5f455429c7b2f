from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from latent_debugger.views.label_field import LabelField


@pytest.fixture
def field(qtbot):
    field = LabelField()
    qtbot.addWidget(field)
    field.show()
    field.asked = []
    field.chosen.connect(field.asked.append)
    return field


def test_it_is_there_only_where_there_are_classes(field):
    field.set_labels((), "")
    assert not field.isVisible()
    field.set_labels(("cat", "dog"), "dog")
    assert field.isVisible() and field.choice.currentText() == "dog" and not field.asked
    field.set_labels((), "")
    assert not field.isVisible() and field.choice.count() == 0 and not field.asked


def test_keys_walk_through_the_classes(field, qtbot):
    field.set_labels(("cat", "dog", "owl"), "cat")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(field.choice, key)
    assert field.asked == ["dog", "owl", "dog"]
    qtbot.keyClicks(field.choice, "c")
    assert field.asked[-1] == "cat"


def test_the_state_is_shown_without_asking_for_it_again(field):
    field.set_labels(("cat", "dog"), "cat")
    field.set_labels(("cat", "dog"), "dog")
    field.set_labels(("cat", "dog"), "unicorn")
    assert field.choice.currentText() == "dog" and not field.asked
    assert field.choice.objectName() == "latent.label" and field.choice.accessibleName()

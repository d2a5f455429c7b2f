from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from gan.errors import UserError
from latent_debugger.state.bookmark import Bookmark
from latent_debugger.state.database import BookmarkDatabase
from latent_debugger.state.duplicates import duplicates
from latent_debugger.state.editor import LatentEditor
from latent_debugger.state.labels import choose_label, go_to
from latent_debugger.state.latent import Origin
from latent_debugger.state.library import BookmarkLibrary
from latent_debugger.state.model import AdapterUse
from latent_debugger.state.session import Session
from latent_debugger.state.star_query import StarQuery


@pytest.fixture
def pets(model):
    return replace(model, adapter=AdapterUse("mine", "cat"), labels=("cat", "dog", "owl"), run=None)


@pytest.fixture
def session(pets):
    session = Session()
    session.set_model(pets)
    session.told = []
    session.label_changed.connect(lambda: session.told.append("label"))
    session.model_changed.connect(lambda: session.told.append("model"))
    return session


def test_a_choice_is_told_once_and_can_be_undone(session):
    choose_label(session, "dog")
    assert session.model.label == "dog" and session.told == ["label", "model"] and session.undo.count() == 1
    for nothing in ("dog", "unicorn", ""):
        choose_label(session, nothing)
    assert session.undo.count() == 1 and len(session.told) == 2
    session.undo.undo()
    assert session.model.label == "cat"
    session.undo.redo()
    assert session.model.label == "dog"


def test_a_model_without_classes_has_nothing_to_choose(model):
    session = Session()
    choose_label(session, "dog")
    session.set_model(model)
    choose_label(session, "dog")
    assert session.model == model and session.model.label == "" and session.undo.count() == 0


def test_a_step_of_another_model_does_nothing(session, model):
    choose_label(session, "dog")
    session.set_model(model)
    session.undo.undo()
    assert session.model == model


def test_latent_and_class_are_one_step(session):
    editor = LatentEditor(session.latent, session.undo)
    z = np.arange(5, dtype=np.float32)
    go_to(session, editor, z, Origin(), "go to Star 1", "owl")
    assert session.model.label == "owl" and session.latent.z.tolist() == z.tolist()
    assert session.undo.count() == 1 and session.undo.undoText() == "go to Star 1"
    session.undo.undo()
    assert session.model.label == "cat" and not session.latent.z.any()
    session.undo.redo()
    assert session.model.label == "owl" and session.latent.z.tolist() == z.tolist()
    go_to(session, editor, z, Origin(), "again", "owl")
    go_to(session, editor, z, Origin(), "unknown", "unicorn")
    assert session.undo.count() == 1
    go_to(session, editor, z + 1, Origin(), "on", "")
    assert session.undo.count() == 2 and session.model.label == "owl"


def test_what_does_not_fit_changes_nothing(session):
    editor = LatentEditor(session.latent, session.undo)
    with pytest.raises(UserError):
        go_to(session, editor, np.zeros(3), Origin(), "go", "owl")
    assert session.model.label == "cat" and not session.latent.z.any()


def test_a_star_belongs_to_its_class(pets, star, tmp_path):
    cat, dog = (star(1, label=label, run=None, id=label) for label in ("cat", "dog"))
    library = BookmarkLibrary()
    library.load([cat, dog])
    for label, wanted in (("cat", cat), ("dog", dog), ("owl", None)):
        assert library.contains_latent(cat.z, pets.with_label(label)) == wanted
    assert library.twin(cat) is None and library.twin(replace(dog, id="copy")) == dog
    assert duplicates([cat, dog]).exact == () and duplicates([cat, dog, replace(dog, id="copy")]).exact == ("copy",)
    assert StarQuery(text="dog").apply([cat, dog], None) == [dog]
    with closing(BookmarkDatabase(tmp_path / "stars.sqlite")) as base:
        base.put([cat, dog])
        assert [item.label for item in base.all()] == ["cat", "dog"]
    made = Bookmark.new(cat.latent, model=pets, origin=Origin(), name="x", thumbnail=b"", position=0.0)
    assert made.label == "cat"

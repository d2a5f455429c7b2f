"""Adapters as the window uses them: opened, opened again, given another class, told about."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gan.errors import UserError
from gan.latent.draws import draw
from latent_debugger.services.adapters import (
    adapted_model_info,
    classes_of,
    open_again,
    open_networks,
    open_with,
    subject_with_label,
    with_label,
)
from latent_debugger.services.foreign import choices_of
from latent_debugger.services.models import load_model
from latent_debugger.services.render import reopen_on_cpu
from latent_debugger.state.model import AdapterUse

CPU = torch.device("cpu")
CODE = """
import torch
from gan.adapters import Capabilities
class Helper: pass
class Two:
    capabilities = Capabilities(labels=("crane", "crane"), critic=True)
    def load(self, path, device):
        self.paint = torch.load(path, map_location=device, weights_only=True)["paint"]
        return 4
    def images(self, latents, space, label):
        return torch.tanh(latents @ self.paint * (label + 1)).view(-1, 3, 4, 4)
    def scores(self, images, label):
        return images.sum((1, 2, 3)) * 0 + label
"""


@pytest.fixture
def path(tmp_path):
    torch.manual_seed(0)
    torch.save({"paint": torch.randn(4, 48)}, tmp_path / "two.pth")
    return tmp_path / "two.pth"


@pytest.fixture
def use(tmp_path):
    (tmp_path / "two.py").write_text(CODE)
    return AdapterUse(f"{tmp_path / 'two.py'}:Two")


def test_a_model_remembers_how_it_was_opened(path, use):
    model = load_model(path, "cpu", adapter=use).model
    assert model.adapter == AdapterUse(use.name, "crane") and model.labels == ("crane", "crane (2)")
    assert model.choices is None and model.label == "crane" and (model.dim, model.image_size) == (4, 4)
    gone = load_model(path, "cpu", adapter=AdapterUse(use.name, "no more")).model
    assert gone.label == "crane"


def test_another_class_and_back(path, use):
    first = open_with(path, use, CPU)
    second = with_label(first, "crane (2)")
    z = draw(2, 4, 0)
    paint = torch.load(path, weights_only=True)["paint"].numpy()
    assert np.abs(first.raw(z).reshape(2, -1) - np.tanh(z @ paint)).max() < 1e-6
    assert np.abs(second.raw(z).reshape(2, -1) - np.tanh(2 * z @ paint)).max() < 1e-6
    assert (first.info.label, second.info.label) == ("crane", "crane (2)")
    with pytest.raises(UserError, match="no label"):
        with_label(first, "unicorn")


def test_opened_again_it_draws_the_same_class(path, use):
    renderer = with_label(open_with(path, use, CPU), "crane (2)")
    z = draw(1, 4, 1)
    for again in (open_again(renderer.info, choices_of(renderer.info), CPU), reopen_on_cpu(renderer)):
        assert np.array_equal(again.raw(z), renderer.raw(z)) and again.info == renderer.info
    torch.save({"paint": torch.zeros(4, 48)}, path)
    with pytest.raises(UserError, match="has changed"):
        reopen_on_cpu(renderer)


def test_networks_for_instruments(path, use):
    model = load_model(path, "cpu", adapter=AdapterUse(use.name, "crane (2)")).model
    subject = open_networks(model)
    z = torch.from_numpy(draw(3, 4, 0))
    assert torch.equal(
        subject.generator(z), torch.from_numpy(load_model(path, "cpu", adapter=model.adapter).renderer.raw(z.numpy()))
    )
    assert subject.critic(subject.generator(z)).tolist() == [1, 1, 1]
    other = subject_with_label(subject, "crane")
    assert other.critic(other.generator(z)).tolist() == [0, 0, 0] and not torch.equal(
        other.generator(z), subject.generator(z)
    )
    assert subject_with_label(subject, "crane (2)") is subject is subject_with_label(subject, "unicorn")


def test_models_of_ones_own_are_opened_again_as_ever(checkpoint):
    loaded = load_model(checkpoint, "cpu")
    assert (
        loaded.model.adapter is None
        and loaded.model.labels == ()
        and with_label(loaded.renderer, "x") is loaded.renderer
    )
    z = draw(1, loaded.model.dim, 0)
    assert np.array_equal(open_again(loaded.renderer.info, None, CPU).pixels(z), loaded.renderer.pixels(z))
    subject = open_networks(loaded.model)
    assert subject_with_label(subject, "x") is subject and subject.dim == loaded.model.dim


def test_what_there_is_to_tell(path, use):
    model = load_model(path, "cpu", adapter=use).model
    facts = dict(adapted_model_info(model).facts)
    assert facts["Drawn by"].endswith("two.py:Two") and facts["Classes"] == "2" and facts["Class"] == "crane"
    path.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        adapted_model_info(model)


def test_classes_are_found_without_running_them(tmp_path):
    file = tmp_path / "x.py"
    file.write_text(CODE + "\nraise SystemExit\n")
    assert classes_of(file) == ["Two"]
    file.write_text("class A:\n    pass\nclass B(A):\n    pass\n")
    assert classes_of(file) == ["A", "B"]
    file.write_text("x = 1")
    assert classes_of(file) == []
    for bad in (b"def (", b"\0", b"\xff\xfe", b"(" * 5000):
        file.write_bytes(bad)
        with pytest.raises(UserError):
            classes_of(file)
    with pytest.raises(UserError):
        classes_of(tmp_path)

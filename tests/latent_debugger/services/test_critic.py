from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig
from gan.importers.choices import Choices
from gan.instruments.critic import fake_scores, real_scores
from gan.instruments.subject import open_subject
from gan.latent.draws import draw
from gan.models import build_critic, build_generator
from latent_debugger.services import critic
from latent_debugger.services.critic_scale import CriticScale
from latent_debugger.services.instruments import InstrumentService
from latent_debugger.services.models import load_model
from latent_debugger.state.anchor import Anchor
from latent_debugger.state.model import AdapterUse
from latent_debugger.state.neighbour_state import NeighbourSettings, Search
from latent_debugger.state.reference import Place, ReferencePictures, ReferenceState


class Unwatched:
    """A watch that nobody looks at."""

    def __call__(self, share): ...
    def show(self, share, found): ...
    def check(self): ...


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    torch.manual_seed(3)
    config = ModelConfig(image_size=32, z_dim=8, width=4)
    path = tmp_path_factory.mktemp("judged") / "judged.safetensors"
    save_checkpoint(path, build_generator(config), CheckpointInfo(path, "dcgan", config, 7), build_critic(config))
    return path


@pytest.fixture
def subject(judged):
    return open_subject(judged)


def test_a_model_without_a_critic_says_so(checkpoint, judged):
    assert critic.why_none(load_model(checkpoint, "cpu").model) == critic.NO_CRITIC
    assert critic.why_none(load_model(judged, "cpu").model) == ""
    with pytest.raises(critic.NoCriticError, match="holds no critic"):
        critic.read_score(draw(1, 8, 0)[0], open_subject(checkpoint), Unwatched())


def test_files_of_others_come_without_one_and_only_an_adapter_knows_itself(checkpoint):
    model = load_model(checkpoint, "cpu").model
    assert critic.why_none(replace(model, choices=Choices())) == critic.FOREIGN
    assert critic.why_none(replace(model, adapter=AdapterUse("somebody"))) == ""


def test_the_best_row_is_the_one_with_the_highest_score(subject):
    z = draw(20, 8, 1)
    expected = int(fake_scores(subject.generator, subject.critic, z).argmax())
    assert critic.best_row(z, subject, Unwatched()) == expected
    assert critic.read_score(z[expected], subject, Unwatched()) == pytest.approx(
        float(critic.read_scores(z, subject, Unwatched()).max()), rel=1e-4
    )


def test_the_best_neighbours_keep_their_parents_and_bases(subject):
    anchor = Anchor(draw(3, 8, 5), ("a", "b", "c"))
    frozen = np.zeros(8, np.bool_)
    search = Search(anchor, frozen, np.zeros((0, 8), np.float32), NeighbourSettings(count=6, sigma=0.4), 9)
    found = critic.best_neighbours(search, 4, subject, Unwatched())
    drawn = search.draw(4)
    scores = fake_scores(subject.generator, subject.critic, drawn.latents)
    order = np.argsort(-scores, kind="stable")[:6]
    assert found.among == 24 and found.diversity > 0
    np.testing.assert_array_equal(found.request.latents, drawn.latents[list(found.rows)])
    np.testing.assert_allclose(found.scores, scores[order], rtol=1e-4)
    for row, candidate in enumerate(found.rows):
        assert found.request.parents[row] == drawn.parents[candidate]
        np.testing.assert_array_equal(found.request.base[row], drawn.base[candidate])


def test_reals_are_scored_as_far_as_there_are_enough(subject, monkeypatch):
    images = np.random.default_rng(0).integers(0, 255, (30, 32, 32, 3), np.uint8)
    images.flags.writeable = False  # as what is memory-mapped
    np.testing.assert_allclose(
        np.sort(critic.score_reals(images, subject, Unwatched())),
        np.sort(real_scores(subject.critic, images)),
        rtol=1e-4,
    )
    monkeypatch.setattr(critic, "REFERENCES", 10)
    assert len(critic.score_reals(images, subject, Unwatched())) == 10


@pytest.fixture
def service(qapp, judged):
    service = InstrumentService()
    service.set_model(load_model(judged, "cpu").model)
    yield service
    service.stop()


def test_the_scale_is_worked_out_when_wanted_and_remembered(service, qapp, judged, checkpoint):
    reference = ReferenceState()
    scale = CriticScale(service, reference, service)
    model = service.model
    scale.set_model(model)
    assert service.wait_idle(20) and scale.scale is None  # nobody wants it
    scale.want("panel", True)
    assert service.wait_idle(30) and scale.scale is not None
    assert len(scale.scale.fakes) == critic.REFERENCES and scale.scale.reals is None

    images = np.random.default_rng(0).integers(0, 255, (12, 32, 32, 3), np.uint8)
    reference.set_ready(ReferencePictures(Place(judged), "noise", images, "sha", None))
    assert service.wait_idle(30) and len(scale.scale.reals) == 12
    first = scale.seen

    service.set_model(load_model(checkpoint, "cpu").model)
    scale.set_model(None)
    assert scale.scale is None and scale.seen is None
    service.set_model(model)
    scale.set_model(model)
    assert scale.seen is first and len(scale.scale.reals) == 12  # at once
    reference.set_none()
    assert scale.scale.reals is None


def test_nobody_wants_it_any_more(service):
    scale = CriticScale(service, ReferenceState(), service)
    scale.set_model(service.model)
    scale.want("panel", True)
    scale.want("stars", True)
    scale.want("panel", False)
    assert service.running("critic.fakes")
    scale.want("stars", False)
    assert not service.running("critic.fakes") and service.wait_idle(20) and scale.scale is None

from __future__ import annotations

import pickle
import random
import threading

import numpy as np
import pytest
import torch

from gan.checkpoints import CheckpointInfo, save_checkpoint
from gan.config import ModelConfig
from gan.errors import UserError
from gan.models import build_generator
from gan.rendering import Renderer
from latent_debugger.services import models
from latent_debugger.services.models import ModelService, load_model


@pytest.fixture
def service(qapp):
    service = ModelService()
    service.seen = []
    service.loaded.connect(service.seen.append)
    service.failed.connect(service.seen.append)
    yield service
    service.stop()


def test_loads_a_model_off_the_gui_thread(service, checkpoint, qtbot, monkeypatch):
    threads, real = [], models.open_renderer
    monkeypatch.setattr(models, "open_renderer", lambda *a: threads.append(threading.current_thread()) or real(*a))
    with qtbot.waitSignal(service.loaded, timeout=20_000):
        service.open(checkpoint, "cpu")
    (loaded,) = service.seen
    assert threads[0] is not threading.current_thread()
    assert loaded.model.path == checkpoint and loaded.model.name == "tiny" and loaded.model.device == "cpu"
    assert (loaded.model.dim, loaded.model.image_size, loaded.model.channels, loaded.model.step) == (8, 32, 3, 7)
    assert loaded.model.sha256 == loaded.renderer.info.sha256 and loaded.model.objective == "wgan-gp"
    assert loaded.notice == "" and loaded.renderer.pixels(np.zeros((1, 8), np.float32)).shape == (1, 32, 32, 3)


def test_a_run_directory_gives_its_newest_checkpoint(service, make_checkpoint):
    make_checkpoint("run/checkpoints/step-00000009.safetensors", step=9)
    newest = make_checkpoint("run/checkpoints/step-00000010.safetensors", step=10)
    service.open(newest.parent.parent)
    assert service.wait_idle(20)
    assert service.seen[0].model.path == newest and service.seen[0].model.name == "run"


def test_the_newest_call_wins(service, make_checkpoint, monkeypatch):
    paths = [make_checkpoint(f"m{i}.safetensors", seed=i) for i in range(4)]
    gate, opened, real = threading.Event(), [], models.open_renderer
    monkeypatch.setattr(models, "open_renderer", lambda p, d, c: (gate.wait(10) and opened.append(p)) or real(p, d, c))
    for path in paths:
        service.open(path)
    gate.set()
    assert service.wait_idle(20)
    assert [item.model.path for item in service.seen] == [paths[-1]]
    assert len(opened) <= 2  # the one in hand, and the last


def test_a_failure_of_an_older_call_is_not_told(service, checkpoint, tmp_path):
    service.open(tmp_path / "missing.safetensors")
    service.open(checkpoint)
    assert service.wait_idle(20)
    assert [item.model.path for item in service.seen] == [checkpoint]


def test_busy_while_loading(service, checkpoint):
    busy = []
    service.busy_changed.connect(busy.append)
    service.open(checkpoint)
    assert busy == [True] and service.wait_idle(20) and busy == [True, False]


def test_stop_while_loading_emits_nothing(service, checkpoint, qapp):
    service.open(checkpoint)
    service.stop()
    service.stop()
    qapp.processEvents()
    assert service.seen == []


def test_synchronous(checkpoint, tmp_path, qapp):
    service, seen = ModelService(synchronous=True), []
    service.loaded.connect(seen.append)
    service.failed.connect(seen.append)
    service.open(checkpoint)
    service.open(tmp_path)
    assert seen[0].model.path == checkpoint and isinstance(seen[1], UserError)


class _Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was executed",))


def _bad_files(good: bytes) -> dict[str, bytes]:
    random.seed(0)
    length = int.from_bytes(good[:8], "little")
    offsets = [1, 7, 8, 9, 8 + length - 1, 8 + length, 8 + length + 1, len(good) - 1]
    offsets += random.sample(range(len(good)), 12)
    files = {f"truncated at {n}": good[:n] for n in offsets}
    for n in [0, 7, 8, 8 + length, len(good) - 1, *random.sample(range(len(good)), 20)]:
        files[f"bit flipped at {n}"] = good[:n] + bytes([good[n] ^ (1 << random.randrange(8))]) + good[n + 1 :]
    files |= {
        "empty": b"",
        "text": b"These are not the weights you are looking for.\n" * 100,
        "zeros": bytes(4096),
        "noise": random.randbytes(4096),
        "appended": good + b"more",
        "pickle": pickle.dumps(_Bomb()),
        "huge header": (2**63 - 1).to_bytes(8, "little") + b"{}" * 100,
        "deep json": (40_000).to_bytes(8, "little") + b"[" * 40_000,
    }
    return files


def test_whatever_is_wrong_with_a_file_is_told_in_one_sentence(qapp, checkpoint, tmp_path):
    service, failures = ModelService(synchronous=True), []
    service.loaded.connect(lambda loaded: pytest.fail(f"{loaded.model.path.name} was loaded"))
    service.failed.connect(failures.append)
    files = _bad_files(checkpoint.read_bytes())
    torch.save({"bomb": _Bomb()}, tmp_path / "torch.pt")
    files["torch.pt"] = (tmp_path / "torch.pt").read_bytes()
    for name, data in files.items():
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(data)
        service.open(path)
    for path in (tmp_path / "missing.safetensors", tmp_path / "no" / "folder", tmp_path, tmp_path / ("x" * 300)):
        service.open(path)
    assert len(failures) == len(files) + 4
    for error in failures:
        assert type(error) is UserError and error.text.endswith(".") and "\n" not in str(error)
        assert "could not be opened" not in error.text  # the sentence for bugs


def test_a_failure_leaves_the_renderer_in_use_alone(qapp, checkpoint, tmp_path):
    from latent_debugger.services.render import RenderService

    service, renders, frames = ModelService(synchronous=True), RenderService(synchronous=True), []
    service.loaded.connect(lambda loaded: renders.set_renderer(loaded.renderer))
    renders.frame_ready.connect(frames.append)
    service.open(checkpoint)
    (tmp_path / "bad.safetensors").write_bytes(checkpoint.read_bytes()[:-3])
    service.open(tmp_path / "bad.safetensors")
    renders.request(np.ones(8, np.float32))
    assert len(frames) == 1


def test_a_model_that_answers_with_nan_is_refused_before_it_replaces_anything(tmp_path):
    config = ModelConfig(image_size=32, z_dim=8, width=4)
    generator = build_generator(config)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(1e38)  # finite weights, infinite sums
    path = tmp_path / "wild.safetensors"
    save_checkpoint(path, generator, CheckpointInfo(path, "dcgan", config, 1))
    with pytest.raises(UserError):
        load_model(path, "cpu")


def test_a_failing_device_falls_back_with_a_notice(checkpoint, monkeypatch):
    def fails_elsewhere(path, device, choices):
        if device != "cpu":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return real(path, device, choices)

    real = models.open_renderer
    monkeypatch.setattr(models, "open_renderer", fails_elsewhere)
    monkeypatch.setattr(models, "choose_device", torch.device)
    loaded = load_model(checkpoint, "cuda")
    assert loaded.model.device == "cpu" and "cuda" in loaded.notice


def test_an_unknown_device_is_told(service, checkpoint):
    service.open(checkpoint, "toaster")
    service.wait_idle(20)
    assert "toaster" in service.seen[0].text


def test_a_bug_is_no_traceback_for_the_user(service, checkpoint, monkeypatch, caplog):
    def broken(self, latents):
        raise KeyError("oops")

    monkeypatch.setattr(Renderer, "pixels", broken)
    service.open(checkpoint)
    assert service.wait_idle(20)
    assert service.seen[0].text == "The model could not be opened." and "KeyError" in caplog.text


def test_steps_of_a_run_are_loaded_once_while_they_stay_the_same(qapp, make_checkpoint, monkeypatch):
    service, seen, told, opened, real = ModelService(synchronous=True), [], [], [], models.open_renderer
    monkeypatch.setattr(models, "open_renderer", lambda p, d, c: opened.append(p) or real(p, d, c))
    service.loaded.connect(told.append)
    a, b = (make_checkpoint(f"step-0000000{i}.safetensors", seed=i) for i in (1, 2))
    for path in (a, b, a):
        service.open_step(path, "cpu", seen.append, told.append)
    assert [model.model.path for model in seen] == [a, b, a]
    assert seen[0] is seen[2] and opened == [a, b]
    make_checkpoint(a.name, seed=3, step=8)
    service.open_step(a, "cpu", seen.append, told.append)
    assert seen[-1].model.sha256 != seen[0].model.sha256
    assert told == []
    service.open_step(a.with_name("gone"), "cpu", seen.append, told.append)
    assert isinstance(told.pop(), UserError) and len(seen) == 4


def test_a_step_never_overtakes_what_the_user_opens(service, make_checkpoint):
    step, other = make_checkpoint("step-00000001.safetensors"), make_checkpoint("other.safetensors", seed=1)
    answers = []
    service.open_step(step, "cpu", answers.append, answers.append)
    service.open(other)
    service.open_step(step, "cpu", answers.append, answers.append)
    assert service.wait_idle(20)
    assert [item.model.path for item in service.seen] == [other]
    assert answers == [None, None]


def test_tells_that_a_folder_was_opened(service, make_checkpoint):
    newest = make_checkpoint("run/checkpoints/step-00000010.safetensors")
    for path in (newest.parent.parent, newest):
        service.open(path)
        assert service.wait_idle(20)
    assert [item.folder for item in service.seen] == [newest.parent.parent, None]


def test_steps_that_are_expected_are_loaded_in_advance(service, make_checkpoint, tmp_path, monkeypatch):
    opened, answers, real = [], [], models.open_renderer
    monkeypatch.setattr(models, "open_renderer", lambda p, d, c: opened.append(p) or real(p, d, c))
    a, b = (make_checkpoint(f"step-0000000{i}.safetensors", seed=i) for i in (1, 2))
    service.expect_steps([a, tmp_path / "gone", b], "cpu")
    assert service.wait_idle(20) and opened == [a, b]
    service.open_step(b, "cpu", answers.append, answers.append)
    assert service.wait_idle(20)
    assert answers[0].model.path == b and opened == [a, b] and service.seen == []

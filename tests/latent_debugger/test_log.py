from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from latent_debugger.log import FILE_NAME, MAX_BYTES, OLDER_FILES, Log, tail


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log(tmp_path / "log")
    yield made
    made.close()


def test_what_we_log_is_in_the_file(log: Log, tmp_path: Path) -> None:
    logging.getLogger("latent_debugger.views").info("opened süß.safetensors")
    logging.getLogger("gan").debug("too fine")
    logging.getLogger("PIL").info("not ours")
    logging.getLogger("PIL").warning("not ours, but a warning")
    text = log.path.read_text(encoding="utf-8")
    assert "INFO latent_debugger.views: opened süß.safetensors" in text
    assert "too fine" not in text and "not ours\n" not in text and "but a warning" in text
    assert tail(tmp_path / "log", 1).endswith("but a warning\n")


def test_it_stays_small(log: Log, tmp_path: Path) -> None:
    for _ in range(5 * MAX_BYTES // 10_000):
        logging.getLogger("latent_debugger").warning("x" * 10_000)
    files = list((tmp_path / "log").iterdir())
    assert len(files) == 1 + OLDER_FILES
    assert all(file.stat().st_size <= MAX_BYTES for file in files)


def test_closing_puts_everything_back(tmp_path: Path) -> None:
    root, ours = logging.getLogger(), logging.getLogger("latent_debugger")
    before = list(root.handlers), ours.level
    log = Log(tmp_path)
    assert (list(root.handlers), ours.level) != before
    log.close()
    log.close()
    assert (list(root.handlers), ours.level) == before
    ours.warning("after the end")
    assert "starts" in tail(tmp_path, 5) and "after the end" not in tail(tmp_path, 5)


def test_without_a_handler_of_anybodys_warnings_still_reach_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    log = Log(tmp_path)
    logging.getLogger("latent_debugger").warning("careful")
    logging.getLogger("latent_debugger").info("by the way")
    log.close()
    assert capsys.readouterr().err == "careful\n"


def test_a_log_that_cannot_be_written_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "taken" / FILE_NAME).mkdir(parents=True)
    for folder in (tmp_path / "file" / "log", tmp_path / "taken"):
        log = Log(folder)
        logging.getLogger("latent_debugger").warning("hello")
        assert tail(folder, 10) == ""
        log.close()
    assert "Traceback" not in capsys.readouterr().err

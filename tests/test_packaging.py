"""What users install holds what the code opens, and nothing else."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import HeaderParser
from importlib.resources import files
from pathlib import Path, PurePosixPath

import pytest

from gan.metrics import features
from latent_debugger import application
from latent_debugger.views import theme

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
DESKTOP_FILE = "packaging/latent-debugger.desktop"
BUILD = """
import sys
from hatchling import build
print(getattr(build, sys.argv[1])(sys.argv[2]))
"""


def sources(*folders: str) -> set[str]:
    """Every file below these folders of the repository that is not a product of running it."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return {path.relative_to(ROOT).as_posix() for path in paths if path.is_file() and path.suffix != ".pyc"}


def git(*words: str) -> list[str]:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("this is no git checkout")
    ended = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stderr
    return ended.stdout.splitlines()


def data_the_code_opens() -> list[Path]:
    style = Path(theme.__file__).parent / "assets" / "theme.qss"
    pictures = re.findall(r"url\(assets:([^)]+)\)", style.read_text(encoding="utf-8"))
    assert pictures
    return [
        features.WEIGHTS,
        Path(str(files("gan.data").joinpath("open_peeps.json"))),
        style,
        *sorted({style.with_name(name.replace("$tone", tone)) for name in pictures for tone in ("light", "dark")}),
        application.ICON,
    ]


@pytest.mark.parametrize("path", data_the_code_opens(), ids=lambda path: path.name)
def test_a_file_the_code_opens_lies_in_a_package_that_is_shipped(path: Path) -> None:
    assert path.is_file()
    assert path.relative_to(ROOT).parts[0] in WHEEL["packages"]


def test_no_file_of_a_package_is_hidden_from_the_build_by_gitignore() -> None:
    git("rev-parse")
    listed = "\n".join(sorted(sources("gan", "latent_debugger", "checkpoints", "packaging")))
    command = ["git", "check-ignore", "--no-index", "--stdin"]
    ignored = subprocess.run(command, cwd=ROOT, input=listed, capture_output=True, text=True, check=False)
    assert ignored.stdout == ""


def test_what_the_wheel_takes_from_elsewhere_is_there() -> None:
    for source in (*WHEEL["packages"], *WHEEL["force-include"], *WHEEL["shared-data"]):
        assert (ROOT / source).exists(), source
    model = application.bundled_model()
    assert model is not None and model.is_relative_to(ROOT / "checkpoints")
    assert WHEEL["force-include"]["checkpoints"] == "latent_debugger/checkpoints"  # where bundled_model() looks


def test_the_menu_entry_starts_the_window_and_shows_its_icon() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]  # keys are case-sensitive
    entry.read(ROOT / DESKTOP_FILE, encoding="utf-8")
    menu = entry["Desktop Entry"]
    assert menu["Type"] == "Application"
    assert menu["Exec"].split()[0] in PROJECT["project"]["gui-scripts"]
    installed = {PurePosixPath(place) for place in WHEEL["shared-data"].values()}
    assert PurePosixPath("share/applications", Path(DESKTOP_FILE).name) in installed
    assert PurePosixPath("share/icons/hicolor/scalable/apps", f"{menu['Icon']}.svg") in installed
    assert menu["Categories"].endswith(";") and menu["Keywords"].endswith(";")


def test_one_version() -> None:
    import gan

    assert gan.__version__ == PROJECT["project"]["version"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist of the working tree, and the wheel made from that sdist alone."""
    folder = tmp_path_factory.mktemp("dist")
    tools = folder / "tools"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--target", str(tools), *PROJECT["build-system"]["requires"]], check=True)
    environment = {**os.environ, "PYTHONPATH": str(tools)}

    def build(what: str, tree: Path) -> Path:
        command = [sys.executable, "-c", BUILD, what, str(folder)]
        made = subprocess.run(command, cwd=tree, env=environment, check=True, capture_output=True, text=True)
        return folder / made.stdout.split()[-1]

    sdist = build("build_sdist", ROOT)
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return sdist, build("build_wheel", folder / sdist.name.removesuffix(".tar.gz"))


@pytest.mark.slow
def test_the_sdist_holds_everything_that_is_tracked(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as archive:
        names = {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in archive.getnames()}
    assert {name.split("/")[0] for name in names}.isdisjoint({"runs", "data", "dist", ".venv", ".git", ".hypothesis"})
    assert not [name for name in names if name.endswith(".pyc")]
    assert names >= {name for name in git("ls-files") if (ROOT / name).is_file()}


@pytest.mark.slow
def test_the_wheel_holds_the_packages_the_model_and_the_menu_entry(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        names = set(archive.namelist())
        assert not archive.testzip()
        (info,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
        entries = archive.read(f"{info}/entry_points.txt").decode()
        metadata = HeaderParser().parsestr(archive.read(f"{info}/METADATA").decode())
    about = {name for name in names if name.split("/")[0].endswith((".dist-info", ".data"))}
    model = {f"latent_debugger/{name}" for name in sources("checkpoints")}
    assert names - about == sources(*WHEEL["packages"]) | model
    shared = {name.split("/data/", 1)[1] for name in about if ".data/data/" in name}
    assert shared == set(WHEEL["shared-data"].values())
    assert f"{info}/licenses/LICENSE" in names and f"{info}/licenses/gan/data/open_peeps.txt" in names
    assert all(f"{command} = " in entries for command in ("gan", "latent-debugger", "latent-debugger-gan"))
    assert metadata["Version"] == PROJECT["project"]["version"] and metadata["License-Expression"] == "MIT"


@pytest.mark.slow
def test_the_wheel_works_away_from_the_repository(built: tuple[Path, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "QT_QPA_PLATFORM": "offscreen"}

    def run(*words: str) -> str:
        command = [sys.executable, *words]
        ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    where = "import latent_debugger.application as a; a.main() if a.sys.argv[1:] else print(a.bundled_model())"
    model = run("-c", where).strip()
    assert Path(model).is_relative_to(tmp_path / "installed")
    run("-c", where, "--screenshot", "window.png")
    assert (tmp_path / "window.png").stat().st_size > 20_000
    assert "people" in run("-m", "gan", "info", model)
    run("-m", "gan", "dataset", "people", "people", "--n", "20")
    run("-m", "gan", "score", model, "--data", "people", "--n", "8")

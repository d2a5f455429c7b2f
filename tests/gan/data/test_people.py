"""The data set people: the pictures it must draw, and that a seed always draws the same."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.data.people import make_people, svg
from gan.data.people.attributes import COLUMNS, people
from gan.data.people.catalogue import CLOTHES, EXPRESSIONS, HAIR, HEAD_WEIGHTS, HEADS, PATTERNS, SKIN
from gan.data.people.svg import SHA256, Artwork, load_artwork
from gan.errors import UserError

REFERENCE = Path(__file__).parents[2] / "fixtures" / "people"
VENDORED = Path(svg.__file__).parents[1] / "open_peeps.json"


@pytest.fixture(scope="module")
def fifty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    make_people(folder, 50)
    return folder


def rows(folder: Path) -> list[dict[str, str]]:
    with open(folder / "attributes.csv", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("index", range(50))
def test_pictures_equal_the_reference(fifty: Path, index: int) -> None:
    drawn = np.load(fifty / "images.npy")[index].astype(float)
    reference = np.asarray(Image.open(REFERENCE / f"{index:05d}.png").convert("RGB"))
    assert np.abs(drawn - reference).mean() < 2


def test_attributes_equal_the_reference_to_the_byte(fifty: Path) -> None:
    assert (fifty / "attributes.csv").read_bytes() == (REFERENCE / "attributes.csv").read_bytes()


def test_files_are_an_array_and_its_table(fifty: Path) -> None:
    images = np.load(fifty / "images.npy")
    assert (images.shape, images.dtype) == ((50, 64, 64, 3), np.uint8)
    assert list(rows(fifty)[0]) == COLUMNS
    assert sorted(path.name for path in fifty.iterdir()) == ["attributes.csv", "images.npy"]


def test_the_same_seed_draws_the_same_pixels(fifty: Path, tmp_path: Path) -> None:
    make_people(tmp_path, 50)
    assert (tmp_path / "images.npy").read_bytes() == (fifty / "images.npy").read_bytes()


def test_another_seed_draws_other_people(fifty: Path, tmp_path: Path) -> None:
    make_people(tmp_path, 50, seed=1)
    same = (np.load(tmp_path / "images.npy") == np.load(fifty / "images.npy")).all(axis=(1, 2, 3))
    assert not same.any()


def test_the_first_people_do_not_depend_on_n(fifty: Path, tmp_path: Path) -> None:
    make_people(tmp_path, 7)
    np.testing.assert_array_equal(np.load(tmp_path / "images.npy"), np.load(fifty / "images.npy")[:7])
    assert rows(tmp_path) == rows(fifty)[:7]


def test_another_size_draws_the_same_people(fifty: Path, tmp_path: Path) -> None:
    make_people(tmp_path, 5, size=128)
    large = np.load(tmp_path / "images.npy")
    assert large.shape == (5, 128, 128, 3)
    assert rows(tmp_path) == rows(fifty)[:5]
    halved = large.reshape(5, 64, 2, 64, 2, 3).mean(axis=(2, 4))
    assert np.abs(halved - np.load(fifty / "images.npy")[:5]).mean() < 2


def test_progress_counts_every_picture(tmp_path: Path) -> None:
    told: list[int] = []
    make_people(tmp_path, 4, progress=told.append)
    assert told == [1, 2, 3, 4]


def test_an_interrupted_run_leaves_what_was_there(fifty: Path, tmp_path: Path) -> None:
    make_people(tmp_path, 2)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def interrupt(done: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_people(tmp_path, 5, seed=9, progress=interrupt)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("wrong", [{"n": 0}, {"n": -3}, {"size": 8}, {"size": 4096}, {"seed": -1}])
def test_numbers_out_of_range(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(UserError):
        make_people(tmp_path / "out", **wrong)
    assert not (tmp_path / "out").exists()


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(UserError, match="cannot be written"):
        make_people(tmp_path / "out", 2)


def test_no_two_people_look_the_same() -> None:
    looks = [person.look for person in islice(people(3), 3000)]
    assert len(set(looks)) == len(looks)


def test_people_come_as_often_as_the_catalogue_says() -> None:
    drawn = [person.attributes for person in islice(people(5), 4000)]
    kinds = Counter(row["hair_kind"] for row in drawn)
    for kind, weight in HEAD_WEIGHTS.items():
        assert kinds[kind] / 4000 == pytest.approx(weight, abs=0.03)
    assert {row["expression"] for row in drawn} == set(EXPRESSIONS)
    assert {row["hair"] for row in drawn} == {head for heads in HEADS.values() for head in heads}
    assert all(row["glasses"] + row["sunglasses"] <= 1 for row in drawn)  # type: ignore[operator]
    assert all(row["hair_kind"] in ("short", "none") for row in drawn if row["facial_hair"])


@pytest.mark.parametrize("weights", [HEAD_WEIGHTS, PATTERNS])
def test_weights_add_up(weights: dict[str, float]) -> None:
    assert sum(weights.values()) == pytest.approx(1)


def test_palettes_are_colours() -> None:
    colours = [colour for palette in (HAIR, SKIN) for colour, _ in palette.values()] + list(CLOTHES.values())
    assert all(len(colour) == 7 and int(colour[1:], 16) >= 0 for colour in colours)


def test_every_colour_of_a_drawing_is_filled_in() -> None:
    artwork = Artwork()
    assert not any("{" in artwork.svg(person) for person in islice(people(2), 500))


def test_the_artwork_is_the_one_that_was_published() -> None:
    assert hashlib.sha256(VENDORED.read_bytes()).hexdigest() == SHA256
    credit = VENDORED.with_suffix(".txt").read_text()
    assert SHA256 in credit and "Pablo Stanley" in credit and "CC0 1.0" in credit
    assert load_artwork()["meta"]["license"]["name"] == "CC0 1.0"


def test_changed_artwork_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, "SHA256", "0" * 64)
    with pytest.raises(RuntimeError, match="sha256"):
        load_artwork()

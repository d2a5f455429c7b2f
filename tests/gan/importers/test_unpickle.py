from __future__ import annotations

import argparse
import collections
import pickle
import pickletools
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan.importers import limits
from gan.importers.budget import Budget
from gan.importers.builders import BUILDERS
from gan.importers.limits import UnreadableError
from gan.importers.unpickle import Unpickler
from gan.importers.values import Global, Stub

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(-99, 99), inner) | st.tuples(inner, inner),
    max_leaves=30,
)


def load(data: bytes, **options):
    return Unpickler(data, BUILDERS, **options).load()


@given(plain, st.integers(0, 5))
@settings(max_examples=300, deadline=None)
def test_plain_values_are_what_python_reads(value, protocol):
    assert load(pickle.dumps(value, protocol)) == value


@given(st.sets(st.text() | st.integers(-9, 9)), st.integers(2, 5))
@settings(max_examples=50, deadline=None)
def test_sets(value, protocol):
    assert load(pickle.dumps(value, protocol)) == value
    assert load(pickle.dumps(frozenset(value), protocol)) == value


@pytest.mark.parametrize("protocol", range(6))
def test_ordered_dicts_keep_their_order_and_lose_their_attributes(protocol):
    value = collections.OrderedDict([("b", 1), ("a", 2)])
    value._metadata = {"version": 1}
    found = load(pickle.dumps(value, protocol))
    assert found == {"b": 1, "a": 2} and list(found) == ["b", "a"]


@pytest.mark.parametrize("protocol", range(6))
def test_a_namespace_is_recorded_not_made(protocol):
    machine = Unpickler(pickle.dumps(argparse.Namespace(lr=0.5, name="x"), protocol), BUILDERS)
    found = machine.load()
    assert isinstance(found, Stub) and found.state == {"lr": 0.5, "name": "x"}
    assert any("Namespace" in name or "_reconstructor" in name for name in machine.stubs)


def test_python_2_text_and_globals():
    assert load(b"S'a\\x62c'\n.") == "abc"
    assert load(b"(dp0\nS'x'\np1\nI1\ns.") == {"x": 1}
    assert load(b"(lp0\nI01\naL5L\na.") == [True, 5]
    assert load(b"c__builtin__\nset\n((lI1\natR.") == {1}
    assert load(b"ccollections\nOrderedDict\n((lp0\n(lp1\nS'a'\naI1\naatR.") == {"a": 1}


def test_nothing_is_imported_or_called():
    found = load(b"cos\nsystem\n(S'echo hi'\ntR.")
    assert isinstance(found, Stub) and found.kind == Global("os", "system") and found.arguments == ("echo hi",)


def test_a_call_of_what_a_call_returned_is_recorded_too():
    found = load(b"c__builtin__\ngetattr\n(cos\nsystem\nS'x'\ntR(S'y'\ntR.")
    assert isinstance(found, Stub) and found.arguments == ("y",)


def test_our_own_functions_cannot_be_edited():
    """BUILD on a global would set attributes of the function in Python's own unpickler."""
    with pytest.raises(UnreadableError):
        load(b"ctorch._utils\n_rebuild_tensor_v2\n}S'__defaults__'\nI1\nsb.")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"0.",
        b"a.",
        b"\x80\x04",
        b"(",
        b"(t",
        b"\x85.",
        b"h\x05.",
        b"g99\n.",
        b"\xff.",
        b"}(I1\nu.",
        b"NNb.",
        b"Na.",
        b"I1\nI2\na.",
        b"I1\nR.",
        b"X\xff\xff\xff\x7fabc.",
        b"\x8e" + struct.pack("<Q", 2**62) + b"x.",
        b"T" + struct.pack("<i", -1) + b".",
        b"V\\ud800\n0.",
        b"cx\n",
        b"\x8c\x01\xff.",
        b"F1e\n.",
        b"Ix\n.",
        b"S'abc\n.",
        b"\x82\x01.",
        b"Pabc\n.",
        b"N\x93.",
        b"}]Ns.",
        b"\x8f(]\x90.",
    ],
)
def test_nonsense_is_a_sentence(data):
    with pytest.raises(UnreadableError):
        load(data)


def test_absurd_numbers_are_refused():
    for data in (
        b"\x8b" + struct.pack("<i", 1000) + b"\1" * 1000 + b".",
        b"I" + b"9" * 5000 + b"\n.",
        b"L1" + b"0" * 999 + b"L\n.",
    ):
        with pytest.raises(UnreadableError):
            load(data)


def test_a_deeply_nested_value_is_no_crash():
    for opening in (b"(", b"]"):
        count = 200_000
        data = opening * count + (b"t" if opening == b"(" else b"a") * (count - (opening == b"]")) + b"."
        load(data)


def test_deep_tuples_are_no_keys():
    data = b"}N" + b"\x85" * 200_000 + b"Ns."
    with pytest.raises(UnreadableError, match="key"):
        load(data)


def test_keys_made_to_collide_are_refused():
    with pytest.raises(UnreadableError, match="key"):
        load(pickle.dumps({(2**61 - 1) * 5: 1}))


def test_a_bomb_of_references_costs_nothing():
    data = (
        b"]q\x00"
        + b"".join(b"]q" + bytes([i + 1]) + b"h" + bytes([i]) + b"ah" + bytes([i]) + b"a" for i in range(200))
        + b"."
    )
    assert isinstance(load(data), list)


def test_the_budget_ends_endless_pickles():
    with pytest.raises(UnreadableError, match="too long"):
        load(b"N0" * 2000 + b"N.", budget=Budget(operations=3000))
    with pytest.raises(UnreadableError, match="too long"):
        load(b"N0" * 2000 + b"N.", budget=Budget(seconds=-1))


def test_every_instruction_of_pickle_is_known_or_refused_on_purpose():
    from gan.importers.unpickle import _OPERATIONS

    unknown = {op.name for op in pickletools.opcodes if ord(op.code) not in _OPERATIONS} - {"STOP"}
    assert unknown == {"NEXT_BUFFER", "READONLY_BUFFER"}  # bytes that lie outside the file


def test_limits_are_generous_for_a_long_log(tmp_path):
    losses = [i / 7 for i in range(300_000)]
    assert load(pickle.dumps({"loss": losses})) == {"loss": losses}
    assert limits.MAX_OPERATIONS > 2 * 300_000

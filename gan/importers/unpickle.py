"""Reading pickles as data: a machine for the pickle language that imports nothing and calls nothing of the file's.

Names of classes and functions stay names (:class:`~gan.importers.values.Global`). Where a pickle would call one, a few
well-known ones have a builder of ours with checked arguments (:mod:`gan.importers.builders`); any other becomes a
:class:`~gan.importers.values.Stub` that records its arguments. It is a machine of its own, not a subclass of Python's
``Unpickler``: that one sets attributes on whatever lies on its stack, which would let a file edit our own functions.
"""

from __future__ import annotations

import codecs
import struct
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from gan.importers import limits
from gan.importers.budget import Budget
from gan.importers.limits import UnreadableError
from gan.importers.values import Global, HalfMade, Stub

Builder = Callable[[Any], Any]
"""Arguments of a call in a pickle -> the value. Raises UnreadableError."""


class Unpickler:
    """Reads the pickles that follow one another in ``data``.

    Args:
        data: the bytes.
        builders: what to do for calls of these names.
        persistent: what to do for references to things outside the pickle (storages).
        budget: shared by all pickles of a file.
        position: first byte to read; afterwards the first byte after the pickle.

    Attributes:
        stubs: names that were not known, in order of appearance.
    """

    def __init__(
        self,
        data: bytes,
        builders: Mapping[Global, Builder],
        persistent: Builder | None = None,
        budget: Budget | None = None,
        position: int = 0,
    ) -> None:
        self._data, self._builders, self._persistent = data, builders, persistent
        self._budget = budget or Budget()
        self.position = position
        self.stubs: dict[str, None] = {}

    def load(self) -> Any:
        """The value of the next pickle.

        Raises:
            UnreadableError: truncated, damaged, too large, or a construct that no checkpoint uses.
        """
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        try:
            return self._run()
        except _DAMAGE as error:
            raise UnreadableError("The pickle in this file is damaged.") from error

    def _run(self) -> Any:
        data, spent = self._data, 0
        while True:
            code = data[self.position]
            self.position += 1
            if code == _STOP:
                self._budget.spend(spent + 1)
                return self._stack.pop()
            operation = _OPERATIONS.get(code)
            if operation is None:
                raise UnreadableError("The pickle in this file is damaged.")
            operation(self)
            spent += 1
            if spent == 1024:
                self._budget.spend(spent)
                spent = 0

    # reading

    def _take(self, count: int) -> bytes:
        end = self.position + count
        if count < 0 or end > len(self._data):
            raise UnreadableError("The pickle in this file is cut off.")
        piece = self._data[self.position : end]
        self.position = end
        return piece

    def _number(self, layout: str) -> int:
        value: int = struct.unpack(layout, self._take(struct.calcsize(layout)))[0]
        return value

    def _line(self) -> bytes:
        end = self._data.index(b"\n", self.position)
        piece = self._data[self.position : end]
        self.position = end + 1
        return piece

    # the stack

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _pop_mark(self) -> list[Any]:
        start = self._marks.pop()
        if start > len(self._stack):
            raise UnreadableError("The pickle in this file is damaged.")
        items = self._stack[start:]
        del self._stack[start:]
        return items

    # calls

    def _global(self, module: str, name: str) -> None:
        self._push(Global(module, name))

    def call(self, function: Any, arguments: Any) -> Any:
        """What a call of ``function`` gives: a builder's value, or a stub."""
        if isinstance(function, Stub):  # a call of what an unknown call returned
            function = function.kind
        elif not isinstance(function, Global):
            raise UnreadableError("The pickle in this file calls something that cannot be called.")
        builder = self._builders.get(function)
        if builder is not None:
            return builder(arguments)
        self.stubs.setdefault(str(function)[: limits.MAX_NAME])
        return Stub(function, arguments)

    def _reduce(self) -> None:
        arguments = self._stack.pop()
        self._push(self.call(self._stack.pop(), arguments))

    def _newobj_ex(self) -> None:
        self._stack.pop()  # keyword arguments: no builder takes any
        self._reduce()

    def _obj(self) -> None:
        kind, *arguments = self._pop_mark()
        self._push(self.call(kind, tuple(arguments)))

    def _inst(self) -> None:
        module, name = self._line().decode(), self._line().decode()
        self._push(self.call(Global(module, name), tuple(self._pop_mark())))

    def _stack_global(self) -> None:
        name = self._stack.pop()
        module = self._stack.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise UnreadableError("The pickle in this file is damaged.")
        self._global(module, name)

    def _build(self) -> None:
        state = self._stack.pop()
        target = self._stack[-1]
        if isinstance(target, Stub):
            target.state = state
        elif isinstance(target, HalfMade):
            target.set_state(state)
        elif not isinstance(target, dict):  # an OrderedDict's attributes (a state dict's version numbers) are not kept
            raise UnreadableError("The pickle in this file sets attributes of something that has none.")

    def _extension(self, size: str) -> None:
        self._number(size)
        raise UnreadableError("The pickle in this file uses the extension registry, which no checkpoint does.")

    def _persistent_id(self, identity: Any) -> None:
        if self._persistent is None:
            raise UnreadableError("The pickle in this file refers to something outside it.")
        self._push(self._persistent(identity))

    # containers

    def _append(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if isinstance(target, list):
            target.extend(items)
        elif isinstance(target, Stub):
            target.items.extend(items)
        else:
            raise UnreadableError("The pickle in this file appends to something that is no list.")

    def _set_items(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if not isinstance(target, dict | Stub) or len(items) % 2:
            raise UnreadableError("The pickle in this file is damaged.")
        entries = target if isinstance(target, dict) else target.entries
        for index in range(0, len(items), 2):
            entries[_key(items[index])] = items[index + 1]

    def _add_items(self) -> None:
        items = self._pop_mark()
        target = self._stack[-1]
        if not isinstance(target, set):
            raise UnreadableError("The pickle in this file is damaged.")
        target.update(map(_key, items))

    def _dict(self) -> None:
        items = self._pop_mark()
        self._push({})
        self._set_items(items)

    def _tuple(self, count: int) -> None:
        if len(self._stack) < count:
            raise UnreadableError("The pickle in this file is damaged.")
        items = tuple(self._stack[len(self._stack) - count :])
        del self._stack[len(self._stack) - count :]
        self._push(items)

    def _frozenset(self) -> None:
        self._push(frozenset(map(_key, self._pop_mark())))

    # numbers and text

    def _long(self, layout: str) -> None:
        count = self._number(layout)
        if not 0 <= count <= limits.MAX_INTEGER:
            raise UnreadableError("The pickle in this file holds a number of absurd size.")
        self._push(int.from_bytes(self._take(count), "little", signed=True))

    def _int_line(self) -> None:
        text = self._line()
        if len(text) > 4 * limits.MAX_INTEGER:
            raise UnreadableError("The pickle in this file holds a number of absurd size.")
        self._push(text == b"01" if text in (b"00", b"01") else int(text))

    def _long_line(self) -> None:
        text = self._line().rstrip(b"L")
        if len(text) > 4 * limits.MAX_INTEGER:
            raise UnreadableError("The pickle in this file holds a number of absurd size.")
        self._push(int(text))

    def _string_line(self) -> None:
        text = self._line()
        if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b"'", b'"'):
            raise UnreadableError("The pickle in this file is damaged.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of unknown escapes
            self._push(codecs.decode(text[1:-1], "unicode_escape"))  # Python 2's str: latin-1 with escapes

    # memo

    def _put(self, index: int) -> None:
        self._memo[index] = self._stack[-1]

    def _pop(self) -> None:
        if self._marks and self._marks[-1] == len(self._stack):
            self._marks.pop()
        else:
            self._stack.pop()


def _key(value: Any) -> Any:
    """A dictionary's key. Deeply nested tuples would overflow the stack inside ``hash``, huge integers can be made to
    collide."""
    if isinstance(value, int) and not _is_small(value):
        raise UnreadableError("The pickle in this file uses a key that no checkpoint uses.")
    if value is None or isinstance(value, str | int | float | bytes | bool | Global | Stub):
        return value
    if isinstance(value, tuple) and all(
        isinstance(part, str | float | bytes | bool) or _is_small(part) for part in value
    ):
        return value
    raise UnreadableError("The pickle in this file uses a key that no checkpoint uses.")


def _is_small(value: Any) -> bool:
    return isinstance(value, int) and abs(value) < 2**60


def _mark(machine: Unpickler) -> None:
    machine._marks.append(len(machine._stack))


_DAMAGE = (IndexError, KeyError, ValueError, TypeError, AttributeError, struct.error, OverflowError)
_STOP = ord(".")
_OPERATIONS: dict[int, Callable[[Unpickler], Any]] = {
    ord(code): operation
    for code, operation in {
        "\x80": lambda m: m._take(1),
        "\x95": lambda m: m._take(8),  # a frame's length: how to buffer, nothing more
        "(": _mark,
        "0": Unpickler._pop,
        "1": Unpickler._pop_mark,
        "2": lambda m: m._push(m._stack[-1]),
        "N": lambda m: m._push(None),
        "\x88": lambda m: m._push(True),
        "\x89": lambda m: m._push(False),
        "I": Unpickler._int_line,
        "J": lambda m: m._push(m._number("<i")),
        "K": lambda m: m._push(m._number("<B")),
        "M": lambda m: m._push(m._number("<H")),
        "L": Unpickler._long_line,
        "\x8a": lambda m: m._long("<B"),
        "\x8b": lambda m: m._long("<i"),
        "F": lambda m: m._push(float(m._line())),
        "G": lambda m: m._push(struct.unpack(">d", m._take(8))[0]),
        "S": Unpickler._string_line,
        "T": lambda m: m._push(m._take(m._number("<i")).decode("latin-1")),
        "U": lambda m: m._push(m._take(m._number("<B")).decode("latin-1")),
        "B": lambda m: m._push(m._take(m._number("<I"))),
        "C": lambda m: m._push(m._take(m._number("<B"))),
        "\x8e": lambda m: m._push(m._take(m._number("<Q"))),
        "\x96": lambda m: m._push(m._take(m._number("<Q"))),  # bytearray: nothing here changes it
        "V": lambda m: m._push(m._line().decode("raw_unicode_escape")),
        "X": lambda m: m._push(m._take(m._number("<I")).decode("utf-8", "surrogatepass")),
        "\x8c": lambda m: m._push(m._take(m._number("<B")).decode("utf-8", "surrogatepass")),
        "\x8d": lambda m: m._push(m._take(m._number("<Q")).decode("utf-8", "surrogatepass")),
        ")": lambda m: m._push(()),
        "]": lambda m: m._push([]),
        "}": lambda m: m._push({}),
        "\x8f": lambda m: m._push(set()),
        "t": lambda m: m._push(tuple(m._pop_mark())),
        "\x85": lambda m: m._tuple(1),
        "\x86": lambda m: m._tuple(2),
        "\x87": lambda m: m._tuple(3),
        "l": lambda m: m._push(m._pop_mark()),
        "d": Unpickler._dict,
        "a": lambda m: m._append([m._stack.pop()]),
        "e": lambda m: m._append(m._pop_mark()),
        "s": lambda m: m._set_items([m._stack.pop(-2), m._stack.pop()]),
        "u": lambda m: m._set_items(m._pop_mark()),
        "\x90": Unpickler._add_items,
        "\x91": Unpickler._frozenset,
        "c": lambda m: m._global(m._line().decode(), m._line().decode()),
        "\x93": Unpickler._stack_global,
        "R": Unpickler._reduce,
        "\x81": Unpickler._reduce,  # a new object of a class: as good as a call, here where neither happens
        "\x92": Unpickler._newobj_ex,
        "o": Unpickler._obj,
        "i": Unpickler._inst,
        "b": Unpickler._build,
        "P": lambda m: m._persistent_id(m._line().decode()),
        "Q": lambda m: m._persistent_id(m._stack.pop()),
        "\x82": lambda m: m._extension("<B"),
        "\x83": lambda m: m._extension("<H"),
        "\x84": lambda m: m._extension("<i"),
        "p": lambda m: m._put(int(m._line())),
        "q": lambda m: m._put(m._number("<B")),
        "r": lambda m: m._put(m._number("<I")),
        "\x94": lambda m: m._put(len(m._memo)),
        "g": lambda m: m._push(m._memo[int(m._line())]),
        "h": lambda m: m._push(m._memo[m._number("<B")]),
        "j": lambda m: m._push(m._memo[m._number("<I")]),
    }.items()
}

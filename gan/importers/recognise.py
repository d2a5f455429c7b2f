"""Which of a file's networks is the generator, and how it is built: by the names of its weights, then their shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gan.errors import UserError
from gan.importers.families import RECOGNISERS
from gan.importers.families.base import Plan, State
from gan.importers.families.strangers import describe
from gan.importers.limits import MAX_WEIGHTS
from gan.importers.parsed import Parsed
from gan.importers.tree import Module
from gan.importers.values import Tensor

_AVERAGED = {
    "gema", "generatorema", "emagenerator", "netgema", "emag", "emanetg", "avgg", "gavg", "gaverage", "gs", "ge", "ema",
    "grunning", "modelema", "emamodel", "paramsema", "emaparams", "averagedmodel", "generatoraverage",
    "averagegenerator", "emastatedict", "statedictema", "gemastatedict", "generatoremastatedict", "shadow",
    "gentest", "gtest",
}  # fmt: skip
_GENERATORS = {
    "g", "netg", "gen", "generator", "gnet", "modelg", "gmodel", "gstatedict", "generatorstatedict", "netgstatedict",
    "modelgstatedict", "genstatedict", "gstate", "generatorstate", "gmodelstatedict", "statedictg", "gweights",
    "genmodel", "generatormodel", "gparams", "netgenerator", "modelgstate", "gan", "gmodelstate", "modelgen",
}  # fmt: skip
_CRITICS = {"d", "netd", "dis", "disc", "dnet", "modeld", "dmodel", "daug", "dstatedict", "netdstatedict", "dstate"}
_AGAIN = "Save the generator's whole state_dict, or export it to ONNX."
_COUNTERS = ("num_batches_tracked", "n_averaged")
_DEEPEST = 4  # wrappers around a network: module. of data parallelism, _orig_mod. of torch.compile, Lightning's own


@dataclass(frozen=True)
class Recognised:
    """The generator of a file."""

    state: State
    plan: Plan
    warnings: tuple[str, ...] = ()

    @property
    def averaged(self) -> bool:
        """Whether its weights are a running average."""
        return _rank(self.state.path) == 0


def recognise(parsed: Parsed) -> Recognised:
    """Find the generator; averaged weights first.

    Raises:
        UserError: there is none that is known, or it is incomplete; the sentence names what was found.
    """
    states = sorted(_candidates(parsed), key=lambda state: _rank(state.path))
    if not states and any(name.startswith("torch_utils.persistence.") for name in parsed.stubs):
        raise UserError("This is a StyleGAN of NVIDIA's, as a pickle with its source code.", "It is not drawn yet.")
    if not states:
        raise UserError("The file holds no weights.", "Open a generator's checkpoint.")
    trouble: UserError | None = None
    for state in states:
        if _rank(state.path) > 2:
            continue
        try:
            plan = _plan(state)
            if plan is None:
                continue
            _check(state, plan)
        except UserError as error:
            trouble = trouble or error
            continue
        warnings = plan.warnings
        if _rank(states[0].path) == 0 < _rank(state.path):
            warnings += (_unused(states[0], trouble),)
        return Recognised(state, replace(plan, warnings=()), warnings)
    if trouble is not None:
        raise trouble
    if all(_rank(state.path) > 2 for state in states):
        raise UserError("The file holds a discriminator, but no generator.", "Open a generator's checkpoint.")
    raise UserError(*describe(states[0]))


def _unused(state: State, trouble: UserError | None) -> str:
    why = trouble.text if trouble is not None else describe(state)[0]
    return f"The averaged weights ({'.'.join(state.path)}) cannot be used. {why}"


def _plan(state: State) -> Plan | None:
    for known in RECOGNISERS:
        plan = known(state)
        if plan is not None:
            return plan
    return None


def _check(state: State, plan: Plan) -> None:
    """Every weight is there, has its shape, and none is left over."""
    who = f"This is a generator of {plan.project}"
    missing = [name for name in plan.weights if name not in state.tensors]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UserError(f"{who}, but {missing[0]}{more} is missing.", _AGAIN)
    for name, shape in plan.weights.items():
        if state.shape(name) != shape:
            raise UserError(f"{who}, but {name} has the shape {state.shape(name)} instead of {shape}.", _AGAIN)
    surplus = [
        name
        for name in state.tensors
        if name not in plan.weights and name not in plan.ignored and not name.endswith(_COUNTERS)
    ]
    if surplus:
        raise UserError(
            f"{who}, but it has {len(surplus)} more weights (first {surplus[0]}): it is another network.",
            _AGAIN,
        )
    if sum(state.tensors[name].count for name in plan.weights) > MAX_WEIGHTS:
        raise UserError("The generator has more weights than are read.")


def _candidates(parsed: Parsed) -> Iterator[State]:
    for network in parsed.networks:
        yield from _unwrapped(State(network.tensors, network.modules, parsed.notes, network.path), 0)


def _unwrapped(state: State, depth: int) -> Iterator[State]:
    """The network itself, and what is left without the words in front of all its names."""
    yield state
    groups: dict[str, dict[str, Tensor]] = {}
    for name, tensor in state.tensors.items():
        word, point, rest = name.partition(".")
        if point:
            groups.setdefault(word, {})[rest] = tensor
        elif tensor.count != 1:  # n_averaged, initted, step ... of averages
            return
    modules: dict[str, dict[str, Module]] = {}
    for name, module in state.modules.items():
        word, _, rest = name.partition(".")
        modules.setdefault(word, {})[rest] = module
    if depth == _DEEPEST:
        return
    inner = groups if len(groups) == 1 else [word for word in groups if _rank((word,)) != 2]
    for word in sorted(inner, key=lambda word: _rank((word,))):
        path = (*state.path, word) if _rank((word,)) != 2 else state.path
        yield from _unwrapped(State(groups[word], modules.get(word, {}), state.notes, path), depth + 1)


def _rank(path: tuple[str, ...]) -> int:
    """0 an averaged generator, 1 a generator, 2 who knows, 3 a discriminator."""
    words = [word.lower().replace("_", "").replace("-", "") for word in path]
    if any(word in _CRITICS or "discriminator" in word or "critic" in word for word in words):
        return 3
    if any(word in _AVERAGED for word in words):
        return 0
    return 1 if any(word in _GENERATORS for word in words) else 2

"""A claim about the rendered objects: what it says, in which forms it holds, how it is looked at, and how objects are broken so
that it must be seen to fail. A claim that cannot fail is an error of the check."""
import pickle
from dataclasses import dataclass
from typing import Callable

CLAIMS = []


@dataclass
class Claim:
    text: str
    forms: tuple
    broken: tuple
    check: Callable


def claim(text, forms, *broken):
    """Marks a function of the rendered objects as a claim. `broken`: each gives variants of the objects that must make it fail."""

    def keep(check):
        CLAIMS.append(Claim(text, (forms,) if isinstance(forms, str) else forms, broken, check))
        return check

    return keep


def copied(objects):
    return pickle.loads(pickle.dumps(objects, pickle.HIGHEST_PROTOCOL))  # several times as fast as copy.deepcopy


def once(spoil):
    """One variant: a copy that `spoil` changed."""

    def variants(objects):
        changed = copied(objects)
        spoil(changed)
        yield changed

    return variants


def each(select, spoil):
    """A variant for each of what `select` finds, so that none of them is left out of the claim."""

    def variants(objects):
        for index in range(len(select(objects))):
            changed = copied(objects)
            spoil(select(changed)[index])
            yield changed

    return variants


def without(*kinds, names=None):
    """A variant without each object of these kinds (and names)."""

    def variants(objects):
        for index, one in enumerate(objects):
            if one["kind"] in kinds and (names is None or one["metadata"]["name"] in names):
                changed = copied(objects)
                del changed[index]
                yield changed

    return variants


def fails(check, objects):
    """Why the claim does not hold of these objects; None where it does. A missing field is as good a reason as a wrong one."""
    try:
        check(objects)
    except (AssertionError, KeyError, IndexError, ValueError, TypeError) as cause:
        return f"{type(cause).__name__}: {cause}"
    return None

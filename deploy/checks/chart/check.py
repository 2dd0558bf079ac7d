#!/usr/bin/env python3
"""All that chart.sh looks at in the rendered chart: see there."""
import functools
import json
import pathlib
import sys
import warnings

sys.dont_write_bytecode = True
warnings.filterwarnings("ignore")

import custom  # noqa: E402
import data  # noqa: E402, F401
import kubernetes_validate  # noqa: E402
import kubernetes_validate.utils  # noqa: E402
import operations  # noqa: E402, F401
import pods  # noqa: E402, F401
import refusals  # noqa: E402
import rights  # noqa: E402, F401
import routes  # noqa: E402, F401
import traffic  # noqa: E402, F401
import values_table  # noqa: E402
from claims import CLAIMS, fails  # noqa: E402
from forms import ALL, rendered  # noqa: E402

FEWEST_CLAIMS = 40


def last_four():
    """The newest four versions there are schemas of, as kubernetes-validate finds them in its own folder."""
    folder = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    minors = {tuple(map(int, path.name.split("-")[0].lstrip("v").split(".")[:2])) for path in folder.glob("v*-local-strict")}
    return [f"{major}.{minor}" for major, minor in sorted(minors)[-4:]]


def finding_of(one, version):
    """What is wrong with an object by the schema of its kind; None where nothing is, KeyError where there is no schema."""
    if (one["apiVersion"], one["kind"]) in custom.SCHEMAS:
        return next(iter(custom.findings(one)), None)
    try:
        kubernetes_validate.validate(one, version, strict=True)
    except kubernetes_validate.ValidationError as cause:
        return f"at {list(cause.path)}: {cause.message}"
    except kubernetes_validate.SchemaNotFoundError:
        raise KeyError(f"{one['apiVersion']} {one['kind']} in {version}") from None
    return None


def against_schemas(forms):
    # It reads a schema from its file each time it is asked.
    kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)
    versions, held, ours, wrong, seen, broken = last_four(), 0, 0, [], set(), set()
    for form, objects in forms.items():
        for one in objects:
            if (same := json.dumps(one, sort_keys=True)) in seen:
                continue
            seen.add(same)
            kind = (one["apiVersion"], one["kind"])
            what = f"{form}: {one['kind']} {one['metadata']['name']}"
            if form.startswith("old-") and one["apiVersion"] in custom.OLD:
                continue
            for version in versions[:1] if kind in custom.SCHEMAS else versions:
                try:
                    finding = finding_of(one, version)
                except KeyError as cause:
                    wrong.append(f"{what}: there is no schema of {cause}")
                    continue
                if finding:
                    wrong.append(f"{what}: not valid in {version}: {finding}")
                # Of each kind the first is also broken: a field that nobody knows.
                if (kind, version) not in broken:
                    broken.add((kind, version))
                    spoilt = one | ({"spec": one["spec"] | {"nonsense": 1}} if "spec" in one else {"nonsense": 1})
                    if finding_of(spoilt, version) is None:
                        wrong.append(f"{what}: a field that nobody knows is not found by {version}'s schema")
                if kind in custom.SCHEMAS:
                    ours += 1
                else:
                    held += 1
    for finding in wrong:
        print(f"chart: {finding}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"chart: {len(forms)} forms have {len(seen)} different objects: {held} times one is valid by a strict schema ({', '.join(versions)}), {ours} custom ones by ours; {len(broken)} schemas seen to refuse")


def against_claims(forms):
    wrong, broken = [], 0
    for claim in CLAIMS:
        for form in claim.forms:
            cause = fails(claim.check, forms[form])
            if cause:
                wrong.append(f"{form}: it is not so that {claim.text}: {cause}")
                continue
            tried = 0
            for variant in (variant for spoil in claim.broken for variant in spoil(forms[form])):
                tried += 1
                if variant == forms[form]:
                    wrong.append(f"{form}: what was to break the claim that {claim.text} changed nothing")
                elif not fails(claim.check, variant):
                    wrong.append(f"{form}: the claim that {claim.text} did not fail on variant {tried}")
            if tried == 0:
                wrong.append(f"{form}: the claim that {claim.text} was never seen to fail")
            broken += tried
    for finding in wrong:
        print(f"chart: {finding}", file=sys.stderr)
    if len(CLAIMS) < FEWEST_CLAIMS:
        wrong.append("few")
        print(f"chart: {len(CLAIMS)} claims, expected {FEWEST_CLAIMS}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"chart: {len(CLAIMS)} claims hold, and each was seen to fail: {broken} times in all, on objects broken on purpose")


def main(chart):
    forms = {form: rendered(chart, form) for form in ALL}
    against_schemas(forms)
    against_claims(forms)
    refusals.main(chart)
    values_table.check(pathlib.Path(chart))


if __name__ == "__main__":
    main(*sys.argv[1:])

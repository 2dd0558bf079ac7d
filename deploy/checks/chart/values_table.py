#!/usr/bin/env python3
"""The table of values in the chart's README, out of the comments in values.yaml. A value without a comment is an error.

values_table.py CHART --write   writes it; chart.sh looks whether it is up to date
"""
import json
import pathlib
import re
import sys

import yaml

BEGIN, END = "<!-- values: written by deploy/checks/chart/values_table.py -->", "<!-- end of values -->"


def lines_of(text):
    """(depth, key, comment) of each key in block style; a comment is the lines right above it."""
    comment = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("# ---") or not stripped:
            comment = []
        elif stripped.startswith("#"):
            comment.append(stripped.removeprefix("#").strip())
        else:
            key = re.match(r"( *)(\w+):", line)
            if not key:
                raise SystemExit(f"chart: values.yaml has a line that is neither a comment nor a value: {line!r}")
            yield len(key[1]) // 2, key[2], " ".join(comment)
            comment = []


def told(text):
    """[(name, default, comment)]: each value that has a comment and holds something, and what is not told of."""
    values = yaml.safe_load(text)
    rows, path, untold = [], [], []
    entries = list(lines_of(text))
    for index, (depth, key, comment) in enumerate(entries):
        path = [*path[:depth], (key, comment)]
        value = values
        for name, _ in path:
            value = value[name]
        inside = []
        for deeper, _, its in entries[index + 1 :]:
            if deeper <= depth:
                break
            inside.append(its)
        name = ".".join(name for name, _ in path)
        if inside and any(inside):
            continue  # what is in it is told one by one
        if comment:
            rows.append((name, json.dumps(value, ensure_ascii=False), comment))
        elif not any(its for _, its in path[:-1] if inside_is_untold(entries, path[:-1])):
            untold.append(name)
    return rows, untold


def inside_is_untold(entries, path):
    """Whether the parent tells of all in it by its own comment, as databases.secret.keys does."""
    names = [name for name, _ in path]
    seen, here, comments = [], False, []
    for depth, key, comment in entries:
        seen = [*seen[:depth], key]
        if seen == names:
            here = True
        elif here and depth < len(names):
            break
        elif here:
            comments.append(comment)
    return bool(comments) and not any(comments)


def table(rows):
    lines = ["| value | default | meaning |", "|---|---|---|"]
    for name, default, comment in rows:
        lines.append(f"| `{name}` | `{default}` | {comment.replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


def written(readme, rows):
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not rest or not after:
        raise SystemExit(f"chart: the README lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n\n{table(rows)}\n\n{END}{after}"


def without_comment(text, key, comment):
    """The file without the comment right above the key."""
    lines, kept, above = text.splitlines(), [], []
    for line in lines:
        if line.strip().startswith("#") and not line.strip().startswith("# ---"):
            above.append(line)
            continue
        said = " ".join(one.strip().removeprefix("#").strip() for one in above)
        if not (re.match(rf" *{key}:", line) and said == comment):
            kept += above
        kept.append(line)
        above = []
    return "\n".join(kept)


def leaves(schema, root):
    """Names of all the schema knows, in dots."""
    if "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rsplit("/", 1)[1]]
    for part in schema.get("allOf", []):
        yield from leaves(part, root)
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from (f"{name}.{deeper}" for deeper in leaves(inner, root))


def names_of(values):
    for name, inner in values.items():
        yield name
        if isinstance(inner, dict):
            yield from (f"{name}.{deeper}" for deeper in names_of(inner))


def check(chart):
    text = (chart / "values.yaml").read_text()
    rows, untold = told(text)
    wrong = [f"values.yaml does not tell what {name} is" for name in untold]
    for name, _, comment in rows:
        # Seen to fail: the same file without this value's comment.
        if not told(without_comment(text, name.split(".")[-1], comment))[1]:
            wrong.append(f"nobody would notice if values.yaml did not tell what {name} is")
    readme = (chart / "README.md").read_text()
    if written(readme, rows) != readme:
        wrong.append(f"the README's table is not that of values.yaml: {sys.argv[0].replace('check.py', 'values_table.py')} {chart} --write")
    schema = json.loads((chart / "values.schema.json").read_text())
    known, there = set(leaves(schema, schema)), set(names_of(yaml.safe_load((chart / "values.yaml").read_text())))
    free = ("environment", "podAnnotations", "nodeSelector", "requests", "limits", "parameters", "labels", "annotations", "addresses", "namespaceSelector", "podSelector")
    wrong += [f"the schema does not know the value {name}" for name in sorted(there - known) if not set(name.split(".")[:-1]) & set(free)]
    each_program = tuple(f"{name}." for name in ("user", "product", "order", "payment", "notify", "web"))
    optional = {name for name in known - there if name.startswith(each_program) or set(name.split(".")) & {*free, "global", "name", "requests"}}
    wrong += [f"the schema knows {name}, which values.yaml does not have" for name in sorted(known - there - optional)]
    for finding in wrong:
        print(f"chart: {finding}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"chart: {len(rows)} values, each told of in values.yaml (or it would be missed), in the schema and in the README's table")


def main(chart, write):
    assert write == "--write", __doc__
    readme = pathlib.Path(chart) / "README.md"
    rows, _ = told((pathlib.Path(chart) / "values.yaml").read_text())
    readme.write_text(written(readme.read_text(), rows))


if __name__ == "__main__":
    main(*sys.argv[1:])

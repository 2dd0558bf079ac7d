#!/usr/bin/env python3
"""Looks whether Kibana could take what it is given, for machines that have no Kibana: every line an object, every id
once, every reference to something that is there, and every field that a search names one of the index template."""
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE.parent / "logs" / "index-template.json"
ATTRIBUTES = {
    "index-pattern": {"title", "timeFieldName"},
    "search": {"title", "description", "columns", "sort", "grid", "hideChart", "kibanaSavedObjectMeta"},
}
# A field before a colon in Kibana's query language; texts are taken out before.
FIELD = re.compile(r"([@a-z_][a-z0-9_.]*)\s*:", re.IGNORECASE)


def fields_of(properties, prefix=""):
    for name, field in properties.items():
        if "properties" in field:
            yield from fields_of(field["properties"], f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def wrong_in(saved, known, fields, patterns):
    kind, attributes = saved["type"], saved["attributes"]
    if kind not in ATTRIBUTES:
        yield f"nobody has looked what a {kind} needs"
        return
    yield from (f"has no {name}" for name in sorted(ATTRIBUTES[kind] - attributes.keys()))
    yield from (f"refers to {ref['type']} {ref['id']}" for ref in saved["references"] if (ref["type"], ref["id"]) not in known)
    if kind == "index-pattern":
        if attributes["title"] not in patterns:
            yield f"{attributes['title']} is not a pattern of the index template"
        named = {attributes["timeFieldName"]}
    else:
        source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
        if source["indexRefName"] not in {ref["name"] for ref in saved["references"]}:
            yield f"its data view {source['indexRefName']} is not among the references"
        query = re.sub(r'"[^"]*"', "", source["query"]["query"])
        named = {*attributes["columns"], *FIELD.findall(query), *(field for field, _ in attributes["sort"])}
    yield from (f"{field} is not in the index template" for field in sorted(named - fields))


def main(path=HERE / "saved-objects.ndjson"):
    template = json.loads(TEMPLATE.read_text())
    fields = set(fields_of(template["template"]["mappings"]["properties"]))
    objects = [json.loads(line) for line in Path(path).read_text().splitlines()]
    ids = [(saved["type"], saved["id"]) for saved in objects]
    wrong = [f"{kind} {name} is there twice" for kind, name in sorted({one for one in ids if ids.count(one) > 1})]
    for saved in objects:
        troubles = wrong_in(saved, set(ids), fields, template["index_patterns"])
        wrong += [f"{saved['type']} {saved['id']}: {trouble}" for trouble in troubles]
    for sentence in wrong:
        print(f"kibana: {sentence}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"kibana: {len(objects)} saved objects are in good form, of {len(fields)} mapped fields (checked without Kibana)")


main(*sys.argv[1:])

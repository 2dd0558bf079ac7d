"""What came of walks through all combinations, as a page with a small picture of each page that was seen.

    record.py PICTURES RECORD
"""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

PICTURES, RECORD = Path(sys.argv[1]), Path(sys.argv[2])
GROUPS = (("office", "The back office"), ("", "The shop and its accounts"))


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main():
    walks = [json.loads(line) for line in (PICTURES / "walks.jsonl").read_text().splitlines()]
    judged = json.loads((PICTURES / "judged.json").read_text())
    commit = said("git", "rev-parse", "--short=12", "HEAD") + ("+" if said("git", "status", "--porcelain", "--untracked-files=no") else "")
    lines = [
        "# Every page, as it was seen",
        "",
        "Written by `cargo xtask pages --all`, which walks through all pages in Chromium in every combination of screens and",
        f"scripts; [docs/pages.md](../pages.md) says what is looked at.",
        f"{date.today():%-d %B %Y}, {said('chromium', '--version').split(' built')[0]}, commit {commit}.",
        "",
        "| walk | screen | scripts | pages seen | seconds |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {one['walk']} | {one['width']} px | {'on' if one['scripts'] else 'off'} | {one['pages']} | {one['seconds']} |" for one in walks]
    lines += [
        "",
        f"{judged['pages']} pages were judged in the states in which they were seen, by axe-core (WCAG 2.2 AA, light and dark) and the",
        f"Nu HTML Checker: {judged['wrong']} findings. The heaviest has {judged['heaviest'] / 1000:.1f} kB of styles and scripts, compressed.",
        "",
        "| Lighthouse | " + " | ".join(next(iter(judged["lighthouse"].values()))) + " |",
        "|---|" + "---|" * len(next(iter(judged["lighthouse"].values()))),
    ]
    columns = list(next(iter(judged["lighthouse"].values())))
    lines += [f"| `{path}` | " + " | ".join(str(scores.get(column, "")) for column in columns) + " |" for path, scores in judged["lighthouse"].items()]
    lines += ["", "Performance is the median of five, on the machine on which all of it ran at once.", ""]
    left = sorted(path.stem for path in RECORD.glob("*.webp"))
    for beginning, title in GROUPS:
        names = [name for name in left if name.startswith(beginning)]
        left = [name for name in left if name not in names]
        lines += [f"## {title}", ""]
        lines += [f"![{name.replace('-', ' ')}]({name}.webp)" for name in names]
        lines.append("")
    (RECORD / "README.md").write_text("\n".join(lines).rstrip() + "\n")


main()

#!/usr/bin/env python3
"""Writes the dashboards in dashboards/: platform, business, and one per service from one pattern.

make.py            writes them
make.py --check    says which are not as it would write them, and fails
"""
import json
import pathlib
import sys

import business
import platform_board
import service_board

FOLDER = pathlib.Path(__file__).parent / "dashboards"


def all_dashboards():
    yield platform_board.dashboard()
    yield business.dashboard()
    yield from service_board.dashboards()


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    wanted = {f"{board['uid']}.json": json.dumps(board, indent=1, ensure_ascii=False) + "\n" for board in all_dashboards()}
    there = {path.name: path.read_text() for path in FOLDER.glob("*.json")}
    if check:
        stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
        if stale:
            sys.exit(f"dashboards: {', '.join(stale)} differ from what grafana/make.py writes: run it")
        return
    FOLDER.mkdir(exist_ok=True)
    for name in there.keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()

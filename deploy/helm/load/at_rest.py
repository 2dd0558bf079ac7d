#!/usr/bin/env python3
"""What our programs cost when nobody asks them anything: looks at the machine's processes for so many seconds.

at_rest.py SECONDS    one line per program: instances, and per instance PSS, RSS and processor time
"""
import glob
import os
import pathlib
import sys
import time

PROGRAMS = ["user-service", "product-service", "order-service", "payment-service", "notify-service", "web"]
TICKS = os.sysconf("SC_CLK_TCK")


def ours():
    """Process id and program, of those that run in a container of ours."""
    found = {}
    for exe in glob.glob("/proc/[0-9]*/exe"):
        try:
            program = pathlib.Path(os.readlink(exe))
        except OSError:
            continue
        if program.parent == pathlib.Path("/usr/local/bin") and program.name in PROGRAMS:
            found[int(exe.split("/")[2])] = program.name
    return found


def memory(process):
    """PSS and RSS in MiB."""
    text = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text()
    fields = {line.split(":")[0]: line.split()[1] for line in text.splitlines()[1:]}
    return int(fields["Pss"]) / 1024, int(fields["Rss"]) / 1024


def processor(process):
    """Seconds of processor time so far."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def main(seconds):
    before = {process: processor(process) for process in ours()}
    time.sleep(seconds)
    found = ours()
    gone = set(before) ^ set(found)
    if gone or not found:
        sys.exit(f"at_rest: our programs did not stay the same for {seconds} s, or there are none: {sorted(gone)}")
    total = 0.0
    for name in PROGRAMS:
        mine = [process for process, program in found.items() if program == name]
        if not mine:
            sys.exit(f"at_rest: there is no {name}")
        sizes = [memory(process) for process in mine]
        busy = sum(processor(process) - before[process] for process in mine) / len(mine) / seconds
        pss, rss = (sum(size[which] for size in sizes) / len(mine) for which in (0, 1))
        total += pss * len(mine)
        print(f"{name:16} {len(mine)} instances, each {pss:5.1f} MiB PSS, {rss:5.1f} MiB RSS, {busy * 1000:5.1f} ms of processor time a second")
    print(f"{'all':16} {len(found)} instances, together {total:.0f} MiB PSS")


if __name__ == "__main__":
    main(int(sys.argv[1]))

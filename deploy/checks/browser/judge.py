"""Every page that the walks have seen is judged, in the state in which they saw it: by axe-core (WCAG 2.2 AA, in light and in
dark), by the Nu HTML Checker as the server wrote it, and some by Lighthouse.

    judge.py FRONT_DOOR PICTURES NODE_MODULES

    BROWSER_MATRIX=all   Lighthouse looks at their speed, too: five times each, as on a telephone and as on a desk
"""

import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

FRONT_DOOR, PICTURES, MODULES = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What everybody comes to first, of each kind one; and a page that no search engine shall find.
FOUND, NOT_FOUND = ["/", "/products", "/products/GAR-SEEDS-SUNFLOWER"], ["/login"]
LEAST = 98
# Bytes of styles and scripts of a page, compressed.
MOST = 30_000


def browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
                     "--window-size=1280,1400"):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium")
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def by_axe(pages):
    """What is wrong, a line each."""
    axe = (MODULES / "axe-core/axe.min.js").read_text()
    wrong = []
    chrome = browser()
    chrome.set_script_timeout(60)
    for page in pages:
        # A text of the same origin, without a policy; the page is written over it, so that its style sheets are found.
        chrome.get(f"{FRONT_DOOR}/robots.txt")
        chrome.execute_async_script(
            """const [html, done] = arguments;
            document.open(); document.write(html); document.close();
            const ready = () => document.fonts.ready.then(() => done());
            if (document.readyState === 'complete') ready(); else addEventListener('load', ready);""",
            page.read_text())
        chrome.execute_script(axe)
        for scheme in ("light", "dark"):
            chrome.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                   {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
            rules = {"type": "tag", "values": STANDARDS} if scheme == "light" else {"type": "rule", "values": ["color-contrast"]}
            result = chrome.execute_async_script(
                """const [rules, done] = arguments;
                axe.run(document, { runOnly: rules, resultTypes: ['violations'] }).then(done, (error) => done(String(error)));""",
                rules)
            if isinstance(result, str):
                sys.exit(f"judge: axe on {page.name}: {result}")
            for violation in result["violations"]:
                for node in violation["nodes"]:
                    wrong.append(f"{page.name} ({scheme}): {violation['id']}: {violation['help']}: {node['html'][:200]}")
    chrome.quit()
    return wrong


def by_checker(pages):
    command = ["java", "-jar", MODULES / "vnu-jar/build/dist/vnu.jar", "--errors-only", "--format", "json", "--exit-zero-always", *pages]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    messages = json.loads(told.stderr or told.stdout)["messages"]
    place = lambda message: f"{Path(message.get('url', '')).name}:{message.get('lastLine', '')}"
    return [f"{place(message)}: {message['message']}: {message.get('extract', '')!r}" for message in messages]


class Loaded(HTMLParser):
    """What a page has its browser load before it is shown."""

    def __init__(self, text):
        super().__init__()
        self.styles_and_scripts, self.all = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        address = attributes.get("src") or (attributes.get("href") if tag == "link" and attributes.get("rel") != "canonical" else None)
        if address:
            self.all.add(address)
            if tag == "script" or attributes.get("rel") == "stylesheet":
                self.styles_and_scripts.add(address)


def by_weight(pages):
    sizes, wrong, heaviest = {}, [], 0

    def size(path):
        if path not in sizes:
            with urllib.request.urlopen(f"{FRONT_DOOR}{path}", timeout=10) as answer:
                sizes[path] = len(gzip.compress(answer.read()))
        return sizes[path]

    for page in pages:
        loaded = Loaded(page.read_text())
        wrong += [f"{page.name}: loads {address} from elsewhere" for address in loaded.all if not address.startswith("/") or address.startswith("//")]
        weight = sum(map(size, loaded.styles_and_scripts))
        heaviest = max(heaviest, weight)
        if weight > MOST:
            wrong.append(f"{page.name}: {weight} bytes of styles and scripts, more than {MOST}: {loaded.styles_and_scripts}")
    print(f"the heaviest page has {heaviest} bytes of styles and scripts, compressed")
    return wrong, heaviest


def looked_at(path, categories, *more):
    """Lighthouse's report."""
    command = [MODULES / ".bin/lighthouse", f"{FRONT_DOOR}{path}", "--quiet", "--output=json", *more,
               f"--only-categories={categories}",
               "--chrome-flags=--headless --no-sandbox --disable-gpu --disable-background-networking"]
    environment = {**os.environ, "CHROME_PATH": shutil.which("chromium")}
    told = subprocess.run(command, capture_output=True, text=True, env=environment)
    if told.returncode != 0:
        sys.exit(f"judge: lighthouse on {path}: {told.stderr[-2000:]}")
    return json.loads(told.stdout)


def by_lighthouse(path, categories, record):
    report = looked_at(path, categories, "--preset=desktop")
    scores = {name: round(category["score"] * 100) for name, category in report["categories"].items()}
    record.setdefault(path, {}).update(scores)
    print(f"lighthouse {path}: {', '.join(f'{name} {score}' for name, score in scores.items())}")
    failed = [audit["title"] for audit in report["audits"].values() if audit.get("score") == 0 and audit["scoreDisplayMode"] == "binary"]
    return [f"{path}: {name} {score}, less than {LEAST}: {failed}" for name, score in scores.items() if score < LEAST]


def speed(path, record):
    """The median of five, which is a figure of the machine's as well and no condition."""
    for name, more in (("performance, telephone", []), ("performance, desk", ["--preset=desktop"])):
        scores = [looked_at(path, "performance", *more)["categories"]["performance"]["score"] * 100 for _ in range(5)]
        record[path][name] = round(statistics.median(scores))


def main():
    pages = sorted(PICTURES.glob("[0-9]*-*.html"))
    assert len(pages) > 20, "the walks have kept no pages"
    with ThreadPoolExecutor(2) as pool:
        axe, checker = pool.submit(by_axe, pages), pool.submit(by_checker, pages)
        (too_heavy, heaviest) = by_weight(pages)
        wrong = axe.result() + checker.result() + too_heavy
    # One at a time: two would slow each other down.
    record = {}
    for path in FOUND:
        wrong += by_lighthouse(path, "accessibility,best-practices,seo", record)
    for path in NOT_FOUND:
        wrong += by_lighthouse(path, "accessibility,best-practices", record)
    if os.environ.get("BROWSER_MATRIX") == "all":
        for path in FOUND + NOT_FOUND:
            speed(path, record)
    judged = {"pages": len(pages), "wrong": len(wrong), "heaviest": heaviest, "lighthouse": record}
    (PICTURES / "judged.json").write_text(json.dumps(judged))
    print(f"judged {len(pages)} pages by axe-core and the Nu HTML Checker, {len(FOUND + NOT_FOUND)} by Lighthouse")
    if wrong:
        sys.exit("judge:\n" + "\n".join(wrong))


main()

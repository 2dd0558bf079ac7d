"""A shopper walks through all pages of an account in a real browser, with scripts switched off; and with them through those that
ask for a passkey, with an authenticator that the browser plays.

    walk.py FRONT_DOOR PICTURES

Each page is photographed into the folder. The browser's own console must stay empty: what a page's policy (CSP) forbids is told there.

    BROWSER_MATRIX=all   shop.py and office.py go through all combinations of screens and scripts, not two of them
    BROWSER_RECORD       a folder that gets the pictures of record: small ones, of the widest screen
"""

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import struct
import sys
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions
from selenium.webdriver.support.wait import WebDriverWait

FRONT_DOOR, PICTURES = sys.argv[1], Path(sys.argv[2])
PASSWORD, NEW_PASSWORD = "seven brass lanterns drift", "eight copper kettles sing"
ALL, RECORD = os.environ.get("BROWSER_MATRIX") == "all", os.environ.get("BROWSER_RECORD")
WIDEST = 1280
NAME = uuid.uuid4().hex[:12]
EMAIL, NEW_EMAIL = f"{NAME}@example.com", f"{NAME}-new@example.com"


def screens(first):
    """Widths, whether scripts run, and the number of the first picture there."""
    both = (False, True)
    wanted = [(width, scripts) for width in (320, 768, WIDEST) for scripts in both] if ALL else [(320, False), (WIDEST, True)]
    return [(width, scripts, first + 60 * place) for place, (width, scripts) in enumerate(wanted)]


def passed(walk, width, scripts, began, pages):
    """Noted for the record."""
    one = {"walk": walk, "width": width, "scripts": scripts, "seconds": round(time.monotonic() - began), "pages": pages}
    with (PICTURES / "walks.jsonl").open("a") as record:
        record.write(json.dumps(one) + "\n")
    print(f"{walk}, at {width} px with{'' if scripts else 'out'} scripts: {pages} pages", file=sys.stderr)


def wait_for(what, look):
    for _ in range(150):
        found = look()
        if found:
            return found
        time.sleep(0.2)
    sys.exit(f"walk: {what} did not come")


def mails(email):
    """All that came to this address, the newest first."""
    address = f"{FRONT_DOOR}/dev/mails.json?to={urllib.parse.quote(email)}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)


def mailed_link(email, page):
    """The newest link of the mails to this address that leads to a page."""
    def look():
        links = [link for mail in mails(email) for link in mail["links"]]
        return next((link for link in links if f"/{page}?" in link), None)

    return wait_for(f"the mail that leads to {page}", look)


def code_of(secret, moment):
    """RFC 6238: what an authenticator app shows."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(moment) // 30), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place:place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def of_another_page(error):
    """Whether it says that an element's page is gone: the driver has a word for it, and where it asks at that very moment another."""
    return isinstance(error, StaleElementReferenceException) or "does not belong to the document" in (error.msg or "")


def is_gone(element):
    try:
        element.is_enabled()
    except WebDriverException as error:
        if of_another_page(error):
            return True
        raise
    return False


class Walk:
    def __init__(self, width, scripts=False, seen=0):
        options = webdriver.ChromeOptions()
        for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars",
                         "--no-first-run", f"--window-size={width},1400"):
            options.add_argument(argument)
        if not scripts:
            # Everything must work without.
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        options.binary_location = shutil.which("chromium")
        self.browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.seen, self.width = seen, width
        self.shown = None  # the request that the page answers
        self.browser.get("data:text/html,<title>off</title><script>document.title='on'</script>")
        assert self.browser.title == ("on" if scripts else "off"), "scripts are not switched as they should be"

    def go(self, path):
        self.browser.get(path if path.startswith("http") else f"{FRONT_DOOR}{path}")

    def text(self):
        return self.browser.find_element(By.TAG_NAME, "main").text

    def holds(self, *texts):
        for text in texts:
            assert text in self.text(), f"{self.browser.current_url} lacks {text!r}:\n{self.text()}"

    def shoot(self, name, *texts):
        self.holds(*texts)
        self.seen += 1
        self.browser.save_screenshot(str(PICTURES / f"{self.seen:02d}-{name}.png"))
        if RECORD and self.width == WIDEST:
            self.shoot_for_the_record(name)
        (PICTURES / f"{self.seen:02d}-{name}.html").write_text(self.source())
        told = [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        # That a form is answered with 4xx is no fault of the page's; what it loads must be there.
        told = [message for message in told if "status of 4" not in message or "/assets/" in message]
        assert not told, f"{self.browser.current_url}: {told}"

    def shoot_for_the_record(self, name):
        clip = {"x": 0, "y": 0, "width": WIDEST, "height": 1000, "scale": 0.5}
        shot = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": 60, "clip": clip})
        (Path(RECORD) / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))

    def source(self):
        """The page as the server wrote it."""
        events = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        for event in events:
            if event["method"] == "Network.responseReceived" and event["params"]["type"] == "Document":
                self.shown = event["params"]["requestId"]
        body = self.browser.execute_cdp_cmd("Network.getResponseBody", {"requestId": self.shown})
        return base64.b64decode(body["body"]).decode() if body["base64Encoded"] else body["body"]

    def fill(self, **fields):
        for name, value in fields.items():
            field = self.browser.find_element(By.CSS_SELECTOR, f"main [name={name}]")
            if field.get_attribute("type") == "checkbox":
                if field.is_selected() != value:
                    field.click()
            else:
                field.clear()
                field.send_keys(value)

    def press(self, words):
        buttons = self.browser.find_elements(By.CSS_SELECTOR, "main button, main a.button, main .ways a")
        wanted = [button for button in buttons if words in button.text]
        assert wanted, f"{self.browser.current_url} has no {words!r}: {[button.text for button in buttons]}"
        self.click(wanted[0])

    def send(self):
        """The page's form, by its first button."""
        self.click(self.browser.find_element(By.CSS_SELECTOR, "main form button"))

    def click(self, element):
        """Until the next page is there."""
        page = self.browser.find_element(By.TAG_NAME, "html")
        element.click()
        WebDriverWait(self.browser, 20).until(lambda _: is_gone(page))

    def log_in(self, email, password):
        self.go("/login")
        self.fill(email=email, password=password)
        self.press("Log in")

    def register(self):
        self.go("/")
        self.shoot("start")
        self.go("/products")
        self.shoot("products")
        self.go("/register")
        self.fill(first_name="Ada", last_name="Lovelace", email=EMAIL, password="short")
        self.press("Register")
        self.shoot("register-refused", "8")
        assert self.browser.find_element(By.NAME, "email").get_attribute("value") == EMAIL, "what was typed is kept"
        self.fill(password=PASSWORD)
        self.press("Register")
        self.shoot("registered")
        self.go(mailed_link(EMAIL, "verify-email"))
        self.shoot("confirm")
        fields = {field.get_attribute("name") for field in self.browser.find_elements(By.CSS_SELECTOR, "main input")}
        if "password" in fields:
            self.fill(password=PASSWORD)
        self.send()
        self.shoot("confirmed")
        self.go("/login")
        if "/login" in self.browser.current_url:
            self.fill(email=EMAIL, password="wrong wrong wrong")
            self.press("Log in")
            self.shoot("log-in-refused", "wrong")
            self.log_in(EMAIL, PASSWORD)
        self.go("/account")
        self.shoot("account", EMAIL, "Ada Lovelace")

    def profile_and_addresses(self):
        self.go("/account/profile")
        self.fill(first_name="Augusta", phone="+44 20 7946 0000")
        self.shoot("profile")
        self.send()
        self.go("/account")
        self.holds("Augusta Lovelace", "+44 20 7946 0000")
        self.go("/account/addresses/new")
        self.fill(name="Augusta Lovelace", line1="12 St James's Square", postal_code="SW1Y 4JH", city="London", country="xx1")
        self.send()
        self.shoot("address-refused")
        self.fill(country="GB", default_shipping=True)
        self.send()
        self.go("/account/addresses/new")
        self.fill(name="渡辺 明", line1="千代田区千代田1-1", postal_code="100-0001", city="東京", country="jp")
        self.send()
        self.go("/account/addresses")
        self.shoot("addresses", "Parcels go here", "渡辺 明")
        self.press("Bills here")
        self.shoot("addresses-bills", "Bills go here")

    def second_factor(self):
        self.go("/account/second-factor")
        self.shoot("second-factor-off", "It is off")
        self.press("Set up")
        self.fill(password=PASSWORD)
        self.shoot("second-factor-begin")
        self.press("Go on")
        self.shoot("second-factor-secret", "Scan this")
        secret = self.browser.find_element(By.CSS_SELECTOR, "main .secret code").text.replace(" ", "")
        self.fill(code="000000")
        self.press("Switch it on")
        self.shoot("second-factor-wrong")
        moment = time.time()
        self.fill(code=code_of(secret, moment))
        self.press("Switch it on")
        self.shoot("recovery-codes")
        codes = re.findall(r"[a-z0-9]{4,}(?:-[a-z0-9]{4,})+", self.text())
        assert len(codes) == 10, self.text()
        self.click(self.browser.find_element(By.CSS_SELECTOR, "header form[action='/logout'] button"))
        self.log_in(EMAIL, PASSWORD)
        self.shoot("second-step")
        self.fill(code=codes[0])
        self.press("Log in")
        self.go("/account/second-factor")
        self.shoot("second-factor-on", "It is on", "9")
        self.press("Give it up")
        self.fill(password=PASSWORD, code=codes[1])
        self.shoot("second-factor-give-up")
        self.send()
        self.go("/account/second-factor")
        self.holds("It is off")

    def data(self):
        self.go("/account/data")
        self.shoot("data", "A copy", "Erasing it")
        self.press("Make a copy")
        self.fill(password=PASSWORD)
        self.shoot("copy")
        self.send()

        def ready():
            self.go("/account/data")
            return self.browser.find_elements(By.PARTIAL_LINK_TEXT, "Fetch the file")

        link = wait_for("the copy", ready)[0].get_attribute("href")
        self.shoot("copy-ready")
        with urllib.request.urlopen(link, timeout=10) as answer:
            copy = json.load(answer)
        assert copy["services"]["user-service"]["account"][0]["email"] == EMAIL, copy
        assert set(copy["services"]) == {f"{name}-service" for name in ("user", "product", "order", "payment", "notify")}, copy

    def without_scripts(self):
        """Who has none is told, and goes on by the password."""
        self.go("/login/passkey")
        self.shoot("passkey-without-scripts", "scripts are switched off here")
        self.press("Use a passkey")
        self.shoot("passkey-without-scripts-sent", "Nothing was done")
        self.press("By the password instead")
        self.holds("Password")

    def log_out(self):
        self.click(self.browser.find_element(By.CSS_SELECTOR, "header form[action='/logout'] button"))

    def passkeys(self):
        """With scripts, and an authenticator that Chromium plays: a phone that is unlocked by a finger."""
        options = VirtualAuthenticatorOptions(
            protocol=VirtualAuthenticatorOptions.Protocol.CTAP2, transport=VirtualAuthenticatorOptions.Transport.INTERNAL,
            has_resident_key=True, has_user_verification=True, is_user_verified=True,
        )
        self.browser.add_virtual_authenticator(options)
        self.log_in(EMAIL, PASSWORD)
        self.go("/account/passkeys")
        self.shoot("passkeys-none", "You have none")
        self.press("Add a passkey")
        self.fill(name="My phone", password=PASSWORD)
        self.shoot("passkey-new", "What you call it")
        self.press("Go on")
        self.shoot("passkey-make", "Make the passkey")
        self.press("Make the passkey")
        self.shoot("passkeys-one", "The passkey is added", "My phone", "not used yet")
        assert len(self.browser.get_credentials()) == 1
        # The browser makes no second one on the same device.
        self.press("Add a passkey")
        self.press("By a passkey instead")
        self.shoot("passkey-as-proof")
        self.press("Go on")
        self.press_here("Make the passkey")
        wait_for("the word on a second one", lambda: "on this device already" in self.text())
        self.shoot("passkey-twice", "on this device already")
        self.log_out()
        # Without a password.
        self.go("/login?next=/account/passkeys")
        self.shoot("log-in-with-passkey", "Log in with a passkey")
        self.press("Log in with a passkey")
        self.shoot("passkey-log-in", "we ask for no password")
        self.press("Use a passkey")
        self.shoot("passkeys-used", "used last")
        self.log_out()
        # Somebody who cannot unlock it.
        self.browser.set_user_verified(False)
        self.go("/login/passkey")
        self.press_here("Use a passkey")
        wait_for("the word on what was cancelled", lambda: "Nothing was done" in self.text())
        self.shoot("passkey-cancelled", "Nothing was done")
        self.browser.set_user_verified(True)
        # In place of a code.
        self.log_in(EMAIL, PASSWORD)
        self.go("/account/second-factor/begin?by=passkey")
        self.press("Go on")
        secret = self.browser.find_element(By.CSS_SELECTOR, "main .secret code").text.replace(" ", "")
        self.fill(code=code_of(secret, time.time()))
        self.press("Switch it on")
        self.log_out()
        self.log_in(EMAIL, PASSWORD)
        self.shoot("second-step-or-passkey", "Code")
        self.press("By a passkey instead")
        self.shoot("second-step-by-passkey", "show one of your passkeys")
        self.press("Log in")
        self.go("/account/second-factor")
        self.shoot("second-factor-and-passkey", "You have a passkey", "It is on")
        self.go("/account/second-factor/give-up?by=passkey")
        self.press("Give it up")
        self.holds("It is off")
        # Renamed, removed, and good for nothing.
        self.go("/account/passkeys")
        self.press("Rename")
        self.fill(name="Old phone")
        self.send()
        self.holds("Old phone")
        self.press("Remove")
        self.press("By a passkey instead")
        self.shoot("passkey-remove", "opens your account no more")
        self.press("Remove it")
        self.shoot("passkeys-removed", "opens nothing any more", "You have none")
        self.log_out()
        self.go("/login/passkey")
        self.press("Use a passkey")
        self.shoot("passkey-unknown", "not known here")
        wait_for("both mails about the passkey",
                 lambda: sum("passkey" in mail["subject"] for mail in mails(EMAIL)) == 2)

    def press_here(self, words):
        """What leads nowhere else."""
        buttons = self.browser.find_elements(By.CSS_SELECTOR, "main button")
        next(button for button in buttons if words in button.text).click()

    def sessions_and_credentials(self):
        self.go("/account/sessions")
        self.shoot("sessions")
        self.go("/account/password")
        self.fill(password=PASSWORD, new_password=NEW_PASSWORD)
        self.shoot("password")
        self.send()
        self.shoot("password-changed")
        self.go("/account/email")
        self.fill(email=NEW_EMAIL, password=NEW_PASSWORD)
        self.shoot("email")
        self.send()
        self.shoot("email-asked")
        self.go(mailed_link(NEW_EMAIL, "confirm-email"))
        self.shoot("email-confirm")
        self.send()
        self.shoot("email-changed")
        self.go("/forgot-password")
        self.fill(email=NEW_EMAIL)
        self.send()
        self.shoot("forgot")
        self.go(mailed_link(NEW_EMAIL, "reset-password"))
        self.fill(new_password=PASSWORD)
        self.shoot("reset")
        self.send()
        self.shoot("reset-done")
        self.log_in(NEW_EMAIL, PASSWORD)
        self.go("/account")
        self.holds(NEW_EMAIL)

    def erase(self):
        self.go("/account/data/erasure")
        self.fill(password=PASSWORD)
        self.send()
        self.shoot("erase-not-understood")
        self.browser.find_element(By.CSS_SELECTOR, "main input[type=checkbox]").click()
        self.fill(password=PASSWORD)
        self.shoot("erase", "cannot be undone")
        self.send()
        self.shoot("erase-asked")
        link = mailed_link(NEW_EMAIL, "erasure")
        self.go(link)
        self.shoot("erasure", "will be erased")
        self.press("Keep my account")
        self.shoot("kept", "kept")
        self.go("/account/data")
        self.holds("Erase my account")


def main():
    PICTURES.mkdir(parents=True, exist_ok=True)
    began, walk = time.monotonic(), Walk(WIDEST)
    try:
        walk.without_scripts()
        walk.register()
        walk.profile_and_addresses()
        walk.second_factor()
        walk.data()
        without, seen = walk, walk.seen
        walk = Walk(WIDEST, scripts=True, seen=seen)
        walk.passkeys()
        walk.browser.quit()
        by_script, walk = walk.seen - seen, without
        walk.seen += by_script
        walk.sessions_and_credentials()
        walk.erase()
    except BaseException:
        walk.browser.save_screenshot(str(PICTURES / "99-where-it-ended.png"))
        print(walk.browser.current_url, walk.text(), sep="\n", file=sys.stderr)
        raise
    finally:
        walk.browser.quit()
    passed("an account", WIDEST, False, began, walk.seen - by_script)
    passed("passkeys", WIDEST, True, began, by_script)


if __name__ == "__main__":
    main()

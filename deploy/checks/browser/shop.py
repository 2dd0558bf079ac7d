"""Somebody buys in a real browser, by keyboard: once on a small screen with scripts switched off, once on a large one with them.

    shop.py FRONT_DOOR PICTURES

Somebody fills a cart, logs in at the checkout, orders, has the address kept and is shown that it is paid; then a payment is
declined and made good to the address that was kept, an order is cancelled, one is withdrawn from, and messages are read. With
scripts an order's page becomes "paid" without a reload. Somebody else orders without an account, cancels, and has it put into
the account they register then. And somebody reads German, on the small screen.
"""

import json
import sys
import time
import urllib.request
import uuid

from selenium.common.exceptions import NoSuchElementException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from walk import FRONT_DOOR, PASSWORD, PICTURES, Walk, is_gone, mailed_link, mails, of_another_page, passed, screens, wait_for


def ask(path, body):
    request = urllib.request.Request(
        f"{FRONT_DOOR}/api{path}", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def new_address():
    return f"{uuid.uuid4().hex[:12]}@example.com"


def new_customer():
    return register(new_address())


def register(email):
    ask("/auth/register", {"first_name": "Ada", "last_name": "Lovelace", "email": email, "password": PASSWORD})
    token = mailed_link(email, "verify-email").split("token=")[1]
    ask("/auth/verify-email", {"token": token, "password": PASSWORD})
    return email


class Shopper(Walk):
    def __init__(self, width, **how):
        super().__init__(width, **how)
        self.scripts = how.get("scripts", False)
        # A window of the browser's own cannot be as small as a telephone.
        screen = {"width": width, "height": 1400, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        self.seen_product = None

    def reach(self, *elements):
        """By the tabulator alone, to one of them."""
        for _ in range(250):
            if self.browser.switch_to.active_element in elements:
                return
            ActionChains(self.browser).send_keys(Keys.TAB).perform()
        sys.exit(f"{self.browser.current_url}: the tabulator does not reach {elements[0].get_attribute('outerHTML')}")

    def click(self, element):
        self.reach(element)
        self.key(element)

    def key(self, element, key=Keys.ENTER):
        """What a key does on an element, until the next page is there."""
        page = self.browser.find_element(By.TAG_NAME, "html")
        element.send_keys(key)
        WebDriverWait(self.browser, 20).until(lambda _: is_gone(page))

    def fill(self, **fields):
        for name, value in fields.items():
            field = self.browser.find_element(By.CSS_SELECTOR, f"main [name={name}]")
            self.reach(field)
            if field.get_attribute("type") != "checkbox":
                super().fill(**{name: value})
            elif field.is_selected() != value:
                field.send_keys(Keys.SPACE)

    def choose(self, pieces, place):
        """Puts so many pieces of the product at a place of the catalogue into the cart."""
        self.go("/products?sort=price")
        products = self.browser.find_elements(By.CSS_SELECTOR, ".shelf a")
        self.click(products[place])
        self.fill(quantity=str(pieces))
        if self.seen_product is None:
            self.shoot("product", "Put into the cart")
            self.fits()
            self.seen_product = self.browser.current_url
        self.press("Put into the cart")
        self.holds("It is in your cart.")

    def fits(self):
        """Nothing is wider than the screen."""
        metrics = self.browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
        page, screen = metrics["cssContentSize"]["width"], metrics["cssLayoutViewport"]["clientWidth"]
        assert page <= screen, f"{self.browser.current_url} is {page} px wide on a screen of {screen}"

    def counts(self, pieces):
        """So many pieces are in the cart, as the header says."""
        header = self.browser.find_element(By.TAG_NAME, "header").text
        told = f"Cart ({pieces})" in header if pieces else "Cart (" not in header
        assert told, f"{self.browser.current_url} does not tell of {pieces} pieces in the cart: {header}"

    def fill_address(self):
        self.fill(name="Ada Lovelace", line1="12 St James's Square", postal_code="SW1Y 4JH", city="London", country="GB")

    def pay_by(self, method):
        """The tabulator comes to a group of choices, the arrows to one of it."""
        wanted = self.browser.find_element(By.CSS_SELECTOR, f"main input[value={method}]")
        group = self.browser.find_elements(By.CSS_SELECTOR, f"main input[name={wanted.get_attribute('name')}]")
        self.reach(*group)
        for _ in group:
            if self.browser.switch_to.active_element != wanted:
                self.browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
        wanted.send_keys(Keys.SPACE)
        assert wanted.is_selected(), f"{self.browser.current_url}: the keys do not choose {method}"

    def comes_to(self, words):
        """The page comes again by itself until it says so."""
        def look():
            try:
                return words in self.text()
            except NoSuchElementException:
                return False  # the next page is about to come
            except WebDriverException as error:
                if of_another_page(error):
                    return False
                raise

        wait_for(f"an order that says {words!r}", look)

    def follows_to(self, words):
        """The same; with scripts it stays the same page."""
        page = self.browser.find_element(By.TAG_NAME, "html")
        self.comes_to(words)
        assert not self.scripts or not is_gone(page), f"{self.browser.current_url} was loaded again, though scripts run"

    def buy(self, method, pieces, place):
        """To the address that was kept."""
        self.choose(pieces, place)
        self.press("Go to the checkout")
        self.pay_by(method)
        self.press("Order and pay")

    def messages(self):
        def told():
            self.go("/account")
            return "Messages (" in self.text()

        wait_for("a message that is not read", told)
        self.press("Messages")
        self.shoot("messages", "Your messages", "new", "Mark all as read")
        self.fits()
        self.click(self.browser.find_element(By.CSS_SELECTOR, "main .entries a"))
        self.shoot("message", "The order it is about")
        self.fits()
        self.press("Your messages")
        self.press("Mark all as read")
        self.holds("All are marked as read.", "You have read all of them.")

    def day(self, email):
        self.go("/cart")
        self.shoot("cart-empty", "There is nothing in it yet.")
        self.choose(2, 0)
        self.choose(1, 1)
        self.counts(3)
        self.shoot("cart", "Go to the checkout")
        self.fits()
        self.press("Go to the checkout")
        self.shoot("checkout-guest", "You order as a guest", "obligation to pay")
        self.fits()
        # What they chose is there afterwards.
        self.press("I have an account: log in")
        self.fill(email=email, password=PASSWORD)
        self.press("Log in")
        self.shoot("checkout", "Order and pay", "obligation to pay")
        self.fits()
        self.press("Order and pay")
        self.shoot("checkout-wrong", "That did not work")
        self.counts(3)
        self.fill_address()
        self.fill(keep=True)
        self.pay_by("sim_ok")
        self.press("Order and pay")
        self.follows_to("It is paid")
        self.holds("The address is in your address book now.")
        self.counts(0)
        self.shoot("order-paid", "It is paid", "12 St James's Square")
        self.fits()
        self.go("/cart")
        self.holds("There is nothing in it yet.")

        self.choose(1, 2)
        self.press("Go to the checkout")
        self.shoot("checkout-address", "Ada Lovelace, 12 St James's Square", "Another address")
        self.fits()
        self.pay_by("sim_declined")
        self.press("Order and pay")
        self.comes_to("declined")
        self.shoot("order-declined", "Nothing was charged")
        self.press("Order it again")
        self.holds("What you ordered is in your cart again.")
        self.press("Go to the checkout")
        self.pay_by("sim_ok")
        self.press("Order and pay")
        self.comes_to("It is paid")
        self.press("Cancel the order")
        self.comes_to("It is cancelled")
        self.shoot("order-cancelled", "What was paid is given back")
        self.buy("sim_slow", 1, 1)
        self.holds("wait for its payment")
        self.follows_to("It is paid")
        self.go("/orders")
        self.shoot("orders", "Your orders", "It is paid", "declined", "cancelled")
        self.fits()
        self.withdraw(email)
        self.messages()

    def withdraw(self, email):
        """From the newest order: what is known of who is logged in stands there, and one button declares it."""
        self.click(self.browser.find_element(By.CSS_SELECTOR, "main h2 a"))
        self.press("Withdraw from the contract")
        self.shoot("withdrawal", "You need neither an account nor a reason")
        self.fits()
        self.fill(email="no address", reason="It is too small.")
        self.press("Continue")
        self.press("Confirm withdrawal")
        self.holds("is not an e-mail address")
        self.fill(email=email)
        self.press("Continue")
        self.shoot("withdrawal-confirm", "I withdraw from the contract", "It is too small.", email)
        self.fits()
        self.press("Confirm withdrawal")
        self.shoot("withdrawal-received", "We received it on", email)
        self.fits()
        receipts = wait_for("the receipt", lambda: [mail for mail in mails(email) if "received your withdrawal" in mail["subject"]])
        assert len(receipts) == 1, receipts

    def day_without_account(self, email):
        self.choose(1, 3)
        self.press("Go to the checkout")
        self.fill_address()
        self.pay_by("sim_ok")
        self.fill(email="no address")
        self.press("Order and pay")
        self.shoot("checkout-guest-wrong", "That did not work", "is not an e-mail address")
        self.fill(email=email)
        self.press("Order and pay")
        self.comes_to("It is paid")
        self.shoot("order-guest", "You ordered without an account")
        self.fits()
        self.press("Cancel the order")
        self.comes_to("It is cancelled")
        link = mailed_link(email, "guest")
        self.go(link)
        self.shoot("guest-link", "Your address has no account yet", "forget my address")
        self.fits()
        register(email)
        self.go(link)
        self.holds("is in your account")
        self.go("/login")
        self.fill(email=email, password=PASSWORD)
        self.press("Log in")

        def moved():
            self.go("/orders")
            return "It is cancelled" in self.text()

        wait_for("the order in the account", moved)

    def day_in_german(self, email):
        self.go("/products?sort=price")
        # Chosen on the foot of the page, it leads back there.
        self.click(self.browser.find_element(By.CSS_SELECTOR, ".languages [lang=de]"))
        assert self.browser.current_url.endswith("/products?sort=price"), self.browser.current_url
        assert self.browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "de"
        self.shoot("products-german", "Sortiment", "auf Lager", "2,95 €")
        self.fits()
        self.click(self.browser.find_elements(By.CSS_SELECTOR, ".shelf a")[4])
        self.press("In den Warenkorb")
        self.shoot("cart-german", "liegt in Ihrem Warenkorb", "das Stück")
        self.fits()
        self.press("Zur Kasse")
        self.fill_address()
        self.pay_by("sim_ok")
        self.fill(email="keine Adresse")
        self.press("Zahlungspflichtig bestellen")
        self.shoot("checkout-german", "Das hat nicht geklappt", "E-Mail-Adresse: keine gültige Adresse")
        self.fits()
        self.fill(email=email)
        self.press("Zahlungspflichtig bestellen")
        self.comes_to("ist bezahlt")
        self.shoot("order-german", "Bestellung", "ohne Konto bestellt")
        self.fits()
        for page, words in (("/login", "Anmelden"), ("/register", "Registrieren"), ("/nothing", "Nicht gefunden")):
            self.go(page)
            self.holds(words)
            self.fits()


def walked(walk, day, email):
    """How many pages were seen."""
    begin = walk.seen
    try:
        day(walk, email)
    except BaseException:
        walk.browser.save_screenshot(str(PICTURES / "99-where-it-ended.png"))
        print(walk.browser.current_url, walk.text(), sep="\n", file=sys.stderr)
        raise
    finally:
        walk.browser.quit()
    return walk.seen - begin


def main():
    for width, scripts, begin in screens(100):
        began, pages = time.monotonic(), 0
        days = ((Shopper.day, new_customer()), (Shopper.day_without_account, new_address()))
        for number, (day, email) in enumerate(days):
            pages += walked(Shopper(width, scripts=scripts, seen=begin + 35 * number), day, email)
        passed("shoppers, by keyboard alone", width, scripts, began, pages)
    began = time.monotonic()
    pages = walked(Shopper(320, seen=900), Shopper.day_in_german, new_address())
    passed("a shopper who reads German", 320, False, began, pages)


if __name__ == "__main__":
    main()

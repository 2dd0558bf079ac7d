"""Somebody buys in a real browser: once on a small screen with scripts switched off, once on a large one with them.

    shop.py FRONT_DOOR PICTURES

A guest fills a cart, says at the checkout who they are, orders and is shown that it is paid; then a payment is declined and made
good, and an order is cancelled.
"""

import json
import sys
import urllib.request
import uuid

from selenium.common.exceptions import NoSuchElementException, WebDriverException
from selenium.webdriver.common.by import By
from walk import FRONT_DOOR, PASSWORD, PICTURES, Walk, mailed_link, of_another_page, wait_for


def ask(path, body):
    request = urllib.request.Request(
        f"{FRONT_DOOR}/api{path}", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def new_customer():
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    ask("/auth/register", {"first_name": "Ada", "last_name": "Lovelace", "email": email, "password": PASSWORD})
    token = mailed_link(email, "verify-email").split("token=")[1]
    ask("/auth/verify-email", {"token": token, "password": PASSWORD})
    return email


class Shopper(Walk):
    def __init__(self, width, **how):
        super().__init__(width, **how)
        # A window of the browser's own cannot be as small as a telephone.
        screen = {"width": width, "height": 1400, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        self.seen_product = None

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

    def fill_checkout(self, method):
        self.fill(name="Ada Lovelace", line1="12 St James's Square", postal_code="SW1Y 4JH", city="London", country="GB")
        self.browser.find_element(By.CSS_SELECTOR, f"main input[value={method}]").click()

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

    def buy(self, method, pieces, place):
        self.choose(pieces, place)
        self.press("Go to the checkout")
        self.fill_checkout(method)
        self.press("Order and pay")

    def day(self, email):
        self.go("/cart")
        self.shoot("cart-empty", "There is nothing in it yet.")
        self.choose(2, 0)
        self.choose(1, 1)
        self.shoot("cart", "Go to the checkout")
        self.fits()
        self.press("Go to the checkout")
        # Who they are is asked now; what they chose is there afterwards.
        self.fill(email=email, password=PASSWORD)
        self.press("Log in")
        self.shoot("checkout", "Order and pay", "obligation to pay")
        self.fits()
        self.press("Order and pay")
        self.shoot("checkout-wrong", "That did not work")
        self.fill_checkout("sim_ok")
        self.press("Order and pay")
        self.comes_to("It is paid")
        self.shoot("order-paid", "It is paid", "12 St James's Square")
        self.fits()
        self.go("/cart")
        self.holds("There is nothing in it yet.")

        self.buy("sim_declined", 1, 2)
        self.comes_to("declined")
        self.shoot("order-declined", "Nothing was charged")
        self.press("Order it again")
        self.holds("What you ordered is in your cart again.")
        self.press("Go to the checkout")
        self.fill_checkout("sim_ok")
        self.press("Order and pay")
        self.comes_to("It is paid")
        self.press("Cancel the order")
        self.comes_to("It is cancelled")
        self.shoot("order-cancelled", "What was paid is given back")
        self.go("/orders")
        self.shoot("orders", "Your orders", "It is paid", "declined", "cancelled")
        self.fits()


def main():
    for width, scripts, begin in ((320, False, 59), (1280, True, 79)):
        walk = Shopper(width, scripts=scripts, seen=begin)
        try:
            walk.day(new_customer())
        except BaseException:
            walk.browser.save_screenshot(str(PICTURES / "99-where-it-ended.png"))
            print(walk.browser.current_url, walk.text(), sep="\n", file=sys.stderr)
            raise
        finally:
            walk.browser.quit()
        print(f"somebody bought at {width} px with{'' if scripts else 'out'} scripts", file=sys.stderr)


if __name__ == "__main__":
    main()

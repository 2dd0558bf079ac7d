"""Somebody signs in to the shop with an OpenID provider that is not ours, in a browser's stead: from the page of the log-in to
the provider, through its forms, and back to the account.

    walk.py FRONT_DOOR
"""

import html
import re
import sys
import urllib.parse
from http.cookiejar import DefaultCookiePolicy

import requests

FRONT_DOOR = sys.argv[1]


class Visitor(requests.Session):
    """Somebody's browser. What does not answer must not hold up the run."""

    def request(self, *what, **how):
        return super().request(*what, **({"timeout": 20} | how))


# Browsers take http://localhost for as good as TLS, and send cookies there that are for TLS alone.
DefaultCookiePolicy.return_ok_secure = lambda _policy, _cookie, _request: True


def holds(answer, *texts):
    for text in texts:
        assert text in answer.text, f"{answer.url} ({answer.status_code}) lacks {text!r}:\n{answer.text[:3000]}"
    return answer


def to_provider(visitor):
    page = holds(visitor.get(f"{FRONT_DOOR}/login"), "Log in with The other shop")
    way = html.unescape(re.search(r'href="(/login/provider/begin[^"]*)"', page.text).group(1))
    return visitor.get(urllib.parse.urljoin(FRONT_DOOR, way))


def through_forms(visitor, page, name):
    """The provider asks who one is, and whether the shop may know it."""
    for fields in ({"prompt": "login", "login": name, "password": "any"}, {"prompt": "consent"}):
        if "/interaction/" not in page.url:
            return page
        action = html.unescape(re.search(r'action="([^"]+)"', page.text).group(1))
        page = visitor.post(urllib.parse.urljoin(page.url, action), data=fields)
    return page


def sign_in(visitor, name):
    return through_forms(visitor, to_provider(visitor), name)


def main():
    first = Visitor()
    page = sign_in(first, "grace")
    assert page.url.startswith(f"{FRONT_DOOR}/account"), f"{page.url}:\n{page.text}"
    holds(page, "grace@example.com", "Grace")
    assert "code=" not in page.url and "state=" not in page.url, page.url

    # The same account the next time, in another browser.
    second = Visitor()
    holds(sign_in(second, "grace"), "grace@example.com")
    sessions = holds(first.get(f"{FRONT_DOOR}/account/sessions"), "this browser")
    assert sessions.text.count("<h2>") == 2, sessions.text

    # An address that the provider does not vouch for opens nothing.
    page = sign_in(Visitor(), "unconfirmed")
    holds(page, "does not say that your e-mail address is confirmed")

    # A login that another browser began is none: whoever has the address of its way back has nothing.
    began, other = Visitor(), Visitor()
    asked = to_provider(began)
    state = urllib.parse.parse_qs(urllib.parse.urlparse(asked.history[0].headers["location"]).query)["state"][0]
    page = other.get(f"{FRONT_DOOR}/login/provider", params={"code": "made-up", "state": state})
    holds(page, "You are not logged in")

    # Nor is a code that the provider did not give.
    page = began.get(f"{FRONT_DOOR}/login/provider", params={"code": "made-up", "state": state})
    assert page.status_code == 401, page.status_code
    assert began.get(f"{FRONT_DOOR}/account", allow_redirects=False).status_code == 303

    # Who changes their mind at the provider is told so.
    changed = Visitor()
    to_provider(changed)
    page = changed.get(f"{FRONT_DOOR}/login/provider", params={"error": "access_denied", "error_description": "<script>"})
    holds(page, "The provider did not say who you are")
    assert "<script" not in page.text
    print("an account was made, found again and kept from others, by npm's oidc-provider", file=sys.stderr)


if __name__ == "__main__":
    main()

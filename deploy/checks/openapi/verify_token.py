"""A token of ours, verified by PyJWT from what the platform publishes alone: its keys (RFC 7517) and the profile of RFC 9068.

    verify_token.py USER_SERVICE < TOKEN

Another library, in another language, must take what is good and refuse what is not.
"""

import json
import sys
import urllib.request

import jwt

PROFILE = {"require": ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"]}


def verified(token, keys, **expected):
    header = jwt.get_unverified_header(token)
    assert header["typ"] == "at+jwt", header
    assert header["alg"] == "EdDSA", header
    key = keys[header["kid"]]
    wanted = {"algorithms": ["EdDSA"], "audience": "ecom-micro", "issuer": "user-service", "options": PROFILE} | expected
    return jwt.decode(token, key, **wanted)


def refused(what, token, keys, **expected):
    try:
        verified(token, keys, **expected)
    except (jwt.InvalidTokenError, AssertionError):
        return
    sys.exit(f"verify_token: PyJWT takes a token {what}")


def main():
    token = sys.stdin.read().strip()
    with urllib.request.urlopen(f"{sys.argv[1]}/.well-known/jwks.json", timeout=10) as answer:
        published = json.load(answer)
    assert all("d" not in key for key in published["keys"]), "a private key is published"
    keys = jwt.PyJWKSet.from_dict(published)
    claims = verified(token, keys)
    assert claims["exp"] - claims["iat"] <= 900, claims
    assert claims["sid"], claims
    head, body, signature = token.split(".")
    letter = "A" if signature[10] != "A" else "B"
    refused("with another signature", f"{head}.{body}.{signature[:10]}{letter}{signature[11:]}", keys)
    refused("for others", token, keys, audience="another-shop")
    refused("of another issuer", token, keys, issuer="another-service")
    header = jwt.get_unverified_header(token) | {"alg": "HS256"}
    forged = jwt.encode(claims, "of nobody's, and long enough for HS256", "HS256", headers=header)
    refused("under another algorithm", forged, keys)
    print(f"PyJWT {jwt.__version__} takes a token with the claims {', '.join(sorted(claims))}", file=sys.stderr)


if __name__ == "__main__":
    main()

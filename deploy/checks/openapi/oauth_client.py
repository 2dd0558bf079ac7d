"""A session of ours, looked at and ended by Authlib's OAuth 2.0 client, which knows RFC 7662 and RFC 7009 and nothing of us.

    oauth_client.py FRONT_DOOR EMAIL < PASSWORD

The account must be allowed to ask what tokens are worth.
"""

import sys
import warnings

import httpx

with warnings.catch_warnings():
    # It goes on to httpx2 one day.
    warnings.simplefilter("ignore")
    from authlib.integrations.httpx_client import OAuth2Client


def main():
    api, email, password = f"{sys.argv[1]}/api", sys.argv[2], sys.stdin.readline().rstrip("\n")

    def logged_in():
        answer = httpx.post(f"{api}/auth/login", json={"email": email, "password": password}, timeout=20)
        return answer.raise_for_status().json()

    asking, other = logged_in(), logged_in()
    # A public client: it has no secret, and names itself in the form.
    client = OAuth2Client(client_id="ecom-micro", token_endpoint_auth_method="none", timeout=20,
                          revocation_endpoint_auth_method="none")  # fmt: skip
    bearer = {"Authorization": f"Bearer {asking['token']}"}

    def worth(kind):
        answer = client.introspect_token(
            f"{api}/auth/oauth/introspect", other[kind], token_type_hint=hint(kind), auth=httpx.Auth(), headers=bearer)
        return answer.raise_for_status().json()

    def hint(kind):
        return "access_token" if kind == "token" else kind

    def lets_in(tokens):
        headers = {"Authorization": f"Bearer {tokens['token']}"}
        return httpx.get(f"{api}/auth/current-user", headers=headers, timeout=20).status_code == 200

    for kind in ("token", "refresh_token"):
        told = worth(kind)
        assert told["active"] and told["sid"] == other["session_id"] and told["exp"], told
    ended = client.revoke_token(f"{api}/auth/oauth/revoke", other["refresh_token"], token_type_hint="refresh_token")
    assert ended.status_code == 200, ended.text
    for kind in ("token", "refresh_token"):
        assert worth(kind) == {"active": False}, kind
    assert lets_in(asking) and not lets_in(other)
    refused = httpx.post(f"{api}/auth/oauth/revoke", data={"token": ""}, timeout=20)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request"), refused.text
    print("Authlib sees what both tokens of a session are worth, and ends it", file=sys.stderr)


main()

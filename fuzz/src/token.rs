//! Access tokens, as every service checks them.

use crate::support::{choice, chosen, is_signed, line, public_key, refused, signed, text};
use service_kit::auth::{AccessClaims, Actor, PEOPLE, PLATFORM, TOKEN_SKEW_SECONDS, fuzzed};

const NOW: i64 = 1_800_000_000;
const KID: &str = "fuzzed";

/// A text as it comes; or a head and claims, a line each, which our key has signed: else nothing would get so far.
pub(crate) fn token(data: &[u8]) {
    let (way, rest) = choice(data, 2);
    let (head, claims) = line(rest);
    let token = if way == 0 { text(rest).into_owned() } else { signed(head, claims) };
    match fuzzed::access(&token, (KID, &public_key()), NOW) {
        Ok(claims) => believed(&token, &claims),
        Err(problem) => {
            assert_eq!(problem.status, 401, "{problem:?}");
            refused(problem);
        }
    }
}

fn believed(token: &str, claims: &AccessClaims) {
    assert!(is_signed(token), "believed without our signature: {token}");
    assert_eq!((claims.iss.as_str(), claims.aud.as_str()), ("user-service", PLATFORM));
    assert!(claims.exp.saturating_add(TOKEN_SKEW_SECONDS) >= NOW, "over at {}", claims.exp);
    assert!(claims.nbf.saturating_sub(TOKEN_SKEW_SECONDS) <= NOW, "not before {}", claims.nbf);
    assert_eq!(matches!(claims.actor(), Actor::Person(_)), claims.client_id == PEOPLE);
    // What it permits is told on as the same.
    let told = serde_json::to_value(claims).expect("claims are JSON");
    let again: AccessClaims = serde_json::from_value(told.clone()).expect("and read again");
    assert_eq!(serde_json::to_value(&again).expect("JSON"), told);
    assert_eq!(again.permissions(), claims.permissions());
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let heads = [
        r#"{"typ":"at+jwt","alg":"EdDSA","kid":"fuzzed"}"#,
        r#"{"typ":"service+jwt","alg":"EdDSA","kid":"fuzzed"}"#,
        r#"{"typ":"at+jwt","alg":"none","kid":"fuzzed"}"#,
        r#"{"typ":"at+jwt","alg":"HS256","kid":"fuzzed"}"#,
        r#"{"typ":"at+jwt","alg":"EdDSA","kid":"../../dev/null","jku":"https://evil.example/","crit":["exp"]}"#,
        r#"{"typ":"at+jwt","alg":"EdDSA","kid":"fuzzed","jwk":{"kty":"OKP","crv":"Ed25519","x":""},"x5c":["AA=="]}"#,
    ];
    let customer = r#"{"iss":"user-service","aud":"ecom-micro","sub":"0192d3a4-0000-7000-8000-000000000001","client_id":"ecom-micro","sid":"0192d3a4-0000-7000-8000-000000000002","generation":1,"role":"customer","auth_time":1799999990,"iat":1799999990,"nbf":1799999990,"exp":1800000890,"jti":"0192d3a4-0000-7000-8000-000000000003"}"#;
    let staff = customer.replace(r#""role":"customer""#, r#""role":"admin","scope":"orders:read orders:write""#);
    let old = r#"{"iss":"user-service","aud":["ecom-micro"],"sub":"0192d3a4-0000-7000-8000-000000000001","role":"admin","iat":0,"nbf":0,"exp":9223372036854775807,"jti":"0192d3a4-0000-7000-8000-000000000003"}"#;
    let mut seeds = Vec::new();
    for head in heads {
        for claims in [customer, &staff, old] {
            seeds.push(chosen(1, format!("{head}\n{claims}")));
        }
        seeds.push(chosen(0, signed(head.as_bytes(), customer.as_bytes())));
    }
    seeds
}

#[cfg(test)]
mod tests {
    use super::{KID, NOW, seeds};
    use crate::support::{choice, line, public_key, signed};
    use service_kit::auth::fuzzed;

    #[test]
    fn a_customers_own_token_is_believed() {
        let seeds = seeds();
        let (head, claims) = line(choice(&seeds[0], 2).1);
        assert!(fuzzed::access(&signed(head, claims), (KID, &public_key()), NOW).is_ok());
    }
}

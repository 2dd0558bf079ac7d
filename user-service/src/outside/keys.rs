//! The issuer's keys (RFC 7517), as far as they are of use: public halves of signature algorithms.

use super::OutsideError;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, Jwk, JwkSet, KeyAlgorithm},
};
use serde::Deserialize;
use serde_json::Value;

/// Asymmetric alone: a key that also the client knows proves nothing of the issuer.
pub(super) const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

#[derive(Deserialize)]
#[serde(from = "Published")]
pub(super) struct Keys(JwkSet);

/// As it arrives: keys of kinds we do not know are passed over (RFC 7517, 5).
#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

impl From<Published> for Keys {
    fn from(published: Published) -> Self {
        let readable = published.keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let known = readable.filter(|key| !matches!(key.algorithm, AlgorithmParameters::Other(_)));
        Self(JwkSet { keys: known.collect() })
    }
}

impl Keys {
    /// The key with this id, for this algorithm. A token that names none is of the only key there is.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<DecodingKey, OutsideError> {
        let found = match (kid, &self.0.keys[..]) {
            (Some(kid), _) => self.0.find(kid),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let key = found.ok_or(OutsideError::UnknownKey)?;
        let said = key.common.key_algorithm.as_ref().map(KeyAlgorithm::to_string);
        if said.is_some_and(|said| said != format!("{algorithm:?}")) {
            return Err(OutsideError::Untrue("the token is signed by another algorithm than its key is for"));
        }
        DecodingKey::from_jwk(key).map_err(|_| OutsideError::Untrue("its key cannot be used"))
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;
    use jsonwebtoken::Algorithm;
    use serde_json::json;

    #[test]
    fn a_key_of_a_kind_we_do_not_know_spoils_no_other() {
        let known =
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "one"});
        let unknown = json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", "kid": "two"});
        let keys: Keys = serde_json::from_value(json!({"keys": [unknown, known, 7]})).unwrap();
        for kid in [Some("one"), None] {
            keys.find(kid, Algorithm::EdDSA).map(drop).unwrap();
        }
        assert!(keys.find(Some("two"), Algorithm::EdDSA).is_err());
    }
}

//! An authenticator in software, and the browser it is plugged into: makes passkeys (ES256) and answers with them as Web
//! Authentication 3 says; or not quite as it says.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use serde_json::{Value, json};

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const WITH_CREDENTIAL: u8 = 1 << 6;

pub struct Authenticator {
    /// Of the page that asks.
    pub origin: String,
    /// Whether its owner unlocks it.
    pub unlocked: bool,
    /// Of signatures.
    pub counter: u32,
    /// In place of the challenge that was asked.
    pub challenge: Option<String>,
    /// In place of the one it was made for.
    pub user_handle: Option<String>,
    id: Vec<u8>,
    pair: EcdsaKeyPair,
    owner: String,
}

impl Authenticator {
    pub fn new() -> Self {
        Self {
            origin: "http://localhost:8080".to_owned(),
            unlocked: true,
            counter: 1,
            challenge: None,
            user_handle: None,
            id: service_kit::ambient::random_bytes::<32>().unwrap().to_vec(),
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            owner: String::new(),
        }
    }

    /// Another with the same key.
    pub fn copied(self) -> (Self, Self) {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, self.pair.to_pkcs8v1().unwrap().as_ref());
        let (origin, id, owner) = (self.origin.clone(), self.id.clone(), self.owner.clone());
        let copy = Self { origin, id, owner, pair: pair.unwrap(), ..Self::new() };
        (self, copy)
    }

    /// `navigator.credentials.create`
    pub fn create(&mut self, options: &Value) -> Value {
        self.owner = options["user"]["id"].as_str().unwrap().to_owned();
        assert_eq!(options["attestation"], "none");
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        // A browser would make none here: this one cannot.
        assert_ne!(options["extensions"]["enforceCredentialProtectionPolicy"], true);
        let client = self.client_data("webauthn.create", options);
        let mut said = self.said(options["rp"]["id"].as_str().unwrap(), WITH_CREDENTIAL);
        said.extend([0; 16]);
        said.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        said.extend(&self.id);
        said.extend(self.public_key());
        let object = [("fmt", Cbor::from("none")), ("attStmt", Cbor::Map(Vec::new())), ("authData", Cbor::Bytes(said))];
        let object = cbor(&Cbor::Map(object.map(|(name, value)| (Cbor::from(name), value)).into()));
        self.credential(&json!({
            "clientDataJSON": encoded(client), "attestationObject": encoded(object), "transports": ["internal", "hybrid"],
        }))
    }

    /// `navigator.credentials.get`
    pub fn get(&mut self, options: &Value) -> Value {
        assert_eq!(options["userVerification"], "required");
        let client = self.client_data("webauthn.get", options);
        let said = self.said(options["rpId"].as_str().unwrap(), 0);
        let mut signed = said.clone();
        signed.extend(digest::digest(&digest::SHA256, client.as_bytes()).as_ref());
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        let handle = self.user_handle.as_ref().unwrap_or(&self.owner);
        self.credential(&json!({
            "clientDataJSON": encoded(client), "authenticatorData": encoded(said), "signature": encoded(signature),
            "userHandle": handle,
        }))
    }

    /// As questions name it.
    pub fn id(&self) -> String {
        encoded(&self.id)
    }

    fn credential(&self, response: &Value) -> Value {
        json!({
            "id": self.id(), "rawId": self.id(), "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": {}, "response": response,
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let challenge = self.challenge.as_deref().unwrap_or_else(|| options["challenge"].as_str().unwrap());
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false }).to_string()
    }

    /// Which shop, by what, and the how-manieth time. It counts on.
    fn said(&mut self, rp_id: &str, more: u8) -> Vec<u8> {
        let unlocked = if self.unlocked { USER_VERIFIED } else { 0 };
        let mut said = digest::digest(&digest::SHA256, rp_id.as_bytes()).as_ref().to_vec();
        said.push(USER_PRESENT | unlocked | more);
        said.extend(self.counter.to_be_bytes());
        self.counter += 1;
        said
    }

    /// RFC 9053, 7.1.1
    fn public_key(&self) -> Vec<u8> {
        let point = self.pair.public_key().as_ref();
        let (x, y) = (point[1..33].to_vec(), point[33..].to_vec());
        let parts = [(1, 2.into()), (3, (-7).into()), (-1, 1.into()), (-2, Cbor::Bytes(x)), (-3, Cbor::Bytes(y))];
        cbor(&Cbor::Map(parts.map(|(label, value): (i32, Cbor)| (label.into(), value)).into()))
    }
}

fn cbor(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

//! An authenticator in software, as honest or dishonest as a test wants it (WebAuthn level 2, ES256, no attestation).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    handle: String,
    pub(crate) counter: u32,
    /// What the browser says it is at.
    pub(crate) origin: String,
    /// Whether the person unlocks it.
    pub(crate) unlocked: bool,
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Authenticator {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        Self {
            key,
            id: rand::random::<[u8; 16]>().to_vec(),
            handle: String::new(),
            counter: 0,
            origin: "https://hall.test".to_owned(),
            unlocked: true,
        }
    }

    fn data(&mut self, flags: u8, rp: &str) -> Vec<u8> {
        self.counter += 1;
        let verified = if self.unlocked { VERIFIED } else { 0 };
        let mut data = Sha256::digest(rp.as_bytes()).to_vec();
        data.push(flags | PRESENT | verified);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, r#type: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": r#type,
            "challenge": options["publicKey"]["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    /// What `navigator.credentials.create` gives.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        let asked = &options["publicKey"];
        self.handle = asked["user"]["id"].as_str().unwrap().to_owned();
        assert_eq!(asked["authenticatorSelection"]["residentKey"], "required");
        let mut data = self.data(ATTESTED, asked["rp"]["id"].as_str().unwrap());
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let point = self.key.public_key().as_ref();
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        let mut attestation = vec![0xa3, 0x63];
        attestation.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(&data);
        json!({
            "id": encode(&self.id), "rawId": encode(&self.id), "type": "public-key", "extensions": {},
            "response": {
                "attestationObject": encode(&attestation),
                "clientDataJSON": encode(&self.client_data("webauthn.create", options)),
            },
        })
    }

    /// What `navigator.credentials.get` gives.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        let data = self.data(0, options["publicKey"]["rpId"].as_str().unwrap());
        let client_data = self.client_data("webauthn.get", options);
        let signed = [data.as_slice(), &Sha256::digest(&client_data)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": encode(&self.id), "rawId": encode(&self.id), "type": "public-key", "extensions": {},
            "response": {
                "authenticatorData": encode(&data), "clientDataJSON": encode(&client_data),
                "signature": encode(signature.as_ref()), "userHandle": self.handle,
            },
        })
    }
}

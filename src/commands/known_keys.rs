//! Key pairs that an independent model of the curve in plain integers computed, as known answers.

use crate::key::hex::HexError;
use crate::key::{PrivateKey, PublicKey, hex};

/// A private key that everybody may know, and its public key, both in hex.
pub(super) struct KnownKey {
    /// 64 bytes.
    private: &'static str,
    /// 32 bytes.
    public: &'static str,
}

/// Good keys; the last is the test client's that MeshCore's firmware carries for its check on import.
pub(super) const KNOWN_KEYS: [KnownKey; 4] = [
    KnownKey {
        private: "c07041899743b09b5ff87235b2a8fcaacbdaf7c6d9e79b4ff1548742130e8c6e\
                  7d0a89726be4eb5a39f533247792cb4d11be69c38616aa16937609a40600e815",
        public: "9777e76a05051e0a162c876ea163854b4a59d9a6a73fb44ac38e04c37920c7e1",
    },
    KnownKey {
        private: "5808a93d575547c44406c7d61fccfdf9837a0cc6dec7609064fa49cd48fcec40\
                  eddd6a56e8ed8a30dbe6bdb493842d9380e12ab0407b7b0702f9501c864725c9",
        public: "ee725a3b30bbc015c250f7425250cb6e2b2610e5778baa715f98c24e7e70b8c1",
    },
    KnownKey {
        private: "90c0e59db6c22636c672ee4baef755b52128b7a3084ba1c67eeb0a59fa527c43\
                  e5941e0807ade498ab5e41dce6f00272b0ef1ee0b760b389121592e66a57d49e",
        public: "d5c55880ae6157ab4e37f74605937dd9445fd648d9126855bfeb761c54a9a1b8",
    },
    KnownKey {
        private: "7065e18fd9fabb70c1ed90dca19907de698c88b709ea146eafd93d9b830c7b60\
                  c4681193c79bbc39945ba8064104bb618f8fd7a84a0af6f57033d6e8ddcd6471",
        public: "1ec77175b0918ed206f9ae04ec136d6d5d4315bb26305427f645b492e9350c10",
    },
];

impl KnownKey {
    /// Both keys.
    ///
    /// # Errors
    /// Never, as the test below shows.
    pub(super) fn pair(&self) -> Result<(PrivateKey, PublicKey), HexError> {
        let mut public = [0; 32];
        hex::decode_into(self.public, &mut public)?;
        Ok((PrivateKey::from_hex(self.private)?, public))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_key_can_be_read() {
        for known in &KNOWN_KEYS {
            assert!(known.pair().is_ok(), "{}", known.public);
        }
    }
}

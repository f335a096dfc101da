//! Memory for secrets: bytes and text that are wiped when dropped and that nothing can print or copy by accident.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// `N` secret bytes, wiped when dropped.
///
/// They live on the heap so that moving the value moves a pointer: a secret on the stack would leave a copy behind at
/// every move, and nobody would wipe that.
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// `N` zero bytes, to be filled in place through [`Secret::expose_mut`].
    pub fn zeroed() -> Self {
        Self(Box::new([0; N]))
    }

    /// A copy of `bytes`. The caller wipes the original.
    pub fn copied_from(bytes: &[u8; N]) -> Self {
        let mut secret = Self::zeroed();
        secret.0.copy_from_slice(bytes);
        secret
    }

    /// The secret bytes.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// The secret bytes, to be written.
    pub fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> ZeroizeOnDrop for Secret<N> {}

/// Secret text, such as a private key in hex; wiped when dropped.
pub struct SecretText(String);

impl SecretText {
    /// Empty text that holds up to `capacity` bytes without moving (a move would leave a copy behind).
    pub fn with_capacity(capacity: usize) -> Self {
        Self(String::with_capacity(capacity))
    }

    /// Appends `text`; wipes the old memory if the text has to move to a larger place.
    pub fn push_str(&mut self, text: &str) {
        if self.0.capacity() - self.0.len() < text.len() {
            let mut larger = String::with_capacity(2 * (self.0.len() + text.len()));
            larger.push_str(&self.0);
            self.0.zeroize();
            self.0 = larger;
        }
        self.0.push_str(text);
    }

    /// The secret text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for SecretText {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_what_was_appended_when_it_outgrows_its_memory() {
        let mut text = SecretText::with_capacity(4);
        for part in ["ab", "cd", "efghij", "", "k"] {
            text.push_str(part);
        }
        assert_eq!(text.expose(), "abcdefghijk");
    }

    #[test]
    fn bytes_are_kept_until_dropped() {
        let mut secret = Secret::<4>::copied_from(&[1, 2, 3, 4]);
        secret.expose_mut()[0] = 9;
        assert_eq!(secret.expose(), &[9, 2, 3, 4]);
    }
}

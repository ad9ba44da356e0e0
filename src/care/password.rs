//! Passwords: kept as Argon2id hashes (RFC 9106) in PHC form, with the library's own parameters (19 MiB, 2 passes: OWASP).

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use unicode_normalization::UnicodeNormalization;

/// The shortest that is taken (NIST SP 800-63B: 8 at least, and no rules of composition).
pub const SHORTEST: usize = 8;
/// The longest, in bytes: hashing a novel would be a way to keep the service busy.
pub const LONGEST: usize = 256;

/// What cannot be a password, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    #[error("a password has at least {SHORTEST} characters")]
    Short,
    #[error("a password has at most {LONGEST} bytes")]
    Long,
}

/// The hash to keep. It takes tens of milliseconds, as it should: not for the threads that answer.
pub fn hash(password: &str) -> Result<String, BadPassword> {
    let password = &*composed(password);
    if password.chars().count() < SHORTEST {
        return Err(BadPassword::Short);
    }
    if password.len() > LONGEST {
        return Err(BadPassword::Long);
    }
    // cannot fail: sixteen bytes are a salt of the length that the library recommends.
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).expect("sixteen bytes");
    // cannot fail: the parameters are the library's own.
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt).expect("sound parameters");
    Ok(hash.to_string())
}

/// Whether this is the password. With no hash to compare it takes as long and says no: whoever listens to the clock does
/// not learn which names exist.
pub fn matches(kept: Option<&str>, password: &str) -> bool {
    const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5cyBzYWx0$5v3JX0kq0V0y2V7m2a0mYkq2nq0b0uS6oU6qk2pYF3E";
    let Ok(hash) = PasswordHash::new(kept.unwrap_or(NOBODYS)) else { return false };
    let long = password.len() > 2 * LONGEST;
    let tried = if long { "" } else { password };
    let opens = |tried: &str| Argon2::default().verify_password(tried.as_bytes(), &hash).is_ok();
    let plain = composed(tried);
    // Hashes were once made of what was typed, as it was typed.
    (opens(&plain) || plain != tried && opens(tried)) && kept.is_some() && !long
}

/// A password as it is hashed: one keyboard sends é as one character, another as two (RFC 8265).
fn composed(password: &str) -> String {
    password.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_its_own_hash_and_no_other_does() {
        let kept = hash("纸鸢 correct horse").expect("long enough");
        assert!(kept.starts_with("$argon2id$") && !kept.contains("horse"));
        assert!(matches(Some(&kept), "纸鸢 correct horse"));
        assert!(!matches(Some(&kept), "纸鸢 correct horsf") && !matches(None, "纸鸢 correct horse"));
        assert_ne!(kept, hash("纸鸢 correct horse").expect("another salt"));
    }

    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        let (one, two) = (
            "caf\u{e9} au lait \u{d55c}\u{ae00}",
            "cafe\u{301} au lait \u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}",
        );
        for kept in [one, two].map(|typed| hash(typed).expect("long enough")) {
            assert!(matches(Some(&kept), one) && matches(Some(&kept), two));
            assert!(!matches(Some(&kept), "cafe au lait \u{d55c}\u{ae00}"));
        }
        // A hash of former times, made of what was typed.
        let salt = SaltString::encode_b64(&[7; 16]).expect("sixteen bytes");
        let former = Argon2::default().hash_password(two.as_bytes(), &salt).expect("a hash").to_string();
        assert!(matches(Some(&former), two));
    }

    #[test]
    fn a_password_is_neither_short_nor_a_novel() {
        assert_eq!(hash("1234567"), Err(BadPassword::Short));
        assert_eq!(hash(&"x".repeat(300)), Err(BadPassword::Long));
    }

    #[test]
    fn nobodys_hash_can_be_read() {
        // Otherwise an unknown name would be answered at once.
        let began = std::time::Instant::now();
        assert!(!matches(None, "anything"));
        assert!(began.elapsed().as_micros() > 500);
    }
}

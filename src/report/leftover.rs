//! What came of files that a killed run left behind, in words.

use crate::key::store::Leftover;

/// The line of one file.
pub(crate) fn line(leftover: &Leftover) -> String {
    match leftover {
        Leftover::Adopted { files } => {
            let files: Vec<_> = files.iter().map(|f| f.display().to_string()).collect();
            format!(
                "A run that was killed had not finished saving a key. It is whole, and saved now: {}",
                files.join(", ")
            )
        }
        Leftover::Completed(file) => format!(
            "A run that was killed had saved a private key without its public key, which is saved now: {}",
            file.display()
        ),
        Leftover::Removed { file, was } => {
            format!(
                "Removed what a killed run left behind, {was}: {}",
                file.display()
            )
        }
        Leftover::Kept { file, reason } => format!(
            "WARNING: a killed run left {} behind, which may hold a key: {reason}. Look at it with keygen key verify, and \
             keep or remove it.",
            file.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn every_line_names_its_file() {
        let file = PathBuf::from("/k/.a.tmp");
        let cases = [
            Leftover::Adopted {
                files: vec![file.clone()],
            },
            Leftover::Completed(file.clone()),
            Leftover::Removed {
                file: file.clone(),
                was: "half of a key",
            },
            Leftover::Kept {
                file,
                reason: "no room".to_owned(),
            },
        ];
        for case in cases {
            assert!(line(&case).contains("/k/.a.tmp"), "{}", line(&case));
        }
    }
}

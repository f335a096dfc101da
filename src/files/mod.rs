//! Files of a session: readable only by their owner from the moment they exist, synced, replaced by renaming over.

pub(crate) mod trust;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Creates a folder and its missing parents, mode 0700 where there are modes; one that exists stays as it is.
///
/// # Errors
/// What the system said.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Options for a file of mode 0600 that is created when it is missing.
pub(crate) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Replaces `file` by `contents`: temporary file, sync, rename over, sync of the folder. Whatever happens on the way,
/// `file` is whole: the old one or the new one.
///
/// # Errors
/// What the system said; then the old file is still there.
pub(crate) fn replace(file: &Path, contents: &[u8]) -> io::Result<()> {
    let draft = file.with_extension("new");
    put_in_place(file, &draft, |draft| write_synced(draft, contents))?;
    sync_folder_of(file)
}

/// Has `make` make what is to be at `file` at `draft`, beside it, and renames it over `file`. What a killed process left
/// at `draft` is removed before, never followed or written to.
///
/// # Errors
/// What the system said; then there is no `draft`.
pub(crate) fn put_in_place<T>(
    file: &Path,
    draft: &Path,
    make: impl FnOnce(&Path) -> io::Result<T>,
) -> io::Result<T> {
    remove_if_there(draft)?;
    make(draft)
        .and_then(|made| fs::rename(draft, file).map(|()| made))
        .inspect_err(|_| drop(fs::remove_file(draft)))
}

/// Keeps what `file` holds as `kept` too, which it replaces whole; does nothing where there is no `file`.
///
/// # Errors
/// What the system said; then `kept` is what it was.
pub(crate) fn keep_copy(file: &Path, kept: &Path) -> io::Result<()> {
    let draft = kept.with_extension("old");
    remove_if_there(&draft)?;
    match fs::hard_link(file, &draft) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        // File systems without links get a copy.
        Err(_) => write_synced(&draft, &fs::read(file)?)?,
    }
    fs::rename(&draft, kept)?;
    // Renaming one name of a file over another name of the same file does nothing, and leaves both.
    remove_if_there(&draft)
}

/// Removes a file; one that is not there is as good.
///
/// # Errors
/// What the system said.
pub(crate) fn remove_if_there(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes a file that must not exist, and makes it last.
///
/// # Errors
/// What the system said; a file that was begun is removed.
pub(crate) fn write_new(file: &Path, contents: &[u8]) -> io::Result<()> {
    write_synced(file, contents).inspect_err(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            let _ = fs::remove_file(file);
        }
    })?;
    sync_folder_of(file)
}

fn write_synced(file: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file: File = private_options().write(true).create_new(true).open(file)?;
    file.write_all(contents)?;
    file.sync_all()
}

/// The mode of a regular file that others than its owner can read; zero for any other.
#[cfg(unix)]
pub(crate) fn open_mode(file: &File) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    match file.metadata() {
        Ok(metadata) if metadata.is_file() && metadata.permissions().mode() & 0o044 != 0 => {
            metadata.permissions().mode() & 0o777
        }
        _ => 0,
    }
}

/// There are no modes here.
#[cfg(not(unix))]
pub(crate) fn open_mode(_: &File) -> u32 {
    0
}

/// The folder that a file is in: this one for a name alone.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Makes the name of `file` last through a power cut; a file system that can't sync folders is left at that.
///
/// # Errors
/// What the system said.
pub(crate) fn sync_folder_of(file: &Path) -> io::Result<()> {
    sync_folder(folder_of(file))
}

/// Makes the names in a folder last through a power cut, likewise.
///
/// # Errors
/// What the system said.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, Unsupported};
    match File::open(folder)?.sync_all() {
        Err(error) if !matches!(error.kind(), InvalidInput | Unsupported) => Err(error),
        _ => Ok(()),
    }
}

/// Folders can't be opened for syncing here.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_is_a_file_of_this_folder() {
        for (file, folder) in [("a", "."), ("./a", "."), ("b/a", "b"), ("/a", "/")] {
            assert_eq!(folder_of(Path::new(file)), Path::new(folder));
        }
        sync_folder_of(Path::new("a-name-alone")).unwrap();
    }

    #[test]
    fn a_file_is_replaced_whole_and_its_generation_before_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (file, kept) = (folder.path().join("a"), folder.path().join("a.before"));
        keep_copy(&file, &kept).unwrap();
        for text in ["one", "two", "three"] {
            keep_copy(&file, &kept).unwrap();
            replace(&file, text.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "three");
        assert_eq!(fs::read_to_string(&kept).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_copy_of_the_same_generation_twice_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (file, kept) = (folder.path().join("a"), folder.path().join("a.before"));
        replace(&file, b"one").unwrap();
        keep_copy(&file, &kept).unwrap();
        keep_copy(&file, &kept).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn folders_and_files_are_open_to_nobody_else() {
        use std::os::unix::fs::PermissionsExt;
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("a/b");
        create_folder(&folder).unwrap();
        replace(&folder.join("f"), b"x").unwrap();
        for path in [top.path().join("a"), folder.clone(), folder.join("f")] {
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{path:?}");
        }
    }
}

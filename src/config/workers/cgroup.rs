//! The processor quota of Linux control groups, version 1 and 2, over the whole path up to the root. The crate num_cpus
//! looks at the process's own group only, and the standard library rounds down.

use std::fs;
use std::path::{Path, PathBuf};

/// The version of a hierarchy that can limit processor time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// Where a hierarchy is mounted.
#[derive(Debug, PartialEq, Eq)]
struct Mount {
    version: Version,
    /// The group that the mount shows as its top, a path within the hierarchy.
    top: PathBuf,
    /// Where it is in the file system.
    point: PathBuf,
}

/// The processors that the groups of this process allow, rounded up; `None` without a limit or where it can't be read.
/// `root` is the root of the file system, a folder of their own in tests.
pub(super) fn quota(root: &Path) -> Option<usize> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let mounts = mounts(&fs::read_to_string(root.join("proc/self/mountinfo")).ok()?);
    groups
        .lines()
        .filter_map(group)
        .flat_map(|(version, path)| limits(root, &mounts, version, path))
        .min()
}

/// The version and path of one line of `/proc/self/cgroup` (`0::/a` or `3:cpu,cpuacct:/a`) if it is about processors.
fn group(line: &str) -> Option<(Version, &str)> {
    let mut fields = line.splitn(3, ':');
    let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
    if number == "0" && controllers.is_empty() {
        return Some((Version::Two, path));
    }
    controllers
        .split(',')
        .any(|name| name == "cpu")
        .then_some((Version::One, path))
}

/// The hierarchies that `/proc/self/mountinfo` lists. The layout of a line is in proc_pid_mountinfo(5).
fn mounts(text: &str) -> Vec<Mount> {
    text.lines().filter_map(mount).collect()
}

/// The mount of one line, if it is a hierarchy that can limit processor time.
fn mount(line: &str) -> Option<Mount> {
    let (place, kind) = line.split_once(" - ")?;
    let mut kind = kind.split(' ');
    let version = match kind.next()? {
        "cgroup2" => Version::Two,
        "cgroup" if kind.nth(1)?.split(',').any(|option| option == "cpu") => Version::One,
        _ => return None,
    };
    let mut place = place.split(' ').skip(3);
    Some(Mount {
        version,
        top: unescape(place.next()?).into(),
        point: unescape(place.next()?).into(),
    })
}

/// Undoes the octal escapes of blanks and backslashes in a mount's paths.
fn unescape(path: &str) -> String {
    path.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\134", "\\")
}

/// The limits of the group at `path` and of every group above it, in processors.
fn limits(root: &Path, mounts: &[Mount], version: Version, path: &str) -> Vec<usize> {
    let Some(mount) = mounts.iter().find(|mount| mount.version == version) else {
        return Vec::new();
    };
    // In a container the path may lie outside of what is mounted: the mount's own top is then the group.
    let below = Path::new(path)
        .strip_prefix(&mount.top)
        .unwrap_or(Path::new(""));
    let point = root.join(mount.point.strip_prefix("/").unwrap_or(&mount.point));
    let groups = below.ancestors().map(|group| point.join(group));
    groups.filter_map(|group| limit(version, &group)).collect()
}

/// The limit of one group in processors, rounded up and at least 1.
fn limit(version: Version, group: &Path) -> Option<usize> {
    let read = |name: &str| fs::read_to_string(group.join(name)).ok();
    // Microseconds of processor time in every so many microseconds; without a limit the quota is no number.
    let (quota, period): (u64, u64) = match version {
        Version::Two => {
            let text = read("cpu.max")?;
            let (quota, period) = text.trim().split_once(' ')?;
            (quota.parse().ok()?, period.parse().ok()?)
        }
        Version::One => (
            read("cpu.cfs_quota_us")?.trim().parse().ok()?,
            read("cpu.cfs_period_us")?.trim().parse().ok()?,
        ),
    };
    let processors = usize::try_from(quota.div_ceil(Some(period).filter(|p| *p > 0)?));
    Some(processors.unwrap_or(usize::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str =
        "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
    const V1: &str = "33 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:13 - cgroup cgroup rw,cpu,cpuacct\n\
                      34 25 0:29 / /sys/fs/cgroup/memory rw shared:14 - cgroup cgroup rw,memory\n";

    /// A root folder with these files in it.
    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn quota_of(groups: &str, mounts: &str, files: &[(&str, &str)]) -> Option<usize> {
        let mut all = vec![
            ("proc/self/cgroup", groups),
            ("proc/self/mountinfo", mounts),
        ];
        all.extend_from_slice(files);
        quota(root(&all).path())
    }

    #[test]
    fn a_quota_is_rounded_up() {
        for (text, processors) in [
            ("150000 100000\n", Some(2)),
            ("200000 100000\n", Some(2)),
            ("50000 100000\n", Some(1)),
            ("1000 100000\n", Some(1)),
            ("max 100000\n", None),
        ] {
            assert_eq!(
                quota_of("0::/a\n", V2, &[("sys/fs/cgroup/a/cpu.max", text)]),
                processors,
                "{text}"
            );
        }
    }

    #[test]
    fn the_tightest_group_on_the_way_to_the_root_counts() {
        let files = [
            ("sys/fs/cgroup/a/cpu.max", "250000 100000"),
            ("sys/fs/cgroup/a/b/cpu.max", "max 100000"),
        ];
        assert_eq!(quota_of("0::/a/b\n", V2, &files), Some(3));
    }

    #[test]
    fn version_one_is_read_from_its_own_files() {
        let quota = "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us";
        let period = "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us";
        let groups = "4:memory:/a\n3:cpu,cpuacct:/a\n";
        assert_eq!(
            quota_of(groups, V1, &[(quota, "350000\n"), (period, "100000\n")]),
            Some(4)
        );
        assert_eq!(
            quota_of(groups, V1, &[(quota, "-1\n"), (period, "100000\n")]),
            None
        );
    }

    #[test]
    fn a_container_that_sees_only_its_own_group_reads_it_at_the_mount() {
        let mounts = "35 24 0:30 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
        let files = [("sys/fs/cgroup/cpu.max", "150000 100000")];
        assert_eq!(quota_of("0::/docker/x\n", mounts, &files), Some(2));
        assert_eq!(quota_of("0::/\n", mounts, &files), Some(2));
    }

    #[test]
    fn without_groups_or_with_nonsense_in_them_there_is_no_limit() {
        assert_eq!(quota(Path::new("/nonexistent")), None);
        assert_eq!(
            quota_of("0::/a\n", V2, &[("sys/fs/cgroup/a/cpu.max", "1 0")]),
            None
        );
        assert_eq!(quota_of("nonsense\n", "nonsense\n", &[]), None);
    }
}

//! A disk that is soon full.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A small disk in memory (tmpfs); it is unmounted with this guard.
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// Mounts one of so many kB.
    ///
    /// # Errors
    /// Why none can be mounted here.
    ///
    /// # Panics
    /// When there is no folder.
    pub fn mount(kilobytes: usize) -> Result<Self, String> {
        let folder = TempDir::new().expect("a folder");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"])
            .arg(folder.path())
            .output()
            .map_err(|cause| format!("mount: {cause}"))?;
        if mount.status.success() {
            Ok(Self { folder })
        } else {
            Err(String::from_utf8_lossy(&mount.stderr).trim().to_owned())
        }
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Fills it until so many kB are left.
    ///
    /// # Panics
    /// When it cannot be written at all.
    pub fn fill(&self, but_kilobytes: u64) {
        let mut filler = std::fs::File::options().create(true).append(true).open(self.filler()).expect("a file");
        // Ends with what the system says of a full disk.
        while filler.write_all(&[0; 1024]).is_ok() {}
        let filled = filler.metadata().expect("its size").len();
        filler.set_len(filled.saturating_sub(but_kilobytes * 1024)).expect("a shorter file");
    }

    /// Gives the room back.
    ///
    /// # Panics
    /// When it was not filled.
    pub fn free(&self) {
        std::fs::remove_file(self.filler()).expect("the filler");
    }

    fn filler(&self) -> std::path::PathBuf {
        self.folder.path().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: whoever still has a file open there does not keep it mounted.
        let _the_folder_stays = Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}

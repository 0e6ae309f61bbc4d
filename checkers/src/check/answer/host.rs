//! Whether this machine is itself a virtual one, from the places that `systemd-detect-virt` looks at too.
//!
//! Read here rather than by that program: it is missing on machines without systemd, and inside a container it answers for
//! the container.

use std::{fs, path::Path};

/// What DMI calls a machine that is a guest.
const GUESTS: &[&str] = &[
    "kvm",
    "qemu",
    "bochs",
    "vmware",
    "innotek",
    "virtualbox",
    "xen",
    "parallels",
    "bhyve",
    "virtual machine",
    "openstack",
    "amazon ec2",
    "google compute",
    "apple virtualization",
    "cloud hypervisor",
    "firecracker",
    "hyper-v",
];

/// `Some(true)` where a hypervisor shows itself, `Some(false)` where it would and does not, `None` where nobody can say.
/// `root` is the root folder, another one in tests.
pub(super) fn is_virtual(root: &Path) -> Option<bool> {
    let read = |path: &str| fs::read(root.join(path)).map(|b| String::from_utf8_lossy(&b).into_owned()).ok();
    // Xen's first guest drives the hardware and sees the flag: its owner would call that machine a real one.
    if read("proc/xen/capabilities").is_some_and(|text| text.contains("control_d")) {
        return Some(false);
    }
    if ["sys/hypervisor/type", "proc/device-tree/hypervisor/compatible"].iter().any(|path| read(path).is_some()) {
        return Some(true);
    }
    let dmi = ["sys_vendor", "product_name", "board_vendor", "bios_vendor"];
    let dmi: Vec<String> = dmi.iter().filter_map(|name| read(&format!("sys/class/dmi/id/{name}"))).collect();
    if dmi.iter().any(|text| GUESTS.iter().any(|guest| text.to_lowercase().contains(guest))) {
        return Some(true);
    }
    let cpus = read("proc/cpuinfo")?;
    let flags = cpus.lines().find(|line| line.starts_with("flags") && line.contains(':'));
    match flags {
        // On x86 every hypervisor sets this bit unless it was told to hide.
        Some(flags) => Some(flags.split_whitespace().any(|flag| flag == "hypervisor")),
        // On other processors there is no such bit: firmware that names hardware is all there is.
        None if !dmi.is_empty() => Some(false),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(files: &[(&str, &str)]) -> Option<bool> {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        is_virtual(dir.path())
    }

    #[test]
    fn each_source_is_believed_in_turn() {
        let bare = ("proc/cpuinfo", "processor : 0\nflags\t\t: fpu vmx sse2\n");
        let guest = ("proc/cpuinfo", "flags\t\t: fpu hypervisor sse2\n");
        let arm = ("proc/cpuinfo", "processor : 0\nFeatures : fp asimd\n");
        assert_eq!(seen(&[bare]), Some(false));
        assert_eq!(seen(&[guest]), Some(true));
        assert_eq!(seen(&[guest, ("proc/xen/capabilities", "control_d\n")]), Some(false));
        assert_eq!(seen(&[bare, ("sys/class/dmi/id/product_name", "VirtualBox\n")]), Some(true));
        assert_eq!(seen(&[arm]), None);
        assert_eq!(seen(&[arm, ("sys/class/dmi/id/sys_vendor", "Raspberry Pi\n")]), Some(false));
        assert_eq!(seen(&[arm, ("proc/device-tree/hypervisor/compatible", "linux,kvm\0")]), Some(true));
        assert_eq!(seen(&[]), None);
    }
}

//! What a daemon is: version, store, BuildKit, cgroup version, memory, and which compose command goes with it.

use super::{EngineError, EngineInfo, clean, connect::Found, daemon_error, http::Reach};
use bollard::models::{SystemInfo, SystemVersion};
use std::{process::Stdio, time::Duration};
use tokio::{process::Command, time::timeout};

/// How long a compose command may take to say its version.
const COMPOSE: Duration = Duration::from_secs(5);

/// What only the engine itself needs to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// How far the daemon's clock is ahead of ours, in seconds.
    pub(crate) ahead: i64,
    /// How its containers are reached.
    pub(crate) reach: Reach,
}

/// Asks a daemon about itself.
pub(crate) async fn ask(found: &Found, compose: bool) -> Result<(EngineInfo, Facts), EngineError> {
    let compose = async { if compose { compose_command(&found.host.to_string()).await } else { None } };
    let (info, version, grpc, compose) =
        tokio::join!(found.docker.info(), found.docker.version(), found.host.dial_grpc(), compose);
    let info = info.map_err(daemon_error)?;
    let ahead = info.system_time.as_deref().and_then(seconds).map_or(0, |theirs| theirs as i64 - super::labels::now());
    let reach = reach(&info, own_kernel().as_deref());
    let info = digest(found, info, version.map_err(daemon_error)?, grpc.is_ok(), compose);
    Ok((info, Facts { ahead, reach }))
}

/// Containers can be reached by address only where their bridge is on this machine: not in a virtual machine (its kernel is
/// another), not in rootless Docker's own network namespace.
fn reach(info: &SystemInfo, own_kernel: Option<&str>) -> Reach {
    let rootless = info.security_options.iter().flatten().any(|option| option.contains("name=rootless"));
    if own_kernel.is_some() && info.kernel_version.as_deref() == own_kernel && !rootless {
        Reach::Address
    } else {
        Reach::Published
    }
}

#[cfg(target_os = "linux")]
fn own_kernel() -> Option<String> {
    Some(rustix::system::uname().release().to_string_lossy().into_owned())
}

#[cfg(not(target_os = "linux"))]
fn own_kernel() -> Option<String> {
    None
}

fn digest(found: &Found, info: SystemInfo, version: SystemVersion, grpc: bool, compose: Option<String>) -> EngineInfo {
    let text = |text: Option<String>| clean::line(&text.unwrap_or_default());
    let podman = version.components.iter().flatten().any(|component| component.name.to_lowercase().contains("podman"));
    let containerd_store = info
        .driver_status
        .iter()
        .flatten()
        .any(|pair| pair.iter().any(|part| part.starts_with("io.containerd.snapshotter")));
    EngineInfo {
        host: found.host.to_string(),
        found_by: found.found_by.clone(),
        version: text(version.version),
        api: found.docker.client_version().to_string(),
        operating_system: text(info.operating_system),
        kernel: text(info.kernel_version),
        arch: image_arch(&text(info.architecture)),
        storage: text(info.driver),
        containerd_store,
        buildkit: grpc && !podman,
        // Engines before 20.10 do not say; they know version 1 only.
        cgroup: match info.cgroup_version {
            Some(bollard::models::SystemInfoCgroupVersionEnum::_2) => 2,
            _ => 1,
        },
        compose,
        podman,
        memory: info.mem_total.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0),
        warnings: info.warnings.into_iter().flatten().map(|warning| clean::line(&warning)).collect(),
    }
}

/// A machine's architecture as images name it.
fn image_arch(machine: &str) -> String {
    match machine {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "armv7l" => "arm",
        "i686" | "i386" => "386",
        other => other,
    }
    .to_owned()
}

/// The compose command that would be used. Version 2 and later is a plugin (`docker compose`), version 1 a program of its
/// own (`docker-compose`), which got its last release in 2023.
pub(crate) async fn compose_command(host: &str) -> Option<String> {
    for (program, args, name) in [
        ("docker", &["compose", "version", "--short"][..], "docker compose"),
        ("docker-compose", &["version", "--short"][..], "docker-compose"),
    ] {
        let output = Command::new(program)
            .args(args)
            .env("DOCKER_HOST", host)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .output();
        if let Ok(Ok(output)) = timeout(COMPOSE, output).await
            && output.status.success()
        {
            let version = clean::line(&String::from_utf8_lossy(&output.stdout));
            return Some(format!("{name} {}", version.trim().trim_start_matches('v')));
        }
    }
    None
}

/// Unix seconds of an RFC 3339 time in UTC or with an offset. Only differences and whole seconds are of interest here, for
/// which a date library would be one dependency more in a crate that needs none elsewhere.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let rest = text.get(19..)?;
    let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let fraction =
        rest.strip_suffix(zone).filter(|digits| !digits.is_empty()).map_or(Ok(0.0), str::parse::<f64>).ok()?;
    let offset = match zone.as_bytes() {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let seconds = zone.get(1..3)?.parse::<i64>().ok()? * 3600 + zone.get(4..6)?.parse::<i64>().ok()? * 60;
            if *sign == b'+' { seconds } else { -seconds }
        }
        _ => return None,
    };
    // Days since 1970 of a date in the Gregorian calendar, years counted from March so that a leap day comes last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (m * 153 + 2) / 5 + day - 1 - 719_468;
    Some((days * 86_400 + hour * 3600 + minute * 60 + second - offset) as f64 + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1970-01-01T00:00:00Z", Some(0.0))]
    #[case("2026-11-21T09:00:53.123456789Z", Some(1_795_251_653.123_456_7))]
    #[case("2024-02-29T23:59:59Z", Some(1_709_251_199.0))]
    #[case("2024-03-01T00:00:00+05:30", Some(1_709_231_400.0))]
    #[case("2000-12-31T00:00:00.5-01:00", Some(978_224_400.5))]
    #[case("yesterday", None)]
    #[case("2024-13-01T00:00:00Z", None)]
    #[case("2024-01-01T00:00:00 Mars", None)]
    fn times_are_read(#[case] text: &str, #[case] want: Option<f64>) {
        let got = seconds(text);
        assert!(got.zip(want).map_or(got == want, |(got, want)| (got - want).abs() < 1e-6), "{got:?}");
    }

    #[test]
    fn containers_are_reached_by_address_only_on_this_kernel_and_not_rootless() {
        let mut info = SystemInfo { kernel_version: Some("6.1".into()), ..SystemInfo::default() };
        assert_eq!(reach(&info, Some("6.1")), Reach::Address);
        assert_eq!(reach(&info, Some("6.2")), Reach::Published);
        assert_eq!(reach(&info, None), Reach::Published);
        info.security_options = Some(vec!["name=seccomp".into(), "name=rootless".into()]);
        assert_eq!(reach(&info, Some("6.1")), Reach::Published);
    }

    #[test]
    fn architectures_are_named_as_images_name_them() {
        assert_eq!(image_arch("x86_64"), "amd64");
        assert_eq!(image_arch("aarch64"), "arm64");
        assert_eq!(image_arch("riscv64"), "riscv64");
    }
}

//! Names of images, with all that Docker leaves out filled in: `golang` is `docker.io/library/golang:latest`.

use std::fmt;

/// A name of an image, taken apart and normalised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    domain: String,
    path: String,
    tag: Option<String>,
    digest: Option<String>,
}

const HUB: &str = "docker.io";

impl Reference {
    /// Reads a name as FROM takes it; none where Docker would refuse it. `scratch` is no image and none as well.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "scratch" || text.len() > 512 {
            return None;
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        // A colon before a slash is a port.
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        let (domain, path) = match name.split_once('/') {
            Some((first, rest))
                if first.contains(['.', ':']) || first == "localhost" || first != first.to_lowercase() =>
            {
                (first, rest.to_owned())
            }
            Some(_) => (HUB, name.to_owned()),
            None => (HUB, format!("library/{name}")),
        };
        let domain = if matches!(domain, "index.docker.io" | "registry-1.docker.io") { HUB } else { domain };
        let path = if domain == HUB && !path.contains('/') { format!("library/{path}") } else { path };
        let sound = is_domain(domain)
            && path.split('/').all(is_component)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest);
        sound.then(|| Self {
            domain: domain.to_owned(),
            path,
            tag: match (tag, digest) {
                (None, None) => Some("latest".to_owned()),
                (tag, _) => tag.map(str::to_owned),
            },
            digest: digest.map(str::to_owned),
        })
    }

    /// The registry's host.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The repository within the registry (`library/golang`).
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The tag; none for one that has only a digest.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest that it is pinned to.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// The repository as a learner writes it (`golang`, `gcr.io/distroless/static`).
    pub fn repository(&self) -> String {
        match (self.domain.as_str(), self.path.strip_prefix("library/")) {
            (HUB, Some(name)) => name.to_owned(),
            (HUB, None) => self.path.clone(),
            (domain, _) => format!("{domain}/{}", self.path),
        }
    }

    /// The same image behind a mirror or pull-through cache: Docker Hub's images under their path alone, others under
    /// their registry's name, as caches that serve several registries lay them out.
    pub fn at_mirror(&self, mirror: &str) -> Self {
        let path = if self.domain == HUB { self.path.clone() } else { format!("{}/{}", self.domain, self.path) };
        Self { domain: mirror.to_owned(), path, ..self.clone() }
    }

    /// Whether `host` or `host:port` can be a registry's address.
    pub fn is_host(text: &str) -> bool {
        is_domain(text) && (text.contains(['.', ':']) || text == "localhost")
    }
}

/// As a learner writes it, with its tag.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository())?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

fn is_domain(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    port.is_none_or(|port| !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()))
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// Lower-case letters and digits, parted by one dot, one or two underscores, or any number of dashes.
fn is_component(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends = bytes.first().is_some_and(|b| plain(*b)) && bytes.last().is_some_and(|b| plain(*b));
    ends && text
        .split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        .all(|part| matches!(part, "" | "." | "_" | "__") || part.bytes().all(|b| b == b'-'))
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        matches!((algorithm, hex.len()), ("sha256", 64) | ("sha512", 128))
            && hex.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("golang", "docker.io", "library/golang", "golang:latest")]
    #[case("golang:1.26", "docker.io", "library/golang", "golang:1.26")]
    #[case("docker.io/golang:1.26", "docker.io", "library/golang", "golang:1.26")]
    #[case("index.docker.io/library/golang:1.26", "docker.io", "library/golang", "golang:1.26")]
    #[case("bitnami/node", "docker.io", "bitnami/node", "bitnami/node:latest")]
    #[case("gcr.io/distroless/static", "gcr.io", "distroless/static", "gcr.io/distroless/static:latest")]
    #[case("localhost/x", "localhost", "x", "localhost/x:latest")]
    #[case("lan:5000/x:1", "lan:5000", "x", "lan:5000/x:1")]
    fn names_are_filled_in(#[case] text: &str, #[case] domain: &str, #[case] path: &str, #[case] shown: &str) {
        let found = Reference::parse(text).unwrap();
        assert_eq!((found.domain(), found.path(), found.to_string().as_str()), (domain, path, shown));
        assert_eq!(Reference::parse(&found.to_string()), Some(found), "what is shown reads back");
    }

    #[test]
    fn a_digest_needs_no_tag_and_a_tag_stays_beside_it() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        let bare = Reference::parse(&format!("golang@{digest}")).unwrap();
        assert_eq!((bare.tag(), bare.digest()), (None, Some(digest.as_str())));
        let both = Reference::parse(&format!("golang:1.26@{digest}")).unwrap();
        assert_eq!(both.to_string(), format!("golang:1.26@{digest}"));
    }

    #[rstest]
    #[case("scratch")]
    #[case("")]
    #[case("Golang")]
    #[case("golang:")]
    #[case("golang:a b")]
    #[case("golang@sha256:12")]
    #[case("a..b/c")]
    #[case("x/../y")]
    #[case("-x.io/y")]
    #[case("x:999999/y")]
    #[case("golang:1.26\u{202e}")]
    fn what_docker_refuses_is_refused(#[case] text: &str) {
        assert_eq!(Reference::parse(text), None);
    }

    #[test]
    fn a_mirror_keeps_the_path() {
        let at = |text: &str| Reference::parse(text).unwrap().at_mirror("lan:5000").to_string();
        assert_eq!(at("golang:1.26"), "lan:5000/library/golang:1.26");
        assert_eq!(at("gcr.io/distroless/static"), "lan:5000/gcr.io/distroless/static:latest");
        assert!(Reference::is_host("lan:5000") && Reference::is_host("10.0.0.5") && !Reference::is_host("lan"));
    }
}

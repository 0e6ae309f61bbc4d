//! What is let through, and as what; what is refused, and why.

use super::*;

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// What files of the steps' folder hold.
fn file(name: &str) -> Option<String> {
    match name {
        // As docker prints it, with the address of the check's own registry.
        "ref.txt" => Some(format!("127.0.0.1:32768/ds-1/chai-api@{DIGEST}\n")),
        "digest.txt" => Some(format!("{DIGEST}\n")),
        "evil.txt" => Some("--privileged busybox".to_owned()),
        _ => None,
    }
}

fn rewritten(line: &str) -> String {
    let images = [("busybox:1.37".to_owned(), "dockshala.local/busybox:1.37".to_owned())].into();
    let names = Names {
        prefix: "ds-1".into(),
        images,
        made: "dockshala.local/ds-1/".into(),
        registry: "127.0.0.1:32768/ds-1/".into(),
        label: "stage=ds-1".into(),
    };
    let steps = read(line).unwrap_or_else(|e| panic!("{line}: {e:?}"));
    let argv =
        |step: &Step| step.argv(&names, &["--label=x".to_owned()], file).map_or_else(|e| e, |argv| argv.join(" "));
    steps.iter().map(argv).collect::<Vec<_>>().join("\n")
}

#[test]
fn names_are_the_checks_own_and_all_else_is_as_written() {
    for (line, want) in [
        (
            "docker run -dit --name chai -p 127.0.0.1:8080:80 -v khata:/data busybox:1.37 sh -c 'echo chai; sleep 9'",
            "docker run --label=x -d -i --name=ds-1-chai -p 127.0.0.1::80/tcp -v ds-1-khata:/data \
             dockshala.local/busybox:1.37 sh -c echo chai; sleep 9",
        ),
        (
            "docker run -m 64m --cpus=.5 busybox:1.37",
            "docker run --label=x -m 64m --cpus=.5 dockshala.local/busybox:1.37",
        ),
        ("docker container stop -t 1 chai", "docker stop --label=x -t 1 ds-1-chai"),
        ("docker network connect mandi chai", "docker network connect --label=x ds-1-mandi ds-1-chai"),
        ("docker exec chai ls chai", "docker exec --label=x ds-1-chai ls chai"),
        ("docker cp chai:/a ./a.txt", "docker cp --label=x ds-1-chai:/a ./a.txt"),
        (
            "docker run --mount type=volume,src=khata,dst=/d,readonly busybox:1.37",
            "docker run --label=x --mount=type=volume,dst=/d,readonly,source=ds-1-khata dockshala.local/busybox:1.37",
        ),
        (
            "docker run --network container:chai busybox:1.37",
            "docker run --label=x --network=container:ds-1-chai dockshala.local/busybox:1.37",
        ),
        (
            "docker run -l dev.dockshala.run=1 -p 8080:80 busybox:1.37",
            "docker run --label=x -p 80/tcp dockshala.local/busybox:1.37",
        ),
        (
            "docker run -v /cache busybox:1.37",
            "docker run --label=x -v ds-1-unnamed-1-0:/cache dockshala.local/busybox:1.37",
        ),
        ("docker rm -fv chai", "docker rm --label=x -f -v ds-1-chai"),
    ] {
        assert_eq!(rewritten(line), want);
    }
}

#[test]
fn what_opens_the_host_or_is_not_of_these_steps_is_refused() {
    for (line, why) in [
        ("docker run --privileged busybox", Why::Host),
        ("docker run --pid=host busybox", Why::Host),
        ("docker run --network host busybox", Why::Host),
        ("docker run --security-opt seccomp=unconfined busybox", Why::Host),
        ("docker run --cap-add ALL busybox", Why::Host),
        ("docker run -P busybox", Why::Host),
        ("docker run -v /:/host busybox", Why::Mount),
        ("docker run -v ./x:/host busybox", Why::Mount),
        ("docker run -v ~/x:/host busybox", Why::Mount),
        ("docker run -v/etc:/e busybox", Why::Mount),
        ("docker run --mount type=bind,source=/,target=/h busybox", Why::Mount),
        ("docker run --mount source=x,target=/h,volume-opt=device=/ busybox", Why::Mount),
        ("docker run '--mount=type=volume,\"source=/\",target=/h' busybox", Why::Mount),
        ("docker cp chai:/x /etc/cron.d/x", Why::Mount),
        ("docker cp ../x chai:/x", Why::Mount),
        ("docker cp a:/x b:/x", Why::Mount),
        ("docker run -p 8000-8010:80 busybox", Why::Flag),
        ("docker run --new busybox", Why::Flag),
        ("docker run --network container:/x busybox", Why::Flag),
        ("docker run --name ../x busybox", Why::Flag),
        ("docker network create -d macvlan x", Why::Flag),
        ("docker system prune --filter until=1h", Why::Others),
        ("docker builder prune -f", Why::Others),
        ("docker rmi busybox:1.37", Why::Image),
        ("docker push chai-api:1.4", Why::Image),
        ("docker push localhost:5000/Chai", Why::Image),
        ("docker push registry.example/x", Why::Image),
        ("docker tag busybox:1.37 UPPER", Why::Image),
        ("docker tag busybox:1.37 localhost:5000/x@sha256:aa", Why::Image),
        ("docker commit -c 'LABEL dev.dockshala.run=1' x", Why::Flag),
        ("docker run --name $(cat name.txt) busybox", Why::Shell),
        ("docker run busybox $(cat name.txt)", Why::Shell),
        ("docker prune -f", Why::Command),
        ("docker -H tcp://x ps", Why::Command),
        ("docker build .", Why::Command),
        ("docker swarm init", Why::Command),
        ("docker plugin install x", Why::Command),
        ("docker rm", Why::Command),
        ("docker rm /x", Why::Command),
        ("docker", Why::Command),
        ("rm -rf /", Why::Command),
        ("sleep 3600", Why::Command),
        ("sleep nan", Why::Command),
        ("docker run $(id) busybox", Why::Shell),
        ("docker ps | sh", Why::Shell),
    ] {
        let refused = read(&format!("docker ps\n{line}\n")).expect_err(line);
        assert_eq!((refused.line, refused.why), (2, why), "{line}: {refused:?}");
    }
}

#[test]
fn what_a_step_makes_is_known() {
    let steps =
        read("docker run --name x -v a:/a --mount source=b,target=/b -m 1g busybox:1.37 -v c:/c\nsleep .5").unwrap();
    assert_eq!((steps[0].makes, steps[0].volumes.join(" ")), (Makes::Container, "a b".to_owned()));
    assert_eq!((steps[0].name.as_deref(), steps[0].limits), (Some("x"), (true, false)));
    assert_eq!(steps[1].pause, Some(Duration::from_millis(500)));
    assert!(read("echo namaste\ndocker pull busybox\nset -eu").unwrap().is_empty());
}

#[test]
fn images_are_the_steps_own_or_the_registrys() {
    let script = "docker commit -m note oven chai-api\ndocker run chai-api:latest\ndocker tag chai-api localhost:5000/chai-api:1.4\n\
                  docker push 127.0.0.1:5000/chai-api:1.4\ndocker image inspect -f x localhost:5000/chai-api:1.4\n\
                  docker pull \"$(cat ref.txt)\"\ndocker run localhost:5000/chai-api@$(cat digest.txt) sh\n\
                  docker rmi chai-api\ndocker image ls --digests localhost:5000/chai-api";
    let want = [
        "docker commit --label=x -m note ds-1-oven dockshala.local/ds-1/chai-api:latest",
        "docker run --label=x dockshala.local/ds-1/chai-api:latest",
        "docker tag --label=x dockshala.local/ds-1/chai-api:latest 127.0.0.1:32768/ds-1/chai-api:1.4",
        "docker push --label=x 127.0.0.1:32768/ds-1/chai-api:1.4",
        "docker image inspect --label=x -f x 127.0.0.1:32768/ds-1/chai-api:1.4",
        &format!("docker pull --label=x 127.0.0.1:32768/ds-1/chai-api@{DIGEST}"),
        &format!("docker run --label=x 127.0.0.1:32768/ds-1/chai-api@{DIGEST} sh"),
        "docker rmi --label=x dockshala.local/ds-1/chai-api:latest",
        "docker image ls --label=x --digests 127.0.0.1:32768/ds-1/chai-api",
    ];
    assert_eq!(rewritten(script), want.join("\n"));
    let steps = read(script).unwrap();
    assert!(steps[..2].iter().all(|s| !s.registry) && steps[2..7].iter().all(|s| s.registry));
    assert!(steps[6].may_pull && !steps[1].may_pull);
    assert_eq!(steps[6].shown, "docker run localhost:5000/chai-api@$(cat digest.txt) sh");
    // Made by the steps before, else not the steps' own to remove.
    assert!(read("docker rmi chai-api").is_err());
    assert!(read_after("docker rmi chai-api", &steps).is_ok());
    assert!(rewritten("docker run $(cat evil.txt)").contains("not an image of localhost:5000"));
    assert!(rewritten("docker pull localhost:5000/x@$(cat gone.txt)").contains("No such file"));
}

#[test]
fn a_prune_takes_what_is_the_steps_own() {
    let filter = "--filter label=stage=ds-1";
    for (line, want) in [
        ("docker container prune -f", format!("docker container prune --label=x {filter} -f")),
        ("docker image prune -af", format!("docker image prune --label=x {filter} -a -f")),
        ("docker volume prune", format!("docker volume prune --label=x {filter}")),
        (
            "docker system prune -f --volumes",
            ["container", "network", "volume", "image"]
                .map(|what| format!("docker {what} prune --label=x {filter} -f"))
                .join("\n"),
        ),
    ] {
        assert_eq!(rewritten(line), want);
    }
}

#[test]
fn what_docker_says_is_in_the_learners_words() {
    let names = Names {
        prefix: "ds-1".into(),
        images: [("busybox:1.37".to_owned(), "dockshala.local/busybox:1.37".to_owned())].into(),
        made: "dockshala.local/run/ds-1/".into(),
        registry: "127.0.0.1:32768/run/ds-1/".into(),
        label: String::new(),
    };
    let said = names.unwrapped("127.0.0.1:32768/run/ds-1/chai:1 of dockshala.local/run/ds-1/x:1 in ds-1-oven");
    assert_eq!(said, "localhost:5000/chai:1 of x:1 in oven");
    assert_eq!(names.learners_image("dockshala.local/busybox:1.37"), "busybox:1.37");
    assert_eq!(names.learners_image("127.0.0.1:32768/run/ds-1/chai@sha256:a"), "localhost:5000/chai@sha256:a");
    assert_eq!((names.learners("/ds-1-oven").as_deref(), names.learners("/else")), (Some("oven"), None));
    let own = Names::default();
    assert_eq!((own.own("oven").as_str(), own.learners("/oven").as_deref()), ("oven", Some("oven")));
    assert_eq!(own.unwrapped("a-b"), "a-b");
}

#[test]
fn every_line_that_is_refused_is_told_of_at_once() {
    let script = "docker ps\ndocker ps | sh\ndocker run -v /:/h busybox\ndocker stop x\nls\ndocker run $(id)\n";
    let told: Vec<(u32, Why)> = problems(script, &[]).into_iter().map(|no| (no.line, no.why)).collect();
    assert_eq!(told, [(2, Why::Shell), (3, Why::Mount), (5, Why::Command), (6, Why::Shell)]);
    assert_eq!(read(script).unwrap_err().line, 2);
    assert!(problems("docker ps\n", &[]).is_empty());
}

#[test]
fn a_step_is_shown_as_one_could_type_it_again() {
    for line in [
        "docker run --rm -v khata:/from busybox:1.37 sh -c 'cd /from; tar -c *' > khata.tar",
        "docker run --rm -i -v naya:/to busybox:1.37 tar -C /to -x < khata.tar",
    ] {
        assert_eq!(read(line).unwrap()[0].shown, line);
    }
}

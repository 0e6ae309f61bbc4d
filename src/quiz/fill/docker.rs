//! Docker command lines, as Docker understands them: which flags there are, which take a value, which are two names of one.

use dockshala_checkers::spec::docker::split;

/// A command: the subcommand, its flags by their long names, and the words that are none.
#[derive(Debug, PartialEq)]
pub(super) struct Docker {
    command: &'static str,
    flags: Vec<(String, String)>,
    words: Vec<String>,
}

const RUN: &str = "-d --detach -i --interactive -t --tty --rm --init --read-only -P --publish-all -p= --publish= \
    --name= -e= --env= --env-file= -v= --volume= --mount= --tmpfs= -w= --workdir= -u= --user= -m= \
    --memory= --cpus= --pids-limit= --network= --net= --network-alias= --restart= --entrypoint= -h= \
    --hostname= -l= --label= --stop-timeout= --stop-signal= --cap-add= --cap-drop= --security-opt= \
    --ulimit= --platform= --pull= --add-host= --health-cmd= --log-opt= --log-driver= --privileged --pid= \
    --memory-swap=";

const LIST: &str = "-a --all -q --quiet -s --size -l --latest --no-trunc -f= --filter= -n= --last= --format=";

/// Subcommand, flags (`=`: takes a value), and whether they end at the first word that is none, because what follows belongs
/// to a container.
const COMMANDS: &[(&str, &str, bool)] = &[
    ("run", RUN, true),
    ("create", RUN, true),
    ("container run", RUN, true),
    ("exec", "-d --detach -i --interactive -t --tty -e= --env= -u= --user= -w= --workdir=", true),
    (
        "build",
        "-t= --tag= -f= --file= --target= --build-arg= --secret= --ssh= --platform= -o= --output= --progress= \
        --no-cache --pull -q --quiet --check --cache-from= --cache-to= --network= --label= --load --push \
        --squash",
        false,
    ),
    ("ps", LIST, false),
    ("container ls", LIST, false),
    ("images", "-a --all -q --quiet --digests --no-trunc -f= --filter= --format=", false),
    ("image ls", "-a --all -q --quiet --digests --no-trunc -f= --filter= --format=", false),
    ("logs", "-f --follow -t --timestamps -n= --tail= --since= --until= --details", false),
    ("rm", "-f --force -v --volumes -l --link", false),
    ("rmi", "-f --force --no-prune", false),
    ("image rm", "-f --force --no-prune", false),
    ("stop", "-t= --time= --timeout= -s= --signal=", false),
    ("restart", "-t= --time= --timeout= -s= --signal=", false),
    ("kill", "-s= --signal=", false),
    ("history", "-H --human --no-trunc -q --quiet --format=", false),
    ("inspect", "-f= --format= -s --size --type=", false),
    ("system df", "-v --verbose --format=", false),
    ("system prune", "-a --all -f --force --volumes --filter=", false),
    ("image prune", "-a --all -f --force --filter=", false),
    ("volume prune", "-a --all -f --force --filter=", false),
    ("builder prune", "-a --all -f --force --filter= --keep-storage=", false),
    ("buildx prune", "-a --all -f --force --filter=", false),
    ("save", "-o= --output=", false),
    ("load", "-i= --input= -q --quiet", false),
    ("compose up", "-d --detach --build --wait --no-deps --scale= --force-recreate", false),
    ("compose down", "-v --volumes --rmi= --remove-orphans -t= --timeout=", false),
    ("compose logs", "-f --follow -t --timestamps -n= --tail=", false),
    (
        "service create",
        "--name= --replicas= -p= --publish= -e= --env= --network= --mount= --secret= --config= --constraint= \
        --mode= -d --detach --limit-memory= --limit-cpu= --update-delay= --update-parallelism= \
        --update-failure-action=",
        true,
    ),
    (
        "service update",
        "--image= --replicas= --rollback --force --update-delay= --update-parallelism= \
        --update-failure-action= --publish-add= --env-add= -d --detach --secret-add= --secret-rm=",
        false,
    ),
    ("node update", "--availability= --role= --label-add= --label-rm=", false),
    ("stack deploy", "-c= --compose-file= -d --detach --prune --with-registry-auth", false),
    ("swarm init", "--advertise-addr= --listen-addr= --force-new-cluster", false),
    ("swarm join", "--token= --advertise-addr= --listen-addr=", false),
];

/// The long name of a short flag, by command: `-f` follows logs, names a file and forces.
fn long(command: &str, flag: &str) -> String {
    const GENERAL: &[(&str, &str)] = &[
        ("-d", "--detach"),
        ("-i", "--interactive"),
        ("-t", "--tty"),
        ("-p", "--publish"),
        ("-P", "--publish-all"),
        ("-e", "--env"),
        ("-v", "--volume"),
        ("-w", "--workdir"),
        ("-u", "--user"),
        ("-m", "--memory"),
        ("-h", "--hostname"),
        ("-l", "--label"),
        ("--net", "--network"),
        ("-q", "--quiet"),
        ("-a", "--all"),
        ("-o", "--output"),
        ("-s", "--size"),
        ("-c", "--compose-file"),
    ];
    let own: &[(&str, &str)] = match command {
        "build" => &[("-t", "--tag"), ("-f", "--file")],
        "ps" | "container ls" => &[("-f", "--filter"), ("-n", "--last"), ("-l", "--latest")],
        "images" | "image ls" => &[("-f", "--filter")],
        "logs" | "compose logs" => &[("-f", "--follow"), ("-t", "--timestamps"), ("-n", "--tail")],
        "rm" => &[("-f", "--force"), ("-v", "--volumes"), ("-l", "--link")],
        "stop" | "restart" => &[("-t", "--time"), ("--timeout", "--time"), ("-s", "--signal")],
        "kill" => &[("-s", "--signal")],
        "inspect" => &[("-f", "--format")],
        "history" => &[("-H", "--human")],
        "system df" => &[("-v", "--verbose")],
        "load" => &[("-i", "--input")],
        "compose down" => &[("-v", "--volumes"), ("-t", "--timeout")],
        _ if command.ends_with("prune") || command.starts_with("rmi") || command == "image rm" => &[("-f", "--force")],
        _ => &[],
    };
    let found = own.iter().chain(GENERAL).find(|(short, _)| *short == flag);
    found.map_or(flag, |(_, long)| *long).to_owned()
}

/// Reads a docker command; none where its subcommand or a flag is not known, so that nothing is guessed.
pub(super) fn read(argv: &[String]) -> Option<Docker> {
    let (program, rest) = argv.split_first()?;
    if program != "docker" {
        return None;
    }
    let length = |command: &str| command.split(' ').count();
    let fits = |command: &str| command.split(' ').zip(rest).filter(|(a, b)| a == b).count() == length(command);
    let &(command, known, ends) = COMMANDS.iter().filter(|c| fits(c.0)).max_by_key(|c| c.0.len())?;
    let known: Vec<&'static str> = known.split_whitespace().collect();
    let mut rest = &rest[length(command)..];
    let (mut flags, mut words) = (Vec::new(), Vec::new());
    loop {
        let (found, left) = split(&known, rest).ok()?;
        flags.extend(found.into_iter().map(|(name, value)| (long(command, name), value.to_owned())));
        match left.split_first() {
            Some(_) if ends => {
                words.extend_from_slice(left);
                break;
            }
            Some((word, more)) => {
                words.push(word.clone());
                rest = more;
            }
            None => break,
        }
    }
    // What is given twice adds up, or the last one wins: the order of different flags never matters.
    flags.sort();
    Some(Docker { command, flags, words })
}

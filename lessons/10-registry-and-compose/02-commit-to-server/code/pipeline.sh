# pipeline.sh: from the last commit to the registry. The first step that fails ends it.
set -eu
commit=$(git -C shop rev-parse --short=12 HEAD)
image=localhost:5078/chai/bill:$commit
pack() { git -C shop archive HEAD | docker build "$@" -; }

if ! pack --target test --progress plain >gate.log 2>&1; then
    grep -o "three cups.*" gate.log | head -1
    exit 1
fi
pack -q -t "$image" --build-arg COMMIT="$commit" >/dev/null
docker push -q "$image" >/dev/null
echo "$commit $(docker image inspect -f '{{index .RepoDigests 0}}' "$image")" >> releases.txt

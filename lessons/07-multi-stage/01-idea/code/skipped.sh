docker build -t chai:untested -f skipped.Dockerfile api &&
    echo "Built. No test ever ran."
docker build --target test -f skipped.Dockerfile api ||
    echo "Asked for by name, the test stops it."
docker image rm -f chai:untested >/dev/null

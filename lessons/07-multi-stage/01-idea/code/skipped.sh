docker build -t chai:untested -f skipped.Dockerfile api && echo "Built. The failing test stage never ran."
docker build --target test -f skipped.Dockerfile api || echo "Asked for by name, the test stage stops the build."
docker image rm -f chai:untested >/dev/null

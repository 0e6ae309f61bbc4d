docker build -q --target pages --output out -f out.Dockerfile dhaba
ls out
rm -r out

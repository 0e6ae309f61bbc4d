printf 'ghp_1234' > token
docker build -t shop:tight --secret id=token,src=token -f tight.Dockerfile shop
mkdir layers && docker image save shop:tight | tar -xC layers
find layers -type f -exec zcat -f {} + | grep -a -c -e ghp_1234 -e adrak -e MARGIN || true
docker run --rm shop:tight
rm -r token layers
docker image rm -f shop:tight >/dev/null

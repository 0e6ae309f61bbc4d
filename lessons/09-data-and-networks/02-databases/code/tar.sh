docker build -q -t box -f box.Dockerfile db >/dev/null
docker run --rm -v khata:/data box sh -c 'echo "masala 340" > /data/friday; echo me > /data/.owner'

docker run --rm -v khata:/from:ro box tar -C /from -c . > khata.tar
tar -tf khata.tar
docker run --rm -i -v khata-new:/to box tar -C /to -x < khata.tar

docker run --rm -v khata:/a:ro -v khata-new:/b:ro box diff -r /a /b && echo "the same"
docker volume rm khata khata-new >/dev/null
rm khata.tar; docker image rm -f box >/dev/null

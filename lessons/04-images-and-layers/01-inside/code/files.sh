docker build -t stall -f stall.Dockerfile shop
docker create --name stall-look stall >/dev/null
docker export stall-look -o house.tar
echo "entries:        $(tar -tf house.tar | wc -l)"
echo "programs:       $(tar -tf house.tar | grep -c '^bin/.')"
echo "of the shop:    $(tar -tf house.tar | grep '^shop/.' | tr '\n' ' ')"
echo "kernels:        $(tar -tf house.tar | grep -c vmlinuz || true)"
docker rm stall-look >/dev/null; docker image rm -f stall >/dev/null

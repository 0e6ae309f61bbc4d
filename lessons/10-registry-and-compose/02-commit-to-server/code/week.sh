. ./kitchen.sh
echo "Monday: the first release"
commit "Bills"
sh pipeline.sh && sh deploy.sh $(release 1)
echo "Tuesday: a discount"
sed -i 's/CUPS \* PRICE/CUPS * PRICE - 5/' shop/bill; commit "Five rupees off"
sh pipeline.sh && sh deploy.sh $(release 2) ||
    echo "red; still there: $(docker ps --filter name=counter --format '{{.Names}}')"
echo "Wednesday: milk is dearer"
sed -i 's/ - 5//; s/PRICE=10/PRICE=100/' shop/bill; commit "New price"
sh pipeline.sh && sh deploy.sh $(release 2)
echo "Five minutes later: the release before"
sh deploy.sh $(release 1)
echo "releases:"; cat releases.txt | cut -c1-72

echo "--- ps | grep till.sh";    { sleep 1; ps; } | grep till.sh
echo "--- ps | grep [t]ill.sh";  { sleep 1; ps; } | grep '[t]ill.sh'
echo "--- by its number";        kill -0 1 && echo "1 is there"

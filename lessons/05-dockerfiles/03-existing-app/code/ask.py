import sys
import time
import urllib.request

for _ in range(20):
    try:
        print(urllib.request.urlopen(sys.argv[1], timeout=2).read().decode(), end="")
        break
    except OSError as error:
        said = getattr(error, "reason", error)
        time.sleep(0.2)
else:
    print(said)

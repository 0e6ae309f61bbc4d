import sys
import time
import urllib.request

for _ in range(15):
    try:
        print("status", urllib.request.urlopen(sys.argv[1], timeout=2).status)
        break
    except OSError as error:
        said = getattr(error, "reason", error)
        time.sleep(0.2)
else:
    print(said)

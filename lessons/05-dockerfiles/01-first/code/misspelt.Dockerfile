FROM busybox:1.37
CMMD ["echo", "namaste"]

docker build --no-cache --progress=plain -f old-flag.Dockerfile board 2>&1 |
    grep -o 'npm warn.*'

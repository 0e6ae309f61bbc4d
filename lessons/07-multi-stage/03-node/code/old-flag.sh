docker build --progress=plain --no-cache -f old-flag.Dockerfile board 2>&1 | grep -o 'npm warn config only .*' | head -1

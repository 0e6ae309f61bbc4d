docker --help | sed -n '/^Common Commands/,/^$/p'

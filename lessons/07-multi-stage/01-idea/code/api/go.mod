module chai-menu

go 1.24

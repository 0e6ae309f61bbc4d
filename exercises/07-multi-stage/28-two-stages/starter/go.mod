module chai-api

go 1.24

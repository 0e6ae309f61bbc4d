module station-clock

go 1.24

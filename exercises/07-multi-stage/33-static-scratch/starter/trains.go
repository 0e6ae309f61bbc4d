package main

type train struct {
	number, name, departs string
	platform              int
}

var trains = []train{
	{"12124", "Deccan Queen", "07:15", 1},
	{"12126", "Pragati Express", "07:50", 2},
	{"11008", "Deccan Express", "15:15", 3},
	{"12128", "Intercity Express", "17:55", 5},
}

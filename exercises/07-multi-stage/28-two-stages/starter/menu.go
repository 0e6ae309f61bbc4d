package main

type item struct {
	name   string
	rupees int
}

var menu = []item{
	{"cutting", 10},
	{"masala", 15},
	{"adrak", 18},
	{"irani", 25},
}

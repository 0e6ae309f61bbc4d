package main

import "testing"

func TestEveryItemHasAPrice(t *testing.T) {
	for _, item := range menu {
		if item.rupees <= 0 {
			t.Errorf("%s costs %d rupees", item.name, item.rupees)
		}
	}
}

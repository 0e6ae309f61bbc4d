package main

import (
	"os"
	"strconv"
)

var owed = map[string][]int{
	"Asha":  {420, 245, 645},
	"Imran": {99, 180},
}

// rupees writes 1310 as 1,310.
func rupees(n int) string {
	text := strconv.Itoa(n)
	if len(text) > 3 {
		return text[:len(text)-3] + "," + text[len(text)-3:]
	}
	return text
}

func main() {
	for _, name := range []string{"Asha", "Imran"} {
		sum := 0
		for _, bill := range owed[name] {
			sum += bill
		}
		os.Stdout.WriteString(name + ": Rs " + rupees(sum) + "\n")
	}
}

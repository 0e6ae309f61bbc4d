// The counter of the mandi works out what a heap costs. A web server starts it for each question (that is called CGI), gives
// it the question in QUERY_STRING and sends on what it prints.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Rupees for a quintal.
var rates = map[string]int{"pyaaz": 2200, "tamatar": 1800, "aloo": 1400}

func main() {
	ask := map[string]string{}
	for _, part := range strings.Split(os.Getenv("QUERY_STRING"), "&") {
		key, value, _ := strings.Cut(part, "=")
		ask[key] = value
	}
	kg, err := strconv.Atoi(ask["kg"])
	rate, known := rates[ask["crop"]]
	fmt.Print("Content-Type: text/plain\r\n\r\n")
	if err != nil || !known {
		fmt.Println("ask for crop=pyaaz&kg=250")
		return
	}
	fmt.Printf("%d kg %s: Rs %d\n", kg, ask["crop"], kg*rate/100)
}

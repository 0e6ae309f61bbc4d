package main

import "fmt"

func main() {
	fmt.Println("masala  Rs 15")
	fmt.Println("cutting Rs 10")
}

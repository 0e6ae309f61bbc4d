package main

func main() {
	println("namaste")
}

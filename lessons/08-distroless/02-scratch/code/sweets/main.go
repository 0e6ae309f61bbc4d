package main

import (
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "-check" {
		check()
	}
	if len(os.Args) > 1 && os.Args[1] == "-look" {
		look()
		return
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "jalebi  Rs 30") })
	fmt.Println("sweets on port 8080")
	fmt.Println(http.ListenAndServe(":8080", nil))
}

// Is the server in this container well? It asks itself: on scratch nobody else could.
func check() {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get("http://127.0.0.1:8080/")
	if err != nil || answer.StatusCode != http.StatusOK {
		os.Exit(1)
	}
	os.Exit(0)
}

// What is there, and what is not?
func look() {
	fmt.Println("user id:     ", os.Getuid())
	paths := []string{"/etc/passwd", "/etc/ssl/certs/ca-certificates.crt", "/tmp", "/bin/sh",
		"/etc/resolv.conf", "/proc/self", "/dev/null"}
	for _, path := range paths {
		_, err := os.Stat(path)
		fmt.Printf("%-36s %v\n", path, err == nil)
	}
	_, err := time.LoadLocation("Asia/Kolkata")
	fmt.Println("Indian time: ", err == nil)
	_, err = os.CreateTemp("", "sugar")
	fmt.Println("a temp file: ", err == nil)
}

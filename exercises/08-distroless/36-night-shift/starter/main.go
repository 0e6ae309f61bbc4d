package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

const place = "127.0.0.1:8080"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "-check" {
		check()
	}
	var sold atomic.Bool
	full := make(chan os.Signal, 1)
	signal.Notify(full, syscall.SIGUSR1)
	go func() {
		<-full
		fmt.Println("milk is over")
		sold.Store(true)
	}()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if sold.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "milk  Rs 30")
	})
	fmt.Println("booth open")
	fmt.Println(http.ListenAndServe(place, nil))
	os.Exit(1)
}

// check asks the booth in this container, and says by its exit code how it is.
func check() {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get("http://" + place + "/")
	if err != nil || answer.StatusCode != http.StatusOK {
		os.Exit(1)
	}
	os.Exit(0)
}

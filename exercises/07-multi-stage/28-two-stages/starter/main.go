// chai-api serves the menu of a tea stall.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os/signal"
	"syscall"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "namaste")
	})
	mux.HandleFunc("GET /menu", func(w http.ResponseWriter, r *http.Request) {
		for _, item := range menu {
			fmt.Fprintf(w, "%-8s Rs %d\n", item.name, item.rupees)
		}
	})

	server := &http.Server{Addr: ":8080", Handler: mux}
	// docker stop sends SIGTERM to process 1, which is this program.
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	go func() {
		<-stop.Done()
		server.Shutdown(context.Background())
	}()

	log.Println("chai-api on port 8080")
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}

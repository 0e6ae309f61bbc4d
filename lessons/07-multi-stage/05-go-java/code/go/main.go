package main

import (
	"fmt"
	"os/user"
	"time"
)

func main() {
	if _, err := user.Lookup("root"); err != nil {
		fmt.Println("users:", err)
	}
	pune, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		fmt.Println("clock:", err)
		return
	}
	departs := time.Date(2026, 8, 3, 1, 45, 0, 0, time.UTC)
	fmt.Println("12124 Deccan Queen departs", departs.In(pune).Format("15:04 MST"))
}

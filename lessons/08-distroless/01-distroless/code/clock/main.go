package main

import (
	"fmt"
	"os/user"
)

func main() {
	me, err := user.Current()
	if err != nil {
		fmt.Println("nobody knows:", err)
		return
	}
	fmt.Println("the stall is run by", me.Username, me.Uid)
}

// gaadi prints the board of a railway station.
package main

import (
	"fmt"
	"os"
	"os/user"
)

func main() {
	fmt.Println("PUNE JN")
	for _, t := range trains {
		fmt.Printf("%s  %-22s %s  pf %d\n", t.number, t.name, t.departs, t.platform)
	}
	fmt.Println("on duty:", onDuty())
}

// onDuty is the user this process runs as. A scratch image has no /etc/passwd, and so no names: the number must do.
func onDuty() string {
	if me, err := user.LookupId(fmt.Sprint(os.Getuid())); err == nil {
		return me.Username
	}
	return fmt.Sprintf("uid %d", os.Getuid())
}
